/**
 * Primitives that a release's table of operations lacks, in terms of simpler ones: the graph is built anew with what
 * each of them is made of, until every operation in it can be said.
 */

import * as ops from '../../ops/exports.ts';
import { record, recordAll } from '../../ops/record.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { numbers } from './attributes.ts';
import { type LookupTable, lookupByComparing, typedChoice } from './choices.ts';
import { isConstant } from './constants.ts';
import { einsumOfTwo } from './einsum.ts';
import { type Ends, nodesInOrder } from './emission.ts';
import { foldNumbers } from './fold.ts';
import { resampledByCells } from './resample.ts';
import { countedAlong, lengthOf, reshapedBySizes, spreadAlong } from './sizes.ts';

type Inputs = readonly SymbolicTensor[];
type Decompose = (node: OpNode, inputs: Inputs) => SymbolicTensor | null;

const number = (node: OpNode, name: string) => node.attributes[name] as number;

/** Decompositions in decompositions end: an operation deeper than this is one that nobody knows. */
const deepest = 4;

const decompositions: Readonly<Record<string, Decompose>> = {
  gelu: ({ attributes }, [x]) => {
    if (attributes.approximate === true) {
      const inner = ops.multiply(0.7978845608028654, ops.add(x!, ops.multiply(0.044715, ops.power(x!, 3))));
      return ops.multiply(ops.multiply(x!, 0.5), ops.add(ops.tanh(inner), 1));
    }
    return ops.multiply(ops.multiply(x!, 0.5), ops.add(ops.erf(ops.multiply(x!, Math.SQRT1_2)), 1));
  },
  selu: (_, [x]) => ops.multiply(1.0507009873554805, exponentialUnit(x!, 1.6732632423543772)),
  elu: (node, [x]) => exponentialUnit(x!, number(node, 'alpha')),
  leakyRelu: (node, [x]) => ops.subtract(ops.relu(x!), ops.multiply(ops.relu(ops.negative(x!)), number(node, 'alpha'))),
  hardSigmoid: (node, [x]) => ops.clip(ops.add(ops.multiply(x!, number(node, 'alpha')), number(node, 'beta')), 0, 1),
  logSoftmax: (node, [x]) => {
    const axis = number(node, 'axis');
    const shifted = ops.subtract(x!, ops.max(x!, { axis, keepdims: true }));
    return ops.subtract(shifted, ops.log(ops.sum(ops.exp(shifted), { axis, keepdims: true })));
  },
  softmax: (node, [x]) => {
    const axis = number(node, 'axis');
    const shares = ops.exp(ops.subtract(x!, ops.max(x!, { axis, keepdims: true })));
    return ops.divide(shares, ops.sum(shares, { axis, keepdims: true }));
  },
  matmul: (_, [a, b]) => stackedProduct(a!, b!),
  argmin: ({ attributes, outputs }, [x]) => record('argmax', [ops.negative(x!)], attributes, outputs[0]!),
  softsign: (_, [x]) => ops.divide(x!, ops.add(ops.abs(x!), 1)),
  layerNormalization: (node, [x, scale, offset]) => {
    const axis = Array.from({ length: x!.shape.length - number(node, 'axis') }, (_, at) => number(node, 'axis') + at);
    const centred = ops.subtract(x!, ops.mean(x!, { axis, keepdims: true }));
    const variance = ops.mean(ops.multiply(centred, centred), { axis, keepdims: true });
    const scaled = ops.divide(centred, ops.sqrt(ops.add(variance, number(node, 'epsilon'))));
    const stretched = scale ? ops.multiply(scaled, scale) : scaled;
    return offset ? ops.add(stretched, offset) : stretched;
  },
  batchNormalization: (node, [x, mean, variance, scale, offset]) => {
    const along = x!.shape.map((_, axis) => (axis === number(node, 'axis') ? -1 : 1));
    const spread = (vector: SymbolicTensor) => (along.at(-1) === -1 ? vector : ops.reshape(vector, along));
    const deviation = ops.sqrt(ops.add(variance!, number(node, 'epsilon')));
    const scaled = ops.multiply(ops.subtract(x!, spread(mean!)), spread(ops.divide(scale!, deviation)));
    return ops.add(scaled, spread(offset!));
  },
  // A number before a tensor, where the table wants the tensor first.
  subtract: (_, [a, b]) => numberFirst(a!) && ops.add(ops.negative(b!), a!),
  divide: (_, [a, b]) => numberFirst(a!) && ops.multiply(record('reciprocal', [b!], {}, b!), a!),
  power: (_, [a, b]) => numberFirst(a!) && ops.exp(ops.multiply(b!, ops.log(a!))),
  less: (_, [a, b]) => numberFirst(a!) && ops.greater(b!, a!),
  lessEqual: (_, [a, b]) => numberFirst(a!) && ops.greaterEqual(b!, a!),
  greater: (_, [a, b]) => numberFirst(a!) && ops.less(b!, a!),
  greaterEqual: (_, [a, b]) => numberFirst(a!) && ops.lessEqual(b!, a!),
  where: (node, [condition, yes, no]) => typedChoice(node, condition!, yes!, no!),
  lookup: ({ attributes }, [x]) => lookupByComparing(x!, attributes as unknown as LookupTable),
  einsum: (node, inputs) => einsumOfTwo(node, inputs),
  dim: (node, [x]) => lengthOf(x!, number(node, 'axis')),
  resample: (node, inputs) => resampledByCells(node, inputs),
  arange: node => countedAlong(node),
  broadcastTo: node => spreadAlong(node),
  reshape: (node, inputs) => reshapedTo(inputs[0]!, shapeOf(node)),
  squeeze: (node, [x]) => withoutAxes(x!, numbers(node, 'axes')),
  expandDims: (node, [x]) => reshapedTo(x!, node.outputs[0]!),
};

