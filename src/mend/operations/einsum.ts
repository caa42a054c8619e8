/** Einstein sums of one or two tensors as transposed and reshaped matrix products. */

import * as ops from '../../ops/exports.ts';
import { record } from '../../ops/record.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';

type Labels = readonly string[];

interface Operand {
  readonly tensor: SymbolicTensor;
  readonly labels: Labels;
}

/** Null where a label repeats in one tensor, or where a reshape would leave two sizes open. */
export function einsumOfTwo(node: OpNode, inputs: readonly SymbolicTensor[]): SymbolicTensor | null {
  const terms = node.attributes.inputs as readonly Labels[];
  const output = node.attributes.output as Labels;
  if (inputs.length !== 2 || terms.some(labels => new Set(labels).size < labels.length)) return null;
  const [a, b] = terms.map((labels, at): Operand => summed({ tensor: inputs[at]!, labels }, terms, at, output)) as [
    Operand,
    Operand,
  ];
  const both = a.labels.filter(label => b.labels.includes(label));
  const batch = both.filter(label => output.includes(label));
  const contracted = both.filter(label => !output.includes(label));
  const left = a.labels.filter(label => !both.includes(label));
  const right = b.labels.filter(label => !both.includes(label));
  const first = grouped(a, [batch, left, contracted], batch.length);
  const second = grouped(b, [batch, contracted, right], batch.length);
  if (!first || !second) return null;
  const product = ops.matmul(first, second);
  const sizes = new Map([...sizesOf(a), ...sizesOf(b)]);
  const labels = [...batch, ...left, ...right];
  const whole = reshaped(
    product,
    labels.map(label => sizes.get(label) ?? null),
  );
  return whole && arranged({ tensor: whole, labels }, output);
}

/** Labels of one tensor alone that the result lacks are summed first. */
function summed(operand: Operand, terms: readonly Labels[], at: number, output: Labels): Operand {
  const other = terms[1 - at] ?? [];
  const gone = operand.labels.filter(label => !output.includes(label) && !other.includes(label));
  if (gone.length === 0) return operand;
  const axis = gone.map(label => operand.labels.indexOf(label));
  return {
    tensor: ops.sum(operand.tensor, { axis }),
    labels: operand.labels.filter(label => !gone.includes(label)),
  };
}

function sizesOf({ tensor, labels }: Operand): [string, number | null][] {
  return labels.map((label, axis) => [label, tensor.shape[axis] ?? null]);
}

/** Axes in the order of the groups; each group but the batch as one axis. */
function grouped(operand: Operand, groups: readonly Labels[], kept: number): SymbolicTensor | null {
  const order = groups.flat();
  const tensor = arranged(operand, order);
  const sizes = new Map(sizesOf(operand));
  const whole = groups.slice(1).map(group => product(group.map(label => sizes.get(label) ?? null)));
  return reshaped(tensor, [...order.slice(0, kept).map(label => sizes.get(label) ?? null), ...whole]);
}

function product(sizes: readonly (number | null)[]): number | null {
  return sizes.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);
}

function arranged({ tensor, labels }: Operand, order: Labels): SymbolicTensor {
  const axes = order.map(label => labels.indexOf(label));
  return axes.every((axis, at) => axis === at) ? tensor : ops.transpose(tensor, { axes });
}

function reshaped(tensor: SymbolicTensor, shape: readonly (number | null)[]): SymbolicTensor | null {
  const same = shape.length === tensor.shape.length && shape.every((size, axis) => size === tensor.shape[axis]);
  if (same) return tensor;
  if (shape.filter(size => size === null).length > 1) return null;
  return record('reshape', [tensor], { shape: [...shape] }, { shape, dtype: tensor.dtype });
}
