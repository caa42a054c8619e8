/**
 * STFTSpectrogram: the short-time spectrum of every channel, as convolutions with kernels of windowed cosines and sines
 * that the artefact stores (keras stft_spectrogram.py, 3.7 on).
 */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { bool, dataFormat, int, nullable, oneOf } from '../fields.ts';

const epsilon = 1e-7;

interface Config {
  readonly mode: 'log' | 'magnitude' | 'psd' | 'real' | 'imag' | 'angle' | 'stft';
  readonly frameLength: number;
  readonly frameStep: number | null;
  readonly padding: 'valid' | 'same';
  readonly expandDims: boolean;
  readonly dataFormat: 'channels_last' | 'channels_first';
}

/** (B, channels, frequencies, steps), whatever the data format. */
function convolve(x: SymbolicTensor, kernel: SymbolicTensor, config: Config, ops: Ops): SymbolicTensor {
  const last = config.dataFormat === 'channels_last';
  const signals = last ? ops.transpose(x, { axes: [0, 2, 1] }) : x;
  const [, channels, steps] = ops.shape(signals);
  const rows = ops.reshape(signals, [-1, steps!, 1]);
  const y = ops.conv(rows, ops.cast(kernel, x.dtype), {
    padding: config.padding,
    strides: config.frameStep ?? Math.floor(config.frameLength / 2),
  });
  const sizes = ops.shape(y);
  return ops.reshape(ops.transpose(y, { axes: [0, 2, 1] }), [-1, channels!, sizes[2]!, sizes[1]!]);
}

/** Frequencies of all channels side by side, or in an axis of their own. */
function arrange(y: SymbolicTensor, { expandDims, dataFormat }: Config, ops: Ops): SymbolicTensor {
  const last = dataFormat === 'channels_last';
  if (expandDims) return ops.transpose(y, { axes: last ? [0, 3, 2, 1] : [0, 1, 3, 2] });
  const [, channels, frequencies, steps] = ops.shape(y);
  const all =
    typeof channels === 'number' && typeof frequencies === 'number'
      ? channels * frequencies
      : ops.multiply(channels!, frequencies!);
  const flat = ops.reshape(y, [-1, all, steps!]);
  return last ? ops.transpose(flat, { axes: [0, 2, 1] }) : flat;
}

function spectrum(real: SymbolicTensor, imaginary: SymbolicTensor, { mode }: Config, ops: Ops): SymbolicTensor {
  if (mode === 'angle') return ops.arctan2(imaginary, real);
  if (mode === 'stft') return ops.concatenate([real, imaginary], { axis: 2 });
  const power = ops.add(ops.square(real), ops.square(imaginary));
  if (mode === 'psd') {
    const inner = ops.getItem(power, ['...', { start: 1, stop: -1 }, {}]);
    return ops.add(
      power,
      ops.pad(inner, [
        [0, 0],
        [0, 0],
        [1, 1],
        [0, 0],
      ]),
    );
  }
  const magnitude = ops.sqrt(ops.maximum(power, epsilon));
  return mode === 'magnitude' ? magnitude : ops.log(ops.maximum(magnitude, epsilon));
}

export default defineLayer({
  name: 'STFTSpectrogram',
  config: {
    mode: oneOf(['log', 'magnitude', 'psd', 'real', 'imag', 'angle', 'stft'], 'log'),
    frameLength: int(256),
    frameStep: nullable(int()),
    fftLength: nullable(int()),
    padding: oneOf(['valid', 'same'], 'valid'),
    expandDims: bool(false),
    dataFormat: dataFormat(),
  },
  weights: ({ mode, frameLength, fftLength }) => {
    const spec = { shape: [frameLength, 1, Math.floor((fftLength ?? frameLength) / 2) + 1], trainable: false };
    return { ...(mode !== 'imag' && { realKernel: spec }), ...(mode !== 'real' && { imagKernel: spec }) };
  },
  call(config, { realKernel, imagKernel }, [x], ops) {
    const [real, imaginary] = [realKernel, imagKernel].map(kernel => kernel && convolve(x!, kernel, config, ops));
    if (!real || !imaginary) return arrange((real ?? imaginary)!, config, ops);
    return arrange(spectrum(real, imaginary, config, ops), config, ops);
  },
});
