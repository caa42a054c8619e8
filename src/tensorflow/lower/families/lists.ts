/** TensorLists: what `tf.TensorArray`, and with it every recurrent layer of Keras, is made of. */

import type { Shape } from '../../../numbers/tensor.ts';
import * as ops from '../../../ops/exports.ts';
import type { SizeLike } from '../../../ops/types.ts';
import { dtypeOf, type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { elementAt, listOfTensor, stackedOf } from '../lists.ts';
import { onSizes } from '../sizes.ts';
import { elementsValue, knownElements, type ListValue } from '../value.ts';
import { withSizes } from './shapes.ts';

function listAt(node: OpView, index: number): ListValue {
  const value = node.inputs[index];
  if (value?.kind === 'list') return value;
  throw unsupported(node.where, value?.kind === 'unsupported' ? value.why : `${node.op} of a ${value?.kind}`);
}

/** The shape of elements that input `index` says; null for an unknown rank (a scalar -1). */
function elementShape(node: OpView, index: number): Shape | null {
  const value = node.value(index);
  const known = knownElements(value);
  if (known === null || value.tensor.shape.length === 0) return null;
  return known.map(size => (size < 0 ? null : size));
}

function newList(node: OpView, length: SizeLike, shape: Shape | null): ListValue {
  const dtype = dtypeOf(node, 'element_dtype');
  return { kind: 'list', base: null, writes: [], length, elementShape: shape, dtype, origin: null };
}

const setItem: Lowering = node => {
  const list = listAt(node, 0);
  return { ...list, writes: [...list.writes, { index: node.value(1), value: node.x(2) }] };
};

const getItem: Lowering = node => {
  const element = elementAt(listAt(node, 0), node.value(1), node.where);
  const shape = elementShape(node, 2);
  return shape === null ? element : withSizes(element, shape);
};

const stack: Lowering = node => {
  const list = listAt(node, 0);
  const shape = elementShape(node, 1) ?? list.elementShape;
  const stacked = stackedOf(list, node.where);
  const count = node.attributes.int('num_elements', -1);
  return shape === null ? stacked : withSizes(stacked, [count < 0 ? null : count, ...shape]);
};

const pushBack: Lowering = node => {
  const list = listAt(node, 0);
  const value = ops.expandDims(node.x(1), 0);
  const isEmpty = list.base === null && list.writes.length === 0;
  const base = isEmpty ? value : ops.concatenate([stackedOf(list, node.where), value], { axis: 0 });
  return { ...listOfTensor(base), length: onSizes.add!(list.length, 1)! };
};

const popBack: Lowering = node => {
  const stacked = stackedOf(listAt(node, 0), node.where);
  const rest = ops.stridedSlice(stacked, { axes: [0], starts: [0], stops: [-1] });
  return [listOfTensor(rest), ops.take(stacked, -1, { axis: 0 })];
};

/** Elements one after another along their own first axis; all of one length here. */
const concat: Lowering = node => {
  const stacked = stackedOf(listAt(node, 0), node.where);
  const [count, length, ...rest] = ops.shape(stacked) as [SizeLike, SizeLike, ...SizeLike[]];
  const lengths = ops.broadcastTo(ops.cast(ops.convertToTensor(length), 'int64'), [count]);
  return [ops.reshape(stacked, [onSizes.multiply!(count, length)!, ...rest]), lengths];
};

const scatter: Lowering = node => {
  const values = node.x(0);
  const indices = node.numbers(1);
  const inOrder = indices.every((index, at) => index === at);
  if (!inOrder) throw unsupported(node.where, `${node.op} in another order than that of the elements`);
  return listOfTensor(values);
};

/** Room for more elements, or for fewer; only of a list that nothing was put into yet, or that keeps its size. */
const resize: Lowering = node => {
  const list = listAt(node, 0);
  const length = node.sizes(1)[0]!;
  if (list.base !== null && list.length !== length)
    throw unsupported(node.where, `${node.op} of a list that holds something`);
  return { ...list, length };
};

export const lists: LoweringTable = {
  TensorListResize: resize,
  TensorListReserve: node => newList(node, node.sizes(1)[0]!, elementShape(node, 0)),
  EmptyTensorList: node => newList(node, 0, elementShape(node, 0)),
  TensorListFromTensor: node => listOfTensor(node.x(0)),
  TensorListGetItem: getItem,
  TensorListSetItem: setItem,
  TensorListStack: stack,
  TensorListLength: node => elementsValue([listAt(node, 0).length], [], 'int32'),
  TensorListPushBack: pushBack,
  TensorListPopBack: { outputs: ['output_handle', 'tensor'], lower: popBack },
  TensorListConcat: { outputs: ['tensor', 'lengths'], lower: concat },
  TensorListConcatV2: { outputs: ['tensor', 'lengths'], lower: concat },
  TensorListGather: node => ops.take(stackedOf(listAt(node, 0), node.where), node.x(1), { axis: 0 }),
  TensorListScatter: scatter,
  TensorListScatterV2: scatter,
  TensorListScatterIntoExistingList: node =>
    listOfTensor(ops.scatterUpdate(stackedOf(listAt(node, 0), node.where), ops.expandDims(node.x(2), 1), node.x(1))),
  TensorListElementShape: node => {
    const list = listAt(node, 0);
    const sizes = list.base ? ops.shape(list.base).slice(1) : (list.elementShape ?? []).map(size => size ?? -1);
    return elementsValue(sizes, [sizes.length], dtypeOf(node, 'shape_type', 'int32') as 'int32');
  },
};
