/** Writes THIRD_PARTY.md: the packages that Loadstone uses at run time or asks for, with their licences. */

import { readFileSync, writeFileSync } from 'node:fs';

interface PackageFacts {
  name: string;
  version: string;
  license?: string;
  homepage?: string;
  repository?: { url?: string } | string;
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

function homeOf({ homepage, repository }: PackageFacts): string {
  const url = homepage ?? (typeof repository === 'string' ? repository : repository?.url) ?? '';
  return url.replace(/^git\+/, '').replace(/\.git$/, '');
}

const own = read<{ dependencies: Record<string, string>; peerDependencies?: Record<string, string> }>('package.json');
const names = [...Object.keys(own.dependencies), ...Object.keys(own.peerDependencies ?? {})].sort();
const rows = names.map(name => {
  const facts = read<PackageFacts>(`node_modules/${name}/package.json`);
  return `| ${facts.name} | ${facts.license ?? 'see package'} | ${homeOf(facts)} |`;
});

writeFileSync(
  'THIRD_PARTY.md',
  [
    '# Packages used',
    '',
    'Made by `npm run docs`.',
    '',
    '| package | licence | home |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n'),
);
