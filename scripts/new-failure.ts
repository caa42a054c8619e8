/** `npx tsx scripts/new-failure.ts some-id`: the file of a new failure, listed in the catalogue. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = 'src/failures/catalogue';

function camelCase(id: string): string {
  return id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function template(id: string): string {
  return `import { defineFailure } from '../define.ts';

export default defineFailure({
  id: '${id}',
  group: 'versions',
  title: '',
  why: '',
  signs: [],
  mends: [],
  sources: [],
});
`;
}

/** Imports and list of the catalogue, made anew from the folder. */
function list(): void {
  const index = `${folder}/index.ts`;
  const ids = readdirSync(folder)
    .filter(name => name.endsWith('.ts') && name !== 'index.ts')
    .map(name => name.slice(0, -3))
    .sort();
  const text = readFileSync(index, 'utf8')
    .replace(
      /(?:import \w+ from '\.\/[\w-]+\.ts';\n)+/,
      ids.map(id => `import ${camelCase(id)} from './${id}.ts';\n`).join(''),
    )
    .replace(/(readonly Failure\[\] = \[\n)[^\]]*\]/, `$1${ids.map(id => `  ${camelCase(id)},\n`).join('')}]`);
  writeFileSync(index, text);
}

const id = process.argv[2];
if (!id || !/^[a-z][a-z0-9-]+$/.test(id)) {
  console.error('usage: npx tsx scripts/new-failure.ts some-id   (kebab-case)');
  process.exitCode = 2;
} else if (existsSync(`${folder}/${id}.ts`)) {
  console.error(`${folder}/${id}.ts is there already`);
  process.exitCode = 2;
} else {
  writeFileSync(`${folder}/${id}.ts`, template(id));
  list();
  console.log(`wrote ${folder}/${id}.ts`);
}
