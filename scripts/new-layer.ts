/**
 * Starts a new built-in layer: `npx tsx scripts/new-layer.ts HardConcrete` writes the definition's file and its test,
 * and lists it in the registry. See docs/adding-a-layer.md for what to fill in.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const registry = 'src/layers/registry.ts';

function main([className]: readonly string[]): void {
  if (!className || !/^[A-Z][A-Za-z0-9]*$/.test(className)) {
    throw new Error('usage: npx tsx scripts/new-layer.ts ClassName');
  }
  const file = fileNameOf(className);
  const paths = { layer: `src/layers/${file}.ts`, test: `test/layers/${file}.test.ts` };
  for (const path of Object.values(paths)) if (existsSync(path)) throw new Error(`${path} is there already`);
  writeFileSync(paths.layer, definition(className));
  writeFileSync(paths.test, test(className));
  writeFileSync(registry, registered(readFileSync(registry, 'utf8'), file));
  console.log(`${paths.layer}, ${paths.test} and ${registry}: fill them in, then npx vitest run ${paths.test}`);
}

/** `GRUCell` → `gru-cell`, `Conv2D` → `conv2d`. */
function fileNameOf(className: string): string {
  return className
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

function definition(className: string): string {
  return `/** ${className}: what it computes, as a formula, and what is easy to get wrong. */

import { defineLayer } from './define.ts';
import { int } from './fields.ts';

export default defineLayer({
  name: '${className}',
  config: { units: int() },
  mask: 'stop',
  weights: ({ units }, [x]) => ({ kernel: [x!.at(-1)!, units] }),
  outputShape: ({ units }, [x]) => [...x!.slice(0, -1), units],
  call: (_config, { kernel }, [x], ops) => ops.matmul(x!, kernel!),
});
`;
}

function test(className: string): string {
  return `import { describeLayers } from '../support/layers.ts';

describeLayers([['${className}', { units: 3 }, [[null, 4]], [null, 3], { kernel: [4, 3] }]]);
`;
}

/** The registry with one more file, in alphabetical order. */
function registered(source: string, file: string): string {
  const name = file.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const line = `import ${name} from './${file}.ts';`;
  const lines = source.split('\n');
  const isImport = (text: string) => /^import \w+ from '\.\//.test(text);
  const before = lines.findIndex(text => isImport(text) && text.split("'")[1]! > `./${file}.ts`);
  lines.splice(before < 0 ? lines.findLastIndex(isImport) + 1 : before, 0, line);
  const opening = lines.findIndex(text => /const files.* = \[$/.test(text));
  const closing = lines.findIndex((text, index) => index > opening && text === '];');
  const place = lines.findIndex((text, index) => index > opening && index < closing && text.trim() > `${name},`);
  lines.splice(place < 0 ? closing : place, 0, `  ${name},`);
  return lines.join('\n');
}

main(process.argv.slice(2));
