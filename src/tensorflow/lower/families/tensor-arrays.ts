/**
 * TensorArrays of TF1, which its recurrent layers are made of. The handle says how long the array is, and a second value,
 * the flow, orders reads and writes: it stands for what the array holds.
 */

import type { Shape } from '../../../numbers/tensor.ts';
import * as ops from '../../../ops/exports.ts';
import { dtypeOf, type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { elementAt, listOfTensor, stackedOf } from '../lists.ts';
import { elementsValue, knownElements, type ListValue } from '../value.ts';
import { withSizes } from './shapes.ts';

function flowAt(node: OpView, index: number): ListValue {
  const value = node.inputs[index];
  if (value?.kind === 'list') return value;
  throw unsupported(node.where, value?.kind === 'unsupported' ? value.why : `${node.op} of a ${value?.kind}`);
}

const create: Lowering = node => {
  const elementShape = node.attributes.has('element_shape') ? node.attributes.shape('element_shape') : null;
  const list: ListValue = {
    kind: 'list',
    base: null,
    writes: [],
    length: node.sizes(0)[0]!,
    elementShape,
    dtype: dtypeOf(node, 'dtype'),
    origin: null,
  };
  return [list, list];
};

/** All elements in order, as `unstack` gives them; a known part of them otherwise. */
const scatter: Lowering = node => {
  const [indices, values] = [node.value(1), node.x(2)];
  const known = knownElements(indices);
  const inOrder = known ? known.every((index, at) => index === at) : indices.tensor.node.op === 'arange';
  if (!inOrder) throw unsupported(node.where, `${node.op} in another order than that of the elements`);
  return listOfTensor(values);
};

const gather: Lowering = node => {
  const list = flowAt(node, 2);
  const indices = node.value(1);
  const stacked = stackedOf(list, node.where);
  const whole = indices.tensor.node.op === 'arange' || isRange(knownElements(indices), list.length);
  const taken = whole ? stacked : ops.take(stacked, indices.tensor, { axis: 0 });
  return refined(taken, node);
};

function isRange(indices: readonly number[] | null, length: ListValue['length']): boolean {
  return indices !== null && indices.length === length && indices.every((index, at) => index === at);
}

function refined(x: ReturnType<typeof ops.take>, node: OpView) {
  const shape: Shape | null = node.attributes.has('element_shape') ? node.attributes.shape('element_shape') : null;
  return shape === null ? x : withSizes(x, [null, ...shape]);
}

const write: Lowering = node => {
  const list = flowAt(node, 3);
  return { ...list, writes: [...list.writes, { index: node.value(1), value: node.x(2) }] };
};

export const tensorArrays: LoweringTable = {
  TensorArrayV3: { outputs: ['handle', 'flow'], lower: create },
  TensorArrayScatterV3: scatter,
  TensorArrayGatherV3: gather,
  TensorArrayReadV3: node => elementAt(flowAt(node, 2), node.value(1), node.where),
  TensorArrayWriteV3: write,
  TensorArraySizeV3: node => elementsValue([flowAt(node, 1).length], [], 'int32'),
};
