/**
 * Damage done to the files of SavedModels and checkpoints, and whether what is read of them then is right: the same tensors
 * and signatures, or a refusal.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint } from '../../src/artefacts/checkpoint/read.ts';
import { readSavedModel } from '../../src/artefacts/saved-model/read.ts';
import { isSavedModel } from '../../src/artefacts/saved-model/types.ts';
import { memoryFolder } from '../../src/bytes/folder.ts';
import { isLoadstoneError } from '../../src/findings/errors.ts';
import { noCustomObjects } from '../../src/layers/custom.ts';
import { bytesOf, type TypedArray } from '../../src/numbers/dtype.ts';

export type Files = { readonly [path: string]: Uint8Array };

/** What may be damaged: indexes, shards and graphs; a fingerprint says nothing of the model. */
export const mayBeDamaged = (name: string) => /\.pb$|\.index$|\.data-/.test(name) && !name.endsWith('fingerprint.pb');

type Contents = ReadonlyMap<string, string>;

/** One way in which a file is not what it was. */
export interface Damage {
  readonly kind: 'flip' | 'run' | 'cut';
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** The files of a case, by path; recorded arrays are none of its own. */
export function filesOf(root: string): Files {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const names = entries.map(entry =>
    join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .replaceAll('\\', '/'),
  );
  return Object.fromEntries(
    names.filter(name => !name.endsWith('.npz')).map(name => [name, new Uint8Array(readFileSync(join(root, name)))]),
  );
}

/** All numbers that an artefact gives; null where it says that something is wrong. */
async function contentsOf(files: Files): Promise<Contents | null> {
  const isSaved = Object.keys(files).some(name => name.startsWith('model/'));
  const reading = { name: 'damaged', customObjects: noCustomObjects, beside: null };
  const prefix = Object.keys(files)
    .find(name => name.endsWith('.index'))!
    .replace(/\.index$/, '');
  const within = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name.replace(/^model\//, ''), bytes]),
  );
  const artefact = isSaved
    ? await readSavedModel(memoryFolder(within), reading)
    : await readCheckpoint(memoryFolder(files), prefix, reading);
  if (artefact.findings.some(({ severity }) => severity === 'error')) return null;
  const contents = new Map<string, string>();
  for (const { tensor } of artefact.variables) {
    const { data } = await tensor.read();
    const bytes = Array.isArray(data) ? new TextEncoder().encode(data.join('\0')) : bytesOf(data as TypedArray);
    contents.set(tensor.path, Buffer.from(bytes).toString('base64'));
  }
  if (isSavedModel(artefact)) contents.set('signatures', artefact.signatures.map(({ name }) => name).join());
  return contents;
}

function sameContents(a: Contents, b: Contents): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function flipped(whole: Uint8Array, bit: number): Damage {
  const bytes = whole.slice();
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return { kind: 'flip', at: bit >> 3, bytes };
}

/** Every byte with one of its bits and every length; in files below 4 KB all eight bits, in larger ones a share of all that. */
export function* everyDamage(whole: Uint8Array, file: string): Generator<Damage> {
  const isSmall = whole.length < 4096;
  const step = isSmall ? 1 : file.endsWith('.pb') ? 57 : 9;
  for (let bit = 0; bit < whole.length * 8; bit += step) yield flipped(whole, bit);
  for (let length = 0; length < whole.length; length += isSmall ? 1 : 101) {
    yield { kind: 'cut', at: length, bytes: whole.slice(0, length) };
  }
}

/** Flips, runs of bytes overwritten, and a cut, each by chance, the same for one seed. */
export function* damageByChance(whole: Uint8Array, seed: number): Generator<Damage> {
  let state = seed >>> 0;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  if (whole.length === 0) return;
  for (let time = 0; time < 3; time += 1) yield flipped(whole, below(whole.length) * 8 + below(8));
  const at = below(whole.length);
  const bytes = whole.slice();
  bytes.subarray(at, at + 1 + below(64)).forEach((value, index, run) => {
    run[index] = value ^ (1 + below(255));
  });
  yield { kind: 'run', at, bytes };
  const length = below(whole.length);
  yield { kind: 'cut', at: length, bytes: whole.slice(0, length) };
}

/** Null where all that is read of the damaged `file` is right, or refused; else how often it is not. */
export async function judgeDamage(files: Files, file: string, damages: Iterable<Damage>): Promise<string | null> {
  const right = await contentsOf(files);
  if (right === null) return 'it is not read whole before it is damaged';
  let tried = 0;
  const wrong: Damage[] = [];
  for (const damage of damages) {
    tried += 1;
    const found = await contentsOf({ ...files, [file]: damage.bytes }).catch(error => {
      if (isLoadstoneError(error)) return null;
      throw error;
    });
    if (found !== null && !sameContents(found, right)) wrong.push(damage);
  }
  const [first] = wrong;
  return first ? `${wrong.length} of ${tried} are read wrong without a word (${first.kind} at byte ${first.at})` : null;
}
