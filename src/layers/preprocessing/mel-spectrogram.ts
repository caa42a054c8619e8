/**
 * MelSpectrogram: the short-time spectrum of a signal in mel bands, in decibels (keras mel_spectrogram.py). The bands
 * are triangles on the mel scale mel(f) = 1127·ln(1 + f/700), with the first bin of the spectrum left out.
 */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { bool, float, int, nullable, oneOf } from '../fields.ts';

interface Bands {
  readonly bins: number;
  readonly count: number;
  readonly samplingRate: number;
  readonly from: number;
  readonly to: number;
}

function mel(hertz: number): number {
  return 1127 * Math.log(1 + hertz / 700);
}

/** How much of each frequency bin goes into each band, (bins, bands). */
function melMatrix({ bins, count, samplingRate, from, to }: Bands): number[][] {
  const step = (mel(to) - mel(from)) / (count + 1);
  const edge = (at: number) => mel(from) + step * at;
  return Array.from({ length: bins }, (_, bin) => {
    const place = mel((bin * samplingRate) / 2 / (bins - 1));
    return Array.from({ length: count }, (_, band) => {
      if (bin === 0) return 0;
      const rising = (place - edge(band)) / (edge(band + 1) - edge(band));
      const falling = (edge(band + 2) - place) / (edge(band + 2) - edge(band + 1));
      return Math.max(0, Math.min(rising, falling));
    });
  });
}

function toDecibels(
  power: SymbolicTensor,
  { minPower, refPower, topDb }: { minPower: number; refPower: number; topDb: number },
  ops: Ops,
): SymbolicTensor {
  const reference = 10 * Math.log10(Math.max(Math.abs(refPower), minPower));
  const level = ops.subtract(ops.multiply(10, ops.log10(ops.maximum(power, minPower))), reference);
  // The loudest of the whole batch decides, as in Keras.
  return ops.maximum(level, ops.subtract(ops.max(level), topDb));
}

export default defineLayer({
  name: 'MelSpectrogram',
  config: {
    fftLength: int(2048),
    sequenceStride: int(512),
    sequenceLength: nullable(int()),
    window: nullable(oneOf(['hann', 'hamming'], 'hann')),
    samplingRate: float(16000),
    numMelBins: int(128),
    minFreq: float(20),
    maxFreq: nullable(float()),
    powerToDb: bool(true),
    topDb: float(80),
    magExp: float(2),
    minPower: float(1e-10),
    refPower: float(1),
  },
  call(config, _weights, [x], ops, { computeDtype }) {
    const { fftLength, sequenceStride, samplingRate, magExp } = config;
    const signal = ops.cast(x!, computeDtype === 'float64' ? 'float64' : 'float32');
    const [real, imaginary] = ops.stft(signal, config.sequenceLength ?? fftLength, sequenceStride, fftLength, {
      window: config.window,
    });
    const magnitude = ops.sqrt(ops.add(ops.square(real), ops.square(imaginary)));
    const matrix = melMatrix({
      bins: Math.floor(fftLength / 2) + 1,
      count: config.numMelBins,
      samplingRate,
      from: config.minFreq,
      to: config.maxFreq ?? samplingRate / 2,
    });
    const bands = ops.matmul(ops.power(magnitude, magExp), ops.convertToTensor(matrix, { dtype: signal.dtype }));
    return ops.cast(ops.swapaxes(config.powerToDb ? toDecibels(bands, config, ops) : bands, -1, -2), computeDtype);
  },
});
