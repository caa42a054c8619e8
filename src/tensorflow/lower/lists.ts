/** TensorLists as tensors with a first axis: what writes to them come to, and what they look like to `ops`. */

import type { Shape } from '../../numbers/tensor.ts';
import * as ops from '../../ops/exports.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { unsupported } from './define.ts';
import { knownScalar, type ListValue, type ListWrite, type TensorValue } from './value.ts';

/** The list as one tensor, all writes made. Throws `unsupported` where nothing tells the shape of its elements. */
export function stackedOf(list: ListValue, where: string): SymbolicTensor {
  const [first] = list.writes;
  const start = list.base ?? emptyList(list, first?.value.shape ?? list.elementShape, where);
  return list.writes.reduce((stacked, write) => written(stacked, write, list), start);
}

/** A list of zeros. */
function emptyList(list: ListValue, elementShape: Shape | null, where: string): SymbolicTensor {
  if (elementShape === null) throw unsupported(where, 'a TensorList of elements of unknown shape');
  const value = list.writes[0]?.value;
  const sizes = value ? ops.shape(value) : elementShape.map(size => size ?? 0);
  return ops.zeros([list.length, ...sizes], { dtype: list.dtype });
}

function written(stacked: SymbolicTensor, { index, value }: ListWrite, list: ListValue): SymbolicTensor {
  if (list.length === 1 && knownScalar(index) === 0) return ops.expandDims(value, 0);
  const at = ops.reshape(ops.cast(index.tensor, 'int64'), [1, 1]);
  return ops.scatterUpdate(stacked, at, ops.expandDims(value, 0));
}

/** The element at `index`. A read of what was written last needs nothing else. */
export function elementAt(list: ListValue, index: TensorValue, where: string): SymbolicTensor {
  const last = list.writes.at(-1);
  const wanted = knownScalar(index);
  if (last && wanted !== null && knownScalar(last.index) === wanted) return last.value;
  return ops.take(stackedOf(list, where), index.tensor, { axis: 0 });
}

/** A list of the rows of a tensor. */
export function listOfTensor(stacked: SymbolicTensor): ListValue {
  return {
    kind: 'list',
    base: stacked,
    writes: [],
    length: ops.shape(stacked)[0]!,
    elementShape: stacked.shape.slice(1),
    dtype: stacked.dtype,
    origin: null,
  };
}
