/**
 * What all recurrent layers do around their cell: find the first states (given in the call, kept from the last predict,
 * or zero), run the cell over time, keep the last states, and say which masks go on.
 */

import type { Ops } from '../../ops/index.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';
import { tensorArgument } from '../attention/scores.ts';
import type { CallArgument, CallableLayer, CallContext, CallOutcome } from '../define.ts';
import { bool, int, nullable, oneOf } from '../fields.ts';
import type { LoopOptions, LoopResult } from './loop.ts';
import { runCell } from './run-cell.ts';

/** Constructor arguments of every recurrent layer. */
export const recurrentFields = {
  returnSequences: bool(false),
  returnState: bool(false),
  goBackwards: bool(false),
  stateful: bool(false),
  timeMajor: bool(false),
  zeroOutputForMask: bool(false),
  /** How many of the tensors in the call are constants for the cell (Keras 2). */
  numConstants: nullable(int()),
  /** Ours (see era-keys.ts): what stands at a masked step, the output before or the first state. */
  maskedOutput: oneOf(['previous', 'state'], 'previous'),
  /** Ours: whether a mask that came with the input counts beside first states in the call. */
  maskRule: oneOf(['alone', 'always'], 'alone'),
} as const;

export interface RecurrentConfig {
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly timeMajor: boolean;
  readonly zeroOutputForMask: boolean;
  readonly numConstants: number | null;
  readonly maskedOutput: 'previous' | 'state';
  readonly maskRule: 'alone' | 'always';
}

/** Names of `call`'s parameters: the same in all recurrent layers. */
export const recurrentCallArguments = ['sequences', 'initial_state', 'mask', 'training'] as const;

/** How a layer runs its cell: what it reads over time, how large the states are, and the run itself. */
export interface Runner {
  /** Sizes of each state, batch axis included. */
  stateSizes(): readonly (readonly SizeLike[])[];
  run(initialStates: readonly SymbolicTensor[], constants: readonly SymbolicTensor[], options: LoopOptions): LoopResult;
}

/** `call` of a recurrent layer whose cell is its sublayer `cell`. */
export function callRecurrent(
  config: RecurrentConfig,
  inputs: readonly SymbolicTensor[],
  ops: Ops,
  context: CallContext,
  runnerFor: (x: SymbolicTensor) => Runner = x => cellRunner(context.sublayers.cell!, x, timeAxisOf(config), ops),
): CallOutcome {
  const { x, states, constants } = sortInputs(config, inputs, context);
  const passed = context.masks[0] ?? null;
  const mask = maskFor(config.maskRule, states.length + constants.length > 0, context);
  const runner = runnerFor(x);
  const initial = initialStates(config, runner, states, ops, context);
  const maskedOutputIsState = config.maskedOutput === 'state';
  const result = runner.run(initial, constants, { ...config, timeAxis: timeAxisOf(config), mask, maskedOutputIsState });
  if (config.stateful) keep(result.states, context);
  const outputs = config.returnState ? [result.output, ...result.states] : [result.output];
  return { outputs, masks: outputs.map((_, at) => (at === 0 && config.returnSequences ? passed : null)) };
}

/** The mask that a call counts. Keras 3 hands one that came with the input only to calls on that input alone. */
export function maskFor(
  rule: RecurrentConfig['maskRule'],
  withMore: boolean,
  { masks, arguments: given }: CallContext,
): SymbolicTensor | null {
  if (rule === 'always' || !withMore) return masks[0] ?? null;
  return tensorArgument(given.mask);
}

function timeAxisOf({ timeMajor }: RecurrentConfig): 0 | 1 {
  return timeMajor ? 0 : 1;
}

/** Any cell; sizes of its states that only the input knows are those of the same axes of one step. */
function cellRunner(cell: CallableLayer, x: SymbolicTensor, timeAxis: 0 | 1, ops: Ops): Runner {
  const sizes = ops.shape(x);
  const step = [1 - timeAxis, ...x.shape.keys()].filter((axis, at) => at === 0 || axis > 1);
  return {
    stateSizes: () =>
      cell
        .stateShapes(step.map(axis => x.shape[axis]!))
        .map(shape => [sizes[step[0]!]!, ...shape.map((size, at) => size ?? sizes[step[at + 1]!]!)]),
    run: (states, constants, options) => runCell(cell, x, states, constants, options, ops),
  };
}

/** The sequence, the first states and the constants, which may stand in one list or in arguments of their own. */
function sortInputs(config: RecurrentConfig, inputs: readonly SymbolicTensor[], context: CallContext) {
  const [x, ...rest] = inputs;
  const constantsInList = rest.length - (config.numConstants ?? 0);
  const given = context.arguments;
  const states = [...rest.slice(0, constantsInList), ...tensorsIn(given.initial_state)];
  return { x: x!, states, constants: [...rest.slice(constantsInList), ...tensorsIn(given.constants)] };
}

/** All tensors in an argument, in order. */
export function tensorsIn(argument: CallArgument | undefined): readonly SymbolicTensor[] {
  if (typeof argument !== 'object' || argument === null) return [];
  if (Array.isArray(argument)) return argument.flatMap(tensorsIn);
  return 'node' in argument ? [argument as SymbolicTensor] : Object.values(argument).flatMap(tensorsIn);
}

function initialStates(
  config: RecurrentConfig,
  runner: Runner,
  given: readonly SymbolicTensor[],
  ops: Ops,
  context: CallContext,
): readonly SymbolicTensor[] {
  const dtype = context.computeDtype;
  if (given.length > 0) return given.map(state => ops.cast(state, dtype));
  return runner.stateSizes().map((sizes, at) => {
    if (!config.stateful) return ops.zeros(sizes, { dtype });
    const shape = sizes.map(size => (typeof size === 'number' ? size : null));
    return context.state(stateName(at), shape, dtype);
  });
}

function keep(states: readonly SymbolicTensor[], context: CallContext): void {
  for (const [at, state] of states.entries()) context.setState(stateName(at), state);
}

function stateName(index: number): string {
  return `state_${index}`;
}
