/**
 * What a signature says of itself, without its function: the names, shapes and dtypes of what it takes and gives
 * (SignatureDef and TensorInfo, tensorflow/core/protobuf/meta_graph.proto).
 */

import { dtypeOfNumber } from '../containers/table/datatype.ts';
import type { DType } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import { shapeOf } from './lower/attributes.ts';
import type { SignatureDef, TensorInfo } from './schema/saved-model.ts';

/** A tensor as a signature describes it. */
export interface SignaturePort {
  readonly name: string;
  /** Null for an unknown rank. */
  readonly shape: Shape | null;
  /** Null for one that holds no array. */
  readonly dtype: DType | null;
  /** How it is encoded: as one tensor, or as several that stand for a sparse or ragged one. */
  readonly encoding: 'dense' | 'sparse' | 'composite';
}

export interface SignatureDescription {
  readonly name: string;
  readonly inputs: readonly SignaturePort[];
  readonly outputs: readonly SignaturePort[];
}

/** The signatures that can be called, by name; without the one that only initialises. */
export function describeSignatures(signatures: ReadonlyMap<string, SignatureDef>): SignatureDescription[] {
  return [...signatures]
    .filter(([name]) => name !== '__saved_model_init_op')
    .map(([name, { inputs, outputs }]) => ({ name, inputs: portsOf(inputs), outputs: portsOf(outputs) }));
}

/** Ports by name, in the order of their names. */
export function portsOf(infos: ReadonlyMap<string, TensorInfo>): SignaturePort[] {
  return [...infos].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([name, info]) => portOf(name, info));
}

function portOf(name: string, { dtype, tensorShape, cooSparse, compositeTensor }: TensorInfo): SignaturePort {
  return {
    name,
    shape: tensorShape ? shapeOf(tensorShape) : [],
    dtype: dtypeOfNumber(dtype),
    encoding: cooSparse ? 'sparse' : compositeTensor ? 'composite' : 'dense',
  };
}
