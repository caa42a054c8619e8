/** Whatever cannot be opened leaves no file open behind, and what is opened none after its closing. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

/** Paths of files that are open now. */
const openNow = vi.hoisted(() => new Map<object, string>());

vi.mock('node:fs/promises', async original => {
  const real = await original<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (path, ...rest) => {
    const handle = await real.open(path, ...rest);
    openNow.set(handle, String(path));
    const close = handle.close.bind(handle);
    handle.close = () => {
      openNow.delete(handle);
      return close();
    };
    return handle;
  };
  return { ...real, open };
});

const { openArtefact } = await import('../../../src/artefacts/open.ts');
const { openPath } = await import('../../../src/artefacts/node/open-path.ts');
const { rawAtPath } = await import('../../../src/artefacts/node/raw-path.ts');
const { fileSource } = await import('../../../src/bytes/node/file.ts');
const { nodeFolder } = await import('../../../src/bytes/node/folder.ts');
const { loadModel } = await import('../../../src/run.ts');

const models = join(import.meta.dirname, '..', '..', 'fixtures', 'models');
const keras = join(models, 'mnist_cnn--tf-2.15.1--keras', 'model.keras');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-closing-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
afterEach(() => {
  expect([...openNow.values()]).toEqual([]);
});

function file(name: string, content: Uint8Array | string): string {
  writeFileSync(join(scratch, name), content);
  return join(scratch, name);
}

function folder(name: string, files: Record<string, Uint8Array | string>): string {
  mkdirSync(join(scratch, name));
  for (const [inner, content] of Object.entries(files)) file(join(name, inner), content);
  return join(scratch, name);
}

const archive = readFileSync(keras);
const bad: readonly (readonly [what: string, path: string])[] = [
  ['an empty file', file('empty.h5', '')],
  ['a page', file('page.h5', '<!DOCTYPE html><html></html>')],
  ['an archive without a model', file('cut.keras', archive.subarray(0, archive.length / 2))],
  ['a broken HDF5 file', file('broken.h5', `\x89HDF\r\n\x1a\n${'\0'.repeat(600)}`)],
  ['YAML of no model', file('other.yaml', 'a: 1\n')],
  ['a folder without a model', folder('folder', { 'notes.txt': 'none' })],
  ['a folder of a broken config', folder('unpacked', { 'config.json': '{', 'model.weights.h5': 'none' })],
  ['a broken SavedModel', folder('saved', { 'saved_model.pb': 'none' })],
  ['a broken checkpoint', join(folder('checkpoint', { 'a.index': 'none', 'a.data-00000-of-00001': '' }), 'a')],
];

const quietly = (promise: Promise<{ close(): Promise<void> }>) =>
  promise.then(
    artefact => artefact.close(),
    () => {},
  );

describe.each(bad)('%s', (_, path) => {
  it('is closed where openPath, openArtefact, rawAtPath or loadModel throw', async () => {
    await quietly(openPath(path));
    await rawAtPath(path).catch(() => {});
    await expect(loadModel(path)).rejects.toThrow();
    const source = path.includes('.') ? fileSource(path) : nodeFolder(path);
    const given = await source.catch(() => null);
    if (given) await quietly(openArtefact(given));
  });
});

it('a model that cannot be run is closed', async () => {
  const weights = join(scratch, 'weights.h5');
  cpSync(join(models, 'mnist_cnn--tf-2.15.1--keras', 'model.keras'), weights);
  await expect(loadModel(weights, { signature: 'none' })).rejects.toThrow();
});

it('what was opened is closed with it', async () => {
  await (await openPath(keras)).close();
  await (await loadModel(keras)).dispose();
  await (await openArtefact(await fileSource(keras))).close();
});

it('a file that is open is noticed here', async () => {
  const source = await fileSource(keras);
  expect([...openNow.values()]).toEqual([keras]);
  await source.close?.();
});
