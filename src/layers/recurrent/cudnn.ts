/**
 * CuDNNLSTM and CuDNNGRU (Keras 2, TF 1): LSTM and GRU with the weights as CuDNN holds them: each gate's kernel with its
 * axes swapped in memory, each gate's recurrent kernel transposed, two biases for each gate. They compute with tanh and
 * sigmoid, GRU with its reset gate after the product, and know no masks (keras/layers/cudnn_recurrent.py of 2.2.4).
 */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { int } from '../fields.ts';
import { callRecurrent, recurrentCallArguments, recurrentFields } from './recurrent-layer.ts';

type Weights = { readonly [name: string]: SymbolicTensor };

/** Gates side by side, each changed by itself. */
function perGate(
  tensor: SymbolicTensor,
  gates: number,
  change: (gate: SymbolicTensor) => SymbolicTensor,
  ops: Ops,
): SymbolicTensor {
  return ops.concatenate(ops.split(tensor, gates, { axis: -1 }).map(change), { axis: -1 });
}

/** Kernel and recurrent kernel as the plain layers have them. */
function plainKernels({ kernel, recurrentKernel }: Weights, gates: number, ops: Ops) {
  const reread = (gate: SymbolicTensor) => ops.transpose(ops.reshape(gate, [...gate.shape].reverse() as number[]));
  return [perGate(kernel!, gates, reread, ops), perGate(recurrentKernel!, gates, ops.transpose, ops)] as const;
}

const cudnn = (name: 'CuDNNLSTM' | 'CuDNNGRU', gates: 3 | 4) =>
  defineLayer({
    name,
    config: { ...recurrentFields, units: int() },
    callArguments: recurrentCallArguments,
    weights: ({ units }, [x]) => ({
      kernel: [x!.at(-1)!, gates * units],
      recurrentKernel: [units, gates * units],
      bias: [2 * gates * units],
    }),
    call: (config, weights, inputs, ops, context) =>
      callRecurrent(config, inputs, ops, { ...context, masks: inputs.map(() => null) }, x => ({
        stateSizes: () => {
          const batch = ops.shape(x)[config.timeMajor ? 1 : 0]!;
          return Array.from({ length: gates === 4 ? 2 : 1 }, () => [batch, config.units]);
        },
        run(initialState, _constants, { goBackwards, returnSequences, timeAxis }) {
          const [kernel, recurrent] = plainKernels(weights, gates, ops);
          const rows = ops.reshape(weights.bias!, [2, gates * config.units]);
          const batchMajor = timeAxis === 1 ? x : ops.swapaxes(x, 0, 1);
          const [sequence, ...states] =
            gates === 4
              ? ops.lstm(batchMajor, kernel, recurrent, ops.sum(rows, { axis: 0 }), { initialState, goBackwards })
              : ops.gru(batchMajor, kernel, recurrent, rows, { initialState, goBackwards, resetAfter: true });
          if (!returnSequences) return { output: states[0]!, states };
          return { output: timeAxis === 1 ? sequence : ops.swapaxes(sequence, 0, 1), states };
        },
      })),
  });

export default [cudnn('CuDNNLSTM', 4), cudnn('CuDNNGRU', 3)];