function numberFirst({ node }: SymbolicTensor): true | null {
  return node.op === 'constant' ? true : null;
}

function exponentialUnit(x: SymbolicTensor, alpha: number): SymbolicTensor {
  return ops.add(ops.relu(x), ops.multiply(ops.expm1(ops.minimum(x, 0)), alpha));
}

/** Products of stacks of stacks as products of one stack. */
function stackedProduct(a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor | null {
  const rank = a.shape.length;
  const [outer, other] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [rows, inner, columns] = [a.shape.at(-2) ?? null, a.shape.at(-1) ?? null, b.shape.at(-1) ?? null];
  if (rank < 4 || rank !== b.shape.length || outer.some((size, axis) => size !== other[axis])) return null;
  if (rows === null || inner === null || columns === null) return null;
  const flat = (x: SymbolicTensor, sizes: readonly number[]) => reshapedTo(x, { ...x, shape: [null, ...sizes] });
  const [left, right] = [flat(a, [rows, inner]), flat(b, [inner, columns])];
  const product = left && right && ops.matmul(left, right);
  return product && reshapedTo(product, { ...product, shape: [...outer, rows, columns] });
}

/** The shape that comes of it, its sizes followed to where they are known. */
function shapeOf(node: OpNode): SymbolicTensor {
  const [output] = node.outputs as [SymbolicTensor];
  const found = reshapedBySizes(node);
  return found ? { ...output, shape: found.map(size => (size === -1 ? null : size)) } : output;
}

function withoutAxes(x: SymbolicTensor, axes: readonly number[]): SymbolicTensor | null {
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  return reshapedTo(x, { ...x, shape: kept });
}

function reshapedTo(x: SymbolicTensor, { shape }: SymbolicTensor): SymbolicTensor | null {
  if (shape.filter(size => size === null).length > 1) return null;
  return record('reshape', [x], { shape: [...shape] }, { shape, dtype: x.dtype });
}

/** The same graph in operations of which `speaks` says that they can be said; null where one of them cannot be taken apart. */
export function inBasicOperations(given: Ends, speaks: (node: OpNode) => boolean, depth = 0): Ends | null {
  const ends = foldNumbers(given);
  const nodes = nodesInOrder(ends).filter(({ op }) => !['constant', 'input', 'weight'].includes(op));
  const silent = new Set(nodes.filter(node => isConstant(node) || !speaks(node)));
  if (silent.size === 0) return ends;
  if (depth === deepest) return null;
  const made = new Map<SymbolicTensor, SymbolicTensor>();
  for (const node of nodes) {
    const inputs = node.inputs.map(tensor => made.get(tensor) ?? tensor);
    const outputs = silent.has(node) ? apart(node, inputs) : rebuilt(node, inputs);
    for (const [at, tensor] of outputs.entries()) if (tensor) made.set(node.outputs[at] as SymbolicTensor, tensor);
  }
  const outputs = ends.outputs.map(tensor => made.get(tensor) ?? tensor);
  // What nobody knew may be needed no more: the next round tells.
  return inBasicOperations({ inputs: ends.inputs, outputs }, speaks, depth + 1);
}

function apart(node: OpNode, inputs: Inputs): readonly (SymbolicTensor | null)[] {
  const made = isConstant(node) ? null : (decompositions[node.op]?.(node, inputs) ?? null);
  return made ? [made] : rebuilt(node, inputs);
}

function rebuilt(node: OpNode, inputs: Inputs): readonly SymbolicTensor[] {
  if (inputs.every((tensor, at) => tensor === node.inputs[at])) return node.outputs;
  return recordAll(node.op, inputs, node.attributes, node.outputs);
}
