/** The paths that loaders want, told from what was given. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rawAtPath } from '../../src/artefacts/node/raw-path.ts';
import { placesIn } from '../../src/failures/places.ts';

const scratch = mkdtempSync(join(tmpdir(), 'loadstone-places-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
mkdirSync(join(scratch, 'outer', 'model', 'variables'), { recursive: true });
mkdirSync(join(scratch, 'ckpt'));
for (const name of ['outer/model/saved_model.pb', 'outer/model/variables/variables.index']) {
  writeFileSync(join(scratch, ...name.split('/')), 'x');
}
for (const name of ['m-2.index', 'm-10.index', 'm-10.data-00000-of-00001'])
  writeFileSync(join(scratch, 'ckpt', name), 'x');

async function placesAt(...parts: string[]) {
  const path = join(scratch, ...parts);
  return placesIn(await rawAtPath(path), path);
}

describe('places', () => {
  it('gives the prefix for one of its files, and the newest for their folder', async () => {
    expect((await placesAt('ckpt', 'm-2.index')).prefix).toBe(join(scratch, 'ckpt', 'm-2'));
    expect((await placesAt('ckpt', 'm-10.data-00000-of-00001')).prefix).toBe(join(scratch, 'ckpt', 'm-10'));
    expect((await placesAt('ckpt')).prefix).toBe(`${join(scratch, 'ckpt')}/m-10`);
  });

  it('gives the folder of a SavedModel for its .pb and for the folder above', async () => {
    expect(await placesAt('outer', 'model', 'saved_model.pb')).toEqual({
      prefix: null,
      folder: join(scratch, 'outer', 'model'),
    });
    expect(await placesAt('outer')).toEqual({ prefix: null, folder: `${join(scratch, 'outer')}/model` });
    expect((await placesAt('outer', 'model')).folder).toBeNull();
  });
});
