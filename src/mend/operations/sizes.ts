/**
 * Sizes that only a run tells, followed through the little arithmetic that models do with them: which axis of which
 * tensor a number is the length of. Graphs of Keras 3 take no such number, but can count cells and spread ones. Nodes
 * are asked as they were made, before any of them is taken apart.
 */

import type { Tensor } from '../../numbers/tensor.ts';
import * as ops from '../../ops/exports.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { numbers, scalar, slices } from './attributes.ts';

/** The scalar behind casts, squeezes and picks from lists of sizes. */
export function scalarBehind(tensor: SymbolicTensor): SymbolicTensor {
  const { op, inputs } = tensor.node;
  const [from] = inputs;
  if (!from) return tensor;
  if (op === 'cast') return scalarBehind(from);
  const elements = op === 'squeeze' || op === 'reshape' ? elementsBehind(from) : null;
  return elements?.length === 1 ? scalarBehind(elements[0] as SymbolicTensor) : tensor;
}

/** What a vector of sizes is made of; null where that cannot be followed. */
function elementsBehind(tensor: SymbolicTensor): readonly SymbolicTensor[] | null {
  const { node, index } = tensor;
  const [from] = node.inputs;
  if (node.op === 'constant') return constantsIn(node.attributes.value as Tensor);
  if (!from || tensor.shape.length > 1) return null;
  if (node.op === 'cast') return elementsBehind(from);
  if (node.op === 'expandDims' || node.op === 'reshape') return from.shape.length === 0 ? [from] : elementsBehind(from);
  if (node.op === 'concatenate') {
    const parts = node.inputs.map(elementsBehind);
    return parts.every(part => part !== null) ? parts.flat() : null;
  }
  const whole = elementsBehind(from);
  if (!whole) return null;
  if (node.op === 'split') {
    const sizes = numbers(node, 'sizes');
    const start = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
    return whole.slice(start, start + (sizes[index] ?? 0));
  }
  const [cut] = (node.op === 'slice' ? slices(node) : null) ?? [];
  return cut && (cut[2] ?? 1) === 1 ? whole.slice(cut[0] ?? 0, cut[1] ?? undefined) : null;
}

function constantsIn({ data }: Tensor): SymbolicTensor[] {
  return Array.from(data as ArrayLike<number | bigint>, size => ops.convertToTensor(Number(size), { dtype: 'int32' }));
}

/** Cells of one line along the axis, each 1. */
function onesAlong(x: SymbolicTensor, axis: number): SymbolicTensor {
  const line = ops.getItem(
    x,
    x.shape.map((_, at) => (at === axis ? {} : { stop: 1 })),
  );
  return ops.cast(ops.logicalOr(ops.equal(line, line), ops.notEqual(line, line)), 'int32');
}

/** The length of an axis: its cells counted, whatever they hold. */
export function lengthOf(x: SymbolicTensor, axis: number): SymbolicTensor {
  return ops.sum(onesAlong(x, axis));
}

/** Ones in a vector as long as the axis whose length `size` is; null where it is no length of an axis. */
function onesFor(size: SymbolicTensor): SymbolicTensor | null {
  const { node } = scalarBehind(size);
  const [x] = node.inputs;
  return node.op === 'dim' && x ? ops.reshape(onesAlong(x, Number(node.attributes.axis)), [-1]) : null;
}

/** 0, 1, 2 … as many as an axis is long. */
export function countedAlong({ inputs, outputs }: OpNode): SymbolicTensor | null {
  const [start, limit, step] = inputs;
  const ones = limit && scalar(start) === 0 && scalar(step) === 1 ? onesFor(limit) : null;
  return ones && ops.cast(ops.subtract(ops.cumsum(ones, { axis: 0 }), 1), outputs[0]!.dtype);
}

/** A number spread over a shape of which axes are as long as those of other tensors. */
export function spreadAlong(node: OpNode): SymbolicTensor | null {
  const [x, ...sizes] = node.inputs;
  const value = scalar(x);
  if (value === null || sizes.length === 0) return null;
  const rest = [...sizes];
  const shape = [...(node.attributes.shape as readonly (number | null)[])];
  let result: SymbolicTensor | null = null;
  for (const [axis, size] of shape.entries()) {
    const given = size === null ? rest.shift() : undefined;
    const known = given ? scalar(scalarBehind(given)) : size;
    if (known !== null) shape[axis] = known;
    const ones = known === null && given ? onesFor(given) : null;
    if (known === null && !ones) return null;
    if (!ones) continue;
    const along = ops.reshape(
      ones,
      shape.map((_, at) => (at === axis ? -1 : 1)),
    );
    result = result ? ops.multiply(result, along) : along;
  }
  if (!result) return null;
  const whole = ops.multiply(ops.cast(result, node.outputs[0]!.dtype), value);
  return ops.tile(
    whole,
    shape.map(size => size ?? 1),
  );
}

/** A reshape whose sizes turn out to be known but for one. */
export function reshapedBySizes({ attributes, inputs }: OpNode): number[] | null {
  const rest = inputs.slice(1);
  const stated = (attributes.shape as readonly (number | null)[]) ?? [];
  const shape = stated.map(size => {
    const given = size === null ? rest.shift() : undefined;
    return given ? (scalar(scalarBehind(given)) ?? -1) : (size ?? -1);
  });
  return shape.filter(size => size === -1).length <= 1 ? shape : null;
}
