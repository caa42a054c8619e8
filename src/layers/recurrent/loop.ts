/**
 * The loop over time of all recurrent layers, with masks as Keras treats them (keras/src/backend/tensorflow/rnn.py):
 * at a masked step states keep their values, and the output repeats the step before or is zero.
 */

import type { Shape } from '../../numbers/tensor.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';

/** One step: from that step's input and the states, the output and the new states. */
export type Step = (
  x: SymbolicTensor,
  states: readonly SymbolicTensor[],
) => { readonly output: SymbolicTensor; readonly states: readonly SymbolicTensor[] };

export interface LoopOptions {
  /** Which axis of inputs, mask and outputs is time: 1, or 0 for time-major layers. */
  readonly timeAxis: 0 | 1;
  /** True where a step counts; null: all count. */
  readonly mask: SymbolicTensor | null;
  /** Read time backwards; outputs come in the order of reading. */
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  /** Zero at masked steps, instead of the output before. */
  readonly zeroOutputForMask: boolean;
  /** Standalone Keras (1.x, 2.0–2.3.1, K.rnn): at a masked step the output is the first state. */
  readonly maskedOutputIsState: boolean;
}

export interface LoopResult {
  /** Outputs of all steps, or of the last one. */
  readonly output: SymbolicTensor;
  readonly states: readonly SymbolicTensor[];
}

/** Runs `step` along the time axis of `x`. */
export function loopOverTime(
  x: SymbolicTensor,
  initialStates: readonly SymbolicTensor[],
  step: Step,
  options: LoopOptions,
  ops: Ops,
): LoopResult {
  return options.mask === null
    ? plainLoop(x, initialStates, step, options, ops)
    : maskedLoop(x, options.mask, initialStates, step, options, ops);
}

/** Outputs of all steps in the order of reading, or the one read last. */
export function inReadingOrder(
  outputs: SymbolicTensor,
  { timeAxis, goBackwards, returnSequences }: Pick<LoopOptions, 'timeAxis' | 'goBackwards' | 'returnSequences'>,
  ops: Ops,
): SymbolicTensor {
  if (returnSequences) return goBackwards ? ops.flip(outputs, { axis: timeAxis }) : outputs;
  return ops.take(outputs, goBackwards ? 0 : -1, { axis: timeAxis });
}

function plainLoop(
  x: SymbolicTensor,
  initialStates: readonly SymbolicTensor[],
  step: Step,
  options: LoopOptions,
  ops: Ops,
): LoopResult {
  const [states, outputs] = ops.scan(
    (carried, [now]) => {
      const next = step(now!, carried);
      return [next.states, [next.output]];
    },
    initialStates,
    [x],
    { axis: options.timeAxis, reverse: options.goBackwards },
  );
  return { output: inReadingOrder(outputs[0]!, options, ops), states };
}

function maskedLoop(
  x: SymbolicTensor,
  mask: SymbolicTensor,
  initialStates: readonly SymbolicTensor[],
  step: Step,
  options: LoopOptions,
  ops: Ops,
): LoopResult {
  // A step traced for its output's shape and dtype only; nothing of it is used.
  const { output: sample } = step(ops.take(x, 0, { axis: options.timeAxis }), initialStates);
  const batch = ops.shape(x)[1 - options.timeAxis]!;
  const before = ops.zeros([batch, ...ops.shape(sample).slice(1)], { dtype: sample.dtype });
  const [carried, outputs] = ops.scan(
    ([previous, ...states], [now, counts]) => {
      const next = step(now!, states);
      const choose = (fresh: SymbolicTensor, old: SymbolicTensor) =>
        ops.where(alongBatch(counts!, fresh.shape, ops), fresh, ops.cast(old, fresh.dtype));
      const kept = options.maskedOutputIsState ? states[0]! : previous!;
      const output = choose(next.output, options.zeroOutputForMask ? before : kept);
      const newStates = next.states.map((state, at) => choose(state, states[at]!));
      return [[output, ...newStates], options.returnSequences ? [output] : []];
    },
    [before, ...initialStates],
    [x, ops.cast(mask, 'bool')],
    { axis: options.timeAxis, reverse: options.goBackwards },
  );
  const [last, ...states] = carried;
  return { output: options.returnSequences ? inReadingOrder(outputs[0]!, options, ops) : last!, states };
}

/** (B,) or (B, 1) with axes added until it stands against a tensor of that shape. */
function alongBatch(mask: SymbolicTensor, shape: Shape, ops: Ops): SymbolicTensor {
  const missing = shape.length - mask.shape.length;
  if (missing <= 0) return mask;
  const added = Array.from({ length: missing }, (_, at) => mask.shape.length + at);
  return ops.expandDims(mask, added);
}
