/** Plain values as operations' configs store them. */

import { LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';
import { isSymbolic } from '../../ops/convert.ts';
import { constant } from '../../ops/graph.ts';
import type { SizeLike, TensorLike } from '../../ops/types.ts';
import { parseDType } from '../policy.ts';

/** A dtype by name, `{"class_name": "TypeSpec"…}` or `DT_FLOAT`. Throws `bad-config` for what is none. */
export function readDType(stored: unknown, operation: string): DType {
  const object = stored as { name?: unknown; value?: unknown; type?: unknown } | null;
  const name = typeof stored === 'object' && object !== null ? (object.name ?? object.value ?? object.type) : stored;
  const plain = typeof name === 'string' ? name.replace(/^tf\./, '') : name;
  const found = parseDType(plain) ?? (typeof plain === 'string' ? (protobufNames[plain] ?? null) : null);
  if (found) return found;
  throw new LoadstoneError('bad-config', `${operation}: ${JSON.stringify(stored)} is no dtype`);
}

const protobufNames: { readonly [name: string]: DType } = {
  DT_FLOAT: 'float32',
  DT_DOUBLE: 'float64',
  DT_HALF: 'float16',
  DT_BFLOAT16: 'bfloat16',
  DT_INT8: 'int8',
  DT_INT16: 'int16',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
  DT_UINT8: 'uint8',
  DT_UINT16: 'uint16',
  DT_UINT32: 'uint32',
  DT_UINT64: 'uint64',
  DT_BOOL: 'bool',
  DT_STRING: 'string',
};

/** Sizes: a list of numbers and scalar tensors, or one tensor of known length. */
export function readSizes(
  stored: unknown,
  toList: (x: Parameters<typeof isSymbolic>[0]) => readonly SizeLike[],
): readonly SizeLike[] {
  if (isSymbolic(stored)) return toList(stored);
  const list = Array.isArray(stored) ? stored : [stored];
  return list.map(size => (isSymbolic(size) ? size : size === null ? -1 : Number(size)));
}

/**
 * Arrays that a call was given as NumPy arrays or tensors, `{"class_name": "__numpy__", "config": {"value", "dtype"}}`,
 * as constants of the graph, wherever in the argument they stand. Everything else is left as it is.
 */
export function readConstants(stored: unknown): unknown {
  if (Array.isArray(stored)) return stored.map(readConstants);
  if (typeof stored !== 'object' || stored === null || isSymbolic(stored)) return stored;
  const { class_name: className, config } = stored as {
    class_name?: unknown;
    config?: { value?: unknown; dtype?: unknown };
  };
  if (className !== '__numpy__' && className !== '__tensor__') return stored;
  return constant(config?.value as TensorLike, parseDType(config?.dtype) ?? 'float32');
}
