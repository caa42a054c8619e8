/**
 * Merge of Keras 1: several tensors into one by sum, mul, ave, max, concat, dot or cos (keras/engine/topology.py of
 * 1.2.2). Where it headed a Sequential with branches inside, readers make that a graph.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { int, json, text } from '../fields.ts';

type Combine = (inputs: readonly SymbolicTensor[], ops: Ops, axes: readonly [number, number]) => SymbolicTensor;

const fold = (inputs: readonly SymbolicTensor[], join: (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor) =>
  inputs.reduce(join);

const combine: { readonly [mode: string]: Combine } = {
  sum: (inputs, ops) => fold(inputs, ops.add),
  mul: (inputs, ops) => fold(inputs, ops.multiply),
  ave: (inputs, ops) => ops.divide(fold(inputs, ops.add), inputs.length),
  max: (inputs, ops) => fold(inputs, ops.maximum),
  dot: ([x, y], ops, axes) => batchDot(x!, y!, axes, ops),
  cos: ([x, y], ops, axes) => {
    const lengths = ops.multiply(batchDot(x!, x!, axes, ops), batchDot(y!, y!, axes, ops));
    const cosine = ops.divide(batchDot(x!, y!, axes, ops), ops.maximum(ops.sqrt(lengths), 1e-7));
    return ops.expandDims(cosine, 1);
  },
};

/** Product of each sample's matrices; the given axes are those summed over. */
function batchDot(x: SymbolicTensor, y: SymbolicTensor, axes: readonly [number, number], ops: Ops): SymbolicTensor {
  if (x.shape.length === 2 && y.shape.length === 2) return ops.sum(ops.multiply(x, y), { axis: 1, keepdims: true });
  const left = axes[0] === x.shape.length - 1 ? x : ops.swapaxes(x, -2, -1);
  const right = axes[1] === y.shape.length - 1 ? ops.swapaxes(y, -2, -1) : y;
  return ops.matmul(left, right);
}

/** One axis for both inputs or one for each; counted from the end where negative. */
function dotAxes(stored: unknown, [x, y]: readonly SymbolicTensor[]): readonly [number, number] {
  const pair = (Array.isArray(stored) ? stored.flat() : [stored, stored]) as number[];
  const counted = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);
  return [counted(pair[0] ?? -1, x!.shape.length), counted(pair[1] ?? pair[0] ?? -1, y?.shape.length ?? 0)];
}

export default defineLayer({
  name: 'Merge',
  config: { mode: text('sum'), modeType: text('raw'), concatAxis: int(-1), dotAxes: json(-1) },
  call({ mode, modeType, concatAxis, dotAxes: axes }, _weights, inputs, ops, { layerName }) {
    if (mode === 'concat') return ops.concatenate(inputs, { axis: concatAxis });
    const join = modeType === 'raw' ? combine[mode] : undefined;
    if (!join) throw unknownMode(mode, layerName);
    return join(inputs, ops, dotAxes(axes, inputs));
  },
  mask: ({ mode, modeType, concatAxis }, inputs, masks, ops) => {
    const known = masks.filter(mask => mask !== null);
    if (known.length === 0 || modeType !== 'raw' || mode === 'dot' || mode === 'cos') return null;
    if (mode !== 'concat') return known.reduce((left, right) => ops.logicalAnd(left, right));
    const full = masks.map((mask, at) =>
      ops.broadcastTo(mask ? ops.expandDims(mask, -1) : true, ops.shape(inputs[at]!)),
    );
    return ops.all(ops.concatenate(full, { axis: concatAxis }), { axis: -1 });
  },
});

function unknownMode(mode: string, layerName: string): LoadstoneError {
  return new LoadstoneError('unsupported', `layer "${layerName}" merges by a Python function, "${mode.slice(0, 40)}"`, {
    where: `layer ${layerName}, key mode`,
    do: 'Give a definition of Merge with customObjects or --custom.',
  });
}
