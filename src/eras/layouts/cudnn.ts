/**
 * Weights of CuDNNLSTM and CuDNNGRU as plain LSTM and GRU have them: each gate's kernel transposed in memory, each
 * gate's recurrent kernel transposed, the two biases added (LSTM) or kept apart (GRU with reset_after). A CuDNN layer
 * is told by its bias, which is twice as long (keras/engine/saving.py of 2.2.4: _convert_rnn_weights).
 */

import type { TensorRef } from '../../model/types.ts';
import { allocate } from '../../numbers/dtype.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { columnsOf, concatenateLast, derivedTensor, reshaped, transposeTensor } from './derived.ts';
import type { LayoutStep } from './types.ts';

export const cudnn: LayoutStep = {
  name: 'cudnn-to-plain',
  apply(weights, { className }) {
    const gates =
      className === 'LSTM' || className === 'LSTMCell' ? 4 : className === 'GRU' || className === 'GRUCell' ? 3 : 0;
    const { kernel, recurrent_kernel: recurrent, bias } = weights;
    if (gates === 0 || !kernel || !recurrent || !bias) return null;
    const units = recurrent.shape[0] ?? 0;
    if (bias.shape.length !== 1 || bias.shape[0] !== 2 * gates * units) return null;
    return {
      ...weights,
      kernel: perGate(kernel, gates, "CuDNN's input kernels transposed in memory, gate by gate", reread),
      recurrent_kernel: perGate(recurrent, gates, "CuDNN's recurrent kernels transposed, gate by gate", gate =>
        transposeTensor(gate, [1, 0]),
      ),
      bias: gates === 4 ? summed(bias) : reshaped(bias, [2, gates * units], "CuDNN's two biases as two rows"),
    };
  },
};

function perGate(tensor: TensorRef, gates: number, why: string, change: (gate: Tensor) => Tensor): TensorRef {
  return derivedTensor([tensor], tensor.shape, why, ([stored]) => {
    const width = stored!.shape[1]! / gates;
    const parts = Array.from({ length: gates }, (_, gate) => change(columnsOf(stored!, gate * width, width)));
    return concatenateLast(parts);
  });
}

/** A gate's buffer holds (units, inputs): read so, and turned to (inputs, units). */
function reread(gate: Tensor): Tensor {
  const [inputs, units] = gate.shape as [number, number];
  return transposeTensor({ ...gate, shape: [units, inputs] }, [1, 0]);
}

function summed(bias: TensorRef): TensorRef {
  const length = bias.shape[0]! / 2;
  const sum = derivedTensor([bias], [length], "CuDNN's two biases added", ([stored]) => {
    const data = allocate(stored!.dtype, length);
    const from = stored!.data as Float32Array;
    for (let index = 0; index < length; index += 1)
      (data as Float32Array)[index] = from[index]! + from[length + index]!;
    return { dtype: stored!.dtype, shape: [length], data };
  });
  return { ...sum, storedElements: 2 * length };
}
