/**
 * Imports go one way, as docs/ARCHITECTURE.md draws it. This reads the import lines and fails where one goes up, and
 * where something that must run in a browser reaches for Node.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

/** Folders of src, lowest first: each may import itself and what stands before it. */
const order = [
  'findings',
  'bytes',
  'numbers',
  'containers',
  'model',
  'ops',
  'lambdas',
  'layers',
  'eras',
  'tensorflow',
  'artefacts',
  'rehearsal',
  'failures',
  'writers',
  'mend',
  'salvage',
  'scan',
  'compare',
  'seal',
  'run',
  'report',
  'copies',
];

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const lines = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gms);
  const dynamic = text.matchAll(/(?<!typeof )import\('([^']+)'\)/g);
  return [
    ...[...lines].map(([, type, to]) => ({ from: file, to: to as string, typeOnly: type !== undefined })),
    ...[...dynamic].map(([, to]) => ({ from: file, to: to as string, typeOnly: false })),
  ];
}

/** First folder below src, or the file's own name for files that lie directly in src. */
function folderOf(path: string): string {
  return relative(source, path).split(sep)[0] as string;
}

const files = sourceFiles(source);
const imports = files.flatMap(importsOf);

describe('imports', () => {
  it('are read at all', () => {
    expect(imports.length).toBeGreaterThan(20);
  });

  it('go only down the list of folders', () => {
    const upward = imports
      .filter(({ to }) => to.startsWith('.'))
      .map(({ from, to }) => ({ from, fromFolder: folderOf(from), toFolder: folderOf(resolve(dirname(from), to)) }))
      .filter(({ fromFolder, toFolder }) => fromFolder !== toFolder && order.includes(fromFolder))
      .filter(
        ({ fromFolder, toFolder }) => order.indexOf(toFolder) > order.indexOf(fromFolder) || !order.includes(toFolder),
      )
      .map(({ from, toFolder }) => `${relative(source, from)} imports ${toFolder}`);
    expect(upward).toEqual([]);
  });

  it('know every folder', () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter(entry => entry.isDirectory());
    expect(folders.map(entry => entry.name).filter(name => !order.includes(name))).toEqual([]);
  });

  it('reach for Node only from folders named node and from src/node.ts', () => {
    const leaks = imports
      .filter(({ to, typeOnly }) => to.startsWith('node:') && !typeOnly)
      .map(({ from }) => relative(source, from))
      .filter(path => path !== 'node.ts' && !path.split(sep).includes('node'));
    expect(leaks).toEqual([]);
  });
});
