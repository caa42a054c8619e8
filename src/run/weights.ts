/**
 * Where a session finds the numbers of weights: in place in the user's own file, as bytes handed over beside the model
 * (browsers), or, for what must be decoded and for small things, inside the model.
 */

import type { ReadOptions } from '../bytes/source.ts';
import type { TensorProto } from '../containers/onnx/schema.ts';
import { externalTensorMessage, tensorMessage } from '../containers/onnx/types.ts';
import type { Draft } from '../containers/protobuf/message.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TensorRef } from '../model/types.ts';
import { bytesOf, type DType, type TypedArray } from '../numbers/dtype.ts';
import type { OpNode } from '../ops/types.ts';
import type { Backend } from './backend.ts';

/** Weights of a graph, by the id of their node. */
export type Weights = ReadonlyMap<number, TensorRef>;

export interface PlacedWeight {
  /** dtype as stored. */
  readonly dtype: DType;
  /** The initializer under a name and a shape of as many elements. */
  message(name: string, shape: readonly number[]): Draft<TensorProto>;
}

export interface Placement {
  readonly placed: ReadonlyMap<number, PlacedWeight>;
  /** The folder that locations are relative to, where files are used in place. */
  readonly folder: string | undefined;
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/** Bytes from which on weights are handed over beside the model, where files cannot be used. */
const BESIDE_FROM = 1 << 16;

/** Places weights for a backend; reads only what cannot be used where it lies. */
export async function placeWeights(
  refs: ReadonlyMap<number, TensorRef>,
  backend: Backend,
  options: ReadOptions,
): Promise<Placement> {
  const files = [...new Set([...refs.values()].flatMap(ref => ref.plain?.source.file?.path ?? []))];
  const located = files.length > 0 ? backend.locate(files) : null;
  const externalData: { path: string; data: Uint8Array }[] = [];
  const placed = new Map<number, PlacedWeight>();
  for (const [id, ref] of refs) {
    const location = ref.plain?.source.file && located?.locations.get(ref.plain.source.file.path);
    if (location) placed.set(id, inPlace(ref, location));
    else placed.set(id, await readWeight(ref, backend, externalData, options));
  }
  return { placed, folder: located?.folder, externalData };
}

function inPlace(ref: TensorRef, location: string): PlacedWeight {
  const plain = ref.plain!;
  const place = { location, offset: plain.source.file!.offset + plain.offset, length: plain.length };
  return { dtype: ref.dtype, message: (name, shape) => externalTensorMessage(name, ref.dtype, shape, place) };
}

async function readWeight(
  ref: TensorRef,
  backend: Backend,
  externalData: { path: string; data: Uint8Array }[],
  options: ReadOptions,
): Promise<PlacedWeight> {
  const tensor = await ref.read(options);
  const { dtype } = tensor;
  if (backend.takesBytes && dtype !== 'string') {
    const data = bytesOf(tensor.data as TypedArray);
    if (data.byteLength >= BESIDE_FROM) {
      const location = `weight${externalData.length}`;
      externalData.push({ path: location, data });
      const place = { location, offset: 0, length: data.byteLength };
      return { dtype, message: (name, shape) => externalTensorMessage(name, dtype, shape, place) };
    }
  }
  return { dtype, message: (name, shape) => tensorMessage(name, { dtype, shape, data: tensor.data }) };
}

/** The reference of a `weight` node. Throws `bad-weights` where nobody gave one. */
export function refOf(node: OpNode, weights: Weights): TensorRef {
  const ref = weights.get(node.id);
  if (ref) return ref;
  const name = String(node.attributes.key ?? node.attributes.name);
  throw new LoadstoneError('bad-weights', `no numbers are given for the weight "${name}"`, { where: node.scope });
}
