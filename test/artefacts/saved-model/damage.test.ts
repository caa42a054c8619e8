/** Damage at random: whatever is cut, overwritten or exchanged, contents are read as they were or refused by name. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/artefacts/checkpoint/read.ts';
import { readSavedModel } from '../../../src/artefacts/saved-model/read.ts';
import { memoryFolder } from '../../../src/bytes/folder.ts';
import { isLoadstoneError } from '../../../src/findings/errors.ts';
import { bytesOf, type TypedArray } from '../../../src/numbers/dtype.ts';
import { filesOf, reading } from '../../support/saved-models.ts';

type Files = { [path: string]: Uint8Array };
type Opened = Pick<Awaited<ReturnType<typeof readCheckpoint>>, 'variables' | 'findings'>;

/** `FUZZ_RUNS=5000 npx vitest run damage` tries more. */
const runs = Number(process.env.FUZZ_RUNS ?? 100);

/** What was done to a file: a part of it cut off, bytes overwritten, or a piece moved to another place. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('bytes' as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('move' as const), at: fc.nat(), from: fc.nat(), length: fc.nat({ max: 64 }) }),
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(whole: Uint8Array, what: Damage): Uint8Array {
  const at = what.at % whole.length;
  if (what.kind === 'cut') return whole.slice(0, at);
  const out = whole.slice();
  const piece = what.kind === 'bytes' ? what.bytes : whole.slice(what.from % whole.length).slice(0, what.length);
  out.set(piece.slice(0, out.length - at), at);
  return out;
}

/** All that an artefact holds, or null where it says what is wrong. Errors of other kinds fail the test. */
async function contentsOf(open: () => Promise<Opened>) {
  try {
    const { variables, findings } = await open();
    if (findings.some(({ severity }) => severity === 'error')) return null;
    const contents: { [path: string]: string } = {};
    for (const { tensor, role, layer } of variables) {
      const { data } = await tensor.read();
      const bytes = Array.isArray(data) ? new TextEncoder().encode(data.join('\0')) : bytesOf(data as TypedArray);
      contents[tensor.path] = `${role} ${layer} ${tensor.shape} ${Buffer.from(bytes).toString('base64')}`;
    }
    return contents;
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    expect(error.where).toBeTruthy();
    return null;
  }
}

async function readsRightOrRefuses(whole: Files, names: readonly string[], open: (files: Files) => Promise<Opened>) {
  const right = await contentsOf(() => open(whole));
  expect(right).not.toBeNull();
  const attempt = async (name: string, what: Damage) => {
    const found = await contentsOf(() => open({ ...whole, [name]: damaged(whole[name]!, what) }));
    if (found !== null) expect(found).toEqual(right);
  };
  await fc.assert(fc.asyncProperty(fc.constantFrom(...names), damage, attempt), { numRuns: runs });
}

describe('damaged at random', () => {
  it('a SavedModel with a fingerprint is read as it was, or refused', async () => {
    const whole = filesOf('dense-export-keras3.10');
    const names = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'];
    await readsRightOrRefuses(whole, names, files => readSavedModel(memoryFolder(files), reading));
  }, 600_000);

  it('a checkpoint is read as it was, or refused', async () => {
    const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'models', 'nested--tf-2.15.1--checkpoint');
    const names = ['ckpt.index', 'ckpt.data-00000-of-00001'];
    const whole = Object.fromEntries(names.map(name => [name, new Uint8Array(readFileSync(join(folder, name)))]));
    await readsRightOrRefuses(whole, names, files => readCheckpoint(memoryFolder(files), 'ckpt', reading));
  }, 600_000);

  it('a graph without a checksum is refused by name, or read for something', async () => {
    const whole = filesOf('gru-tf1.15');
    const attempt = async (what: Damage) => {
      const files = { ...whole, 'saved_model.pb': damaged(whole['saved_model.pb']!, what) };
      await contentsOf(() => readSavedModel(memoryFolder(files), reading));
    };
    await fc.assert(fc.asyncProperty(damage, attempt), { numRuns: runs });
  }, 600_000);
});
