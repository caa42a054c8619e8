/** SimpleRNNCell, LSTMCell, GRUCell: one time step. Called on the input and the states, they give output and new states. */

import type { Shape } from '../../numbers/tensor.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type AnyLayerDefinition, defineLayer, type WeightSpec } from '../define.ts';
import { activation, bool, int } from '../fields.ts';
import { type CellWeights, gruHalves, lstmHalves, simpleRnnHalves, type TakeApart } from './gates.ts';

type Weights = { readonly [name: string]: WeightSpec };

/** Kernel, recurrent kernel and bias of a cell whose gates stand side by side. */
function gateWeights(x: Shape, units: number, gates: number, biasShape: Shape | null): Weights {
  return {
    kernel: [x.at(-1) ?? null, gates * units],
    recurrentKernel: [units, gates * units],
    ...(biasShape && { bias: biasShape }),
  };
}

const simpleRnnCell = defineLayer({
  name: 'SimpleRNNCell',
  config: { units: int(), activation: activation('tanh'), useBias: bool(true) },
  callArguments: ['sequence', 'states'],
  weights: ({ units, useBias }, [x]) => gateWeights(x!, units, 1, useBias ? [units] : null),
  stateShapes: ({ units }) => [[units]],
  call: (config, weights, [x, ...states], ops) => {
    const { project, step } = simpleRnnHalves(config, weights as unknown as CellWeights, ops);
    return withOutput(step(project(x!), states));
  },
});

const lstmCell = defineLayer({
  name: 'LSTMCell',
  config: {
    units: int(),
    activation: activation('tanh'),
    recurrentActivation: activation('sigmoid'),
    useBias: bool(true),
  },
  callArguments: ['inputs', 'states'],
  weights: ({ units, useBias }, [x]) => gateWeights(x!, units, 4, useBias ? [4 * units] : null),
  stateShapes: ({ units }) => [[units], [units]],
  call: (config, weights, [x, ...states], ops) => {
    const { project, step } = lstmHalves(config, weights as unknown as CellWeights, ops);
    return withOutput(step(project(x!), states));
  },
});

const gruCell = defineLayer({
  name: 'GRUCell',
  config: {
    units: int(),
    activation: activation('tanh'),
    recurrentActivation: activation('sigmoid'),
    useBias: bool(true),
    resetAfter: bool(true),
  },
  callArguments: ['inputs', 'states'],
  weights: ({ units, useBias, resetAfter }, [x]) =>
    gateWeights(x!, units, 3, useBias ? (resetAfter ? [2, 3 * units] : [3 * units]) : null),
  stateShapes: ({ units }) => [[units]],
  call: (config, weights, [x, ...states], ops) => {
    const { project, step } = gruHalves(config, weights as unknown as CellWeights, ops);
    return withOutput(step(project(x!), states));
  },
});

/** A standard cell's output is its first state. */
function withOutput(states: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
  return [states[0]!, ...states];
}

/** How the standard cells are taken apart. */
export const standardCells: ReadonlyMap<AnyLayerDefinition | null, TakeApart> = new Map<AnyLayerDefinition, TakeApart>([
  [simpleRnnCell, simpleRnnHalves],
  [lstmCell, lstmHalves],
  [gruCell, gruHalves],
]);

export default [simpleRnnCell, lstmCell, gruCell];
