/** Python's nested arguments and results as SavedModels describe them, flattened in the order of `tf.nest`. */

import { decode } from '../containers/protobuf/message.ts';
import { dtypeOfNumber } from '../containers/table/datatype.ts';
import type { DType } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import { shapeOf } from './lower/attributes.ts';
import { type StructuredValue, StructuredValueProto, type TensorSpecMessage } from './schema/objects.ts';

/** One tensor of a structure, and the way to it. */
export interface SpecLeaf {
  /** Keys and positions from the outside in. */
  readonly path: readonly (string | number)[];
  readonly name: string;
  /** Null for an unknown rank. */
  readonly shape: Shape | null;
  /** Null for a dtype that holds no array. */
  readonly dtype: DType | null;
}

/** Something in a structure that is no tensor: None, a number, a truth value, a string. */
export interface PlainLeaf {
  readonly path: readonly (string | number)[];
  readonly plain: null | number | boolean | string;
}

export type Leaf = SpecLeaf | PlainLeaf;

export const isSpec = (leaf: Leaf): leaf is SpecLeaf => 'dtype' in leaf;

/** Leaves in the order in which TensorFlow flattens them: lists by position, dictionaries by sorted key. */
export function leavesOf(value: StructuredValue | undefined, path: readonly (string | number)[] = []): readonly Leaf[] {
  if (!value) return [];
  const spec = value.tensorSpecValue ?? value.boundedTensorSpecValue;
  if (spec) return [specLeaf(spec, path)];
  const items = value.listValue?.values ?? value.tupleValue?.values;
  if (items) return items.flatMap((item, index) => leavesOf(item, [...path, index]));
  if (value.dictValue) {
    const entries = [...value.dictValue.fields].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return entries.flatMap(([key, item]) => leavesOf(item, [...path, key]));
  }
  if (value.namedTupleValue) {
    return value.namedTupleValue.values.flatMap(({ key, value: item }) => leavesOf(item, [...path, key]));
  }
  return [{ path, plain: plainOf(value) }];
}

/** Leaves of an encoded structure. */
export function encodedLeaves(bytes: Uint8Array | undefined): readonly Leaf[] {
  return bytes === undefined || bytes.length === 0 ? [] : leavesOf(decode(StructuredValueProto, bytes));
}

function specLeaf(spec: TensorSpecMessage, path: readonly (string | number)[]): SpecLeaf {
  return { path, name: spec.name, shape: spec.shape ? shapeOf(spec.shape) : [], dtype: dtypeOfNumber(spec.dtype) };
}

function plainOf(value: StructuredValue): PlainLeaf['plain'] {
  return (
    value.boolValue ??
    value.stringValue ??
    value.float64Value ??
    (value.int64Value === undefined ? null : Number(value.int64Value))
  );
}
