/**
 * Proves that tensors came through: each one of the planned model is hashed where the artefact stores it and where the
 * copy does, as the copy's reader finds it there. Those that no mend touches count as unchanged, and one digest over
 * them all, before and after, tells it in a line.
 */

import type { ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { Layer, Model, TensorRef } from '../model/types.ts';
import { innerLayers, type PlacedWeight, placedWeights } from '../model/walk.ts';
import { type CopyOptions, tensorBytes, tensorChunks } from '../writers/tensors.ts';
import { heldByUsersCode } from '../writers/variables.ts';

/** A hash that takes bytes piece by piece, such as Node's `createHash('sha256')`. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

/** Hashes of tensors, taken while they were copied. */
export interface CopyHashes {
  readonly watcherOf: NonNullable<CopyOptions['watcherOf']>;
  /** Null for a tensor that was not copied as it is. */
  hashOf(tensor: TensorRef): string | null;
}

/** To be given to what writes the copy, so that the artefact is not read once more. */
export function startHashes(newHash: () => Hash): CopyHashes {
  const hashes = new Map<TensorRef, Hash>();
  const done = new Map<TensorRef, string>();
  return {
    watcherOf(tensor) {
      // A tensor that stands in two places is the same in both.
      if (hashes.has(tensor)) return null;
      const hash = startHash(tensor, newHash);
      hashes.set(tensor, hash);
      return bytes => hash.update(bytes);
    },
    hashOf(tensor) {
      const found = done.get(tensor) ?? hashes.get(tensor)?.digest('hex') ?? null;
      if (found !== null) done.set(tensor, found);
      return found;
    },
  };
}

export interface TensorDigest {
  readonly unchanged: {
    readonly tensors: number;
    readonly bytes: number;
    /** Over all of them as the artefact stores them, by name. */
    readonly before: string;
    /** The same over the copy. */
    readonly after: string;
  };
  /** Tensors whose bytes are others than the artefact's, with what was done to them. */
  readonly changed: readonly { readonly tensor: string; readonly why: string; readonly after: string }[];
}

export interface DigestOptions extends ReadOptions {
  /** What was hashed as the copy was written; the rest is read for it. */
  readonly hashes?: CopyHashes | null;
}

/**
 * Compares the tensors of `meant` (the planned model, whose tensors lie in the artefact) with those of `written` (the
 * copy, read again). `own` is the artefact's model as it was read. Throws `bad-weights` where the copy holds other
 * numbers than were meant.
 */
export async function digestTensors(
  own: Model,
  meant: Model,
  written: Model,
  newHash: () => Hash,
  { hashes = null, ...options }: DigestOptions = {},
): Promise<TensorDigest> {
  const stored = new Set([...weightsByPlace(own).values()].map(({ tensor }) => tensor));
  const copies = weightsByPlace(written);
  const users = new Set([...weightsByPlace(usersLayers(meant)).keys()]);
  const [before, after] = [newHash(), newHash()];
  const changed: { tensor: string; why: string; after: string }[] = [];
  const count = { tensors: 0, bytes: 0 };
  for (const [place, { tensor }] of [...weightsByPlace(meant)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!tensor || tensor.dtype === 'string') continue;
    const copy = copies.get(place)?.tensor;
    // What a layer of the user's own keeps is known to its code alone.
    if (!copy && users.has(place)) continue;
    const [one, other] = await Promise.all([
      hashes?.hashOf(tensor) ?? hashOf(tensor, newHash, options),
      copy && hashOf(copy, newHash, options),
    ]);
    if (one !== other) throw differs(place, copy);
    if (!stored.has(tensor) || tensor.conversions.length > 0) {
      changed.push({ tensor: place, why: tensor.conversions.join('; ') || 'made anew', after: one });
      continue;
    }
    count.tensors += 1;
    count.bytes += tensorBytes(tensor);
    before.update(line(place, one));
    after.update(line(place, other));
  }
  return { unchanged: { ...count, before: before.digest('hex'), after: after.digest('hex') }, changed };
}

function differs(place: string, copy: TensorRef | null | undefined): LoadstoneError {
  const what = copy ? `the copy holds other numbers for ${place}` : `the copy does not hold ${place}`;
  return new LoadstoneError('bad-weights', what, { where: place, do: 'Please report it with the artefact.' });
}

function line(place: string, hash: string): Uint8Array {
  return new TextEncoder().encode(`${hash}  ${place}\n`);
}

/** Variables by the names of their layers and attributes. A layer that stands twice is one. */
function weightsByPlace(model: Model): Map<string, PlacedWeight> {
  const found = new Map<string, PlacedWeight>();
  const add = (layer: Layer) => {
    for (const weight of placedWeights(layer)) found.set(`${layer.name}/${weight.place}`, weight);
  };
  model.layers.forEach(add);
  return found;
}

/** The layers in which code of the user's own stands, at whatever depth. */
function usersLayers(model: Model): Model {
  const isUsers = (layer: Layer): boolean =>
    layer.origin === 'custom' || heldByUsersCode(layer) !== null || innerLayers(layer).some(isUsers);
  return { ...model, layers: model.layers.filter(isUsers) };
}

/** Shape and dtype belong to it: the same bytes under another shape are another tensor. */
function startHash(tensor: TensorRef, newHash: () => Hash): Hash {
  const hash = newHash();
  hash.update(new TextEncoder().encode(`${tensor.dtype} ${tensor.shape.join('x')}\n`));
  return hash;
}

async function hashOf(tensor: TensorRef, newHash: () => Hash, options: ReadOptions): Promise<string> {
  const hash = startHash(tensor, newHash);
  for await (const chunk of tensorChunks(tensor, { ...options, passing: true })) hash.update(chunk);
  return hash.digest('hex');
}
