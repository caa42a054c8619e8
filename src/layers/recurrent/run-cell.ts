/**
 * Runs a cell over time in the cheapest way that gives Keras's numbers: as one fused operation, as a loop in which only
 * the recurrent half is computed, or, for cells that nobody knows, as a loop over whole calls.
 */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { CallArgument, CallableLayer } from '../define.ts';
import { standardCells } from './cells.ts';
import { gateActivation } from './gate-activation.ts';
import type { CellConfig, CellWeights } from './gates.ts';
import { type LoopOptions, type LoopResult, loopOverTime } from './loop.ts';

/** Constants of the call go to the cell as they are. */
export function runCell(
  cell: CallableLayer,
  x: SymbolicTensor,
  initialStates: readonly SymbolicTensor[],
  constants: readonly SymbolicTensor[],
  options: LoopOptions,
  ops: Ops,
): LoopResult {
  const takeApart = standardCells.get(cell.definition);
  if (!takeApart || constants.length > 0)
    return loopOverTime(x, initialStates, callStep(cell, constants), options, ops);
  const config = cell.config as unknown as CellConfig;
  const weights = cell.weights([[null, ...x.shape.slice(2)]]) as unknown as CellWeights;
  // No runtime has recurrent kernels in float64.
  const fusible = options.mask === null && x.dtype !== 'float64';
  const fused = fusible ? fuse(cell.className, config, weights, x, initialStates, options, ops) : null;
  if (fused) return fused;
  const { project, step } = takeApart(config, weights, ops);
  const stepStates = (projected: SymbolicTensor, states: readonly SymbolicTensor[]) => {
    const next = step(projected, states);
    return { output: next[0]!, states: next };
  };
  return loopOverTime(project(x), initialStates, stepStates, options, ops);
}

function callStep(cell: CallableLayer, constants: readonly SymbolicTensor[]) {
  return (x: SymbolicTensor, states: readonly SymbolicTensor[]) => {
    const given: { [name: string]: CallArgument } = { states, ...(constants.length > 0 && { constants }) };
    const [output, ...next] = cell.call([x, ...states], { arguments: given }).outputs;
    return { output: output!, states: next };
  };
}

/** One fused operation, or null where there is none for these activations. */
function fuse(
  className: string,
  config: CellConfig,
  { kernel, recurrentKernel, bias }: CellWeights,
  x: SymbolicTensor,
  initialState: readonly SymbolicTensor[],
  options: LoopOptions,
  ops: Ops,
): LoopResult | null {
  const activation = gateActivation(config.activation);
  const recurrentActivation = config.recurrentActivation ? gateActivation(config.recurrentActivation) : undefined;
  if (activation === null || recurrentActivation === null) return null;
  const batchMajor = options.timeAxis === 1 ? x : ops.swapaxes(x, 0, 1);
  const given = {
    activation,
    ...(recurrentActivation && { recurrentActivation }),
    initialState,
    goBackwards: options.goBackwards,
  };
  const weights = [kernel, recurrentKernel, bias ?? null] as const;
  const [sequence, ...states] =
    className === 'LSTMCell'
      ? ops.lstm(batchMajor, ...weights, given)
      : className === 'GRUCell'
        ? ops.gru(batchMajor, ...weights, { ...given, resetAfter: config.resetAfter ?? true })
        : ops.simpleRnn(batchMajor, ...weights, given);
  // The fused operations give the sequence in reading order already, and the last output is the first state.
  if (!options.returnSequences) return { output: states[0]!, states };
  return { output: options.timeAxis === 1 ? sequence : ops.swapaxes(sequence, 0, 1), states };
}
