/** Discretization: in which interval a number lies; a boundary belongs to the interval above it. */

import { LoadstoneError } from '../../findings/errors.ts';
import { isInteger } from '../../numbers/dtype.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { bool, int, json, nullable } from '../fields.ts';
import { encode, outputMode } from './encode.ts';

export default defineLayer({
  name: 'Discretization',
  config: {
    binBoundaries: json(),
    numBins: nullable(int()),
    outputMode: outputMode('int'),
    squeezeOneHot: bool(true),
    /** Ours (see era-keys.ts): the number loses its fraction first, as Keras 3.0 to 3.11 had it. */
    truncateInput: bool(false),
  },
  castInputs: false,
  // tf.keras keeps what it adapted to as a summary: values, and how much each stands for.
  weights: ({ binBoundaries }) => ({
    ...(!Array.isArray(binBoundaries) && {
      summary: { shape: [2, null], trainable: false, optional: true, dtype: 'float32', autocast: false } as const,
    }),
  }),
  call(config, { summary }, [x], ops, { computeDtype, layerName }) {
    const { outputMode, squeezeOneHot, truncateInput } = config;
    const boundaries = boundariesOf(config, summary ?? null, ops);
    if (!boundaries) throw missing(layerName);
    const given = truncateInput && isInteger(computeDtype) ? ops.cast(x!, computeDtype) : x!;
    const bins = ops.digitize(ops.cast(given, 'float32'), boundaries);
    if (outputMode === 'int') return ops.cast(bins, computeDtype === 'int64' ? 'int64' : 'int32');
    const dtype = computeDtype === 'int64' ? 'float32' : computeDtype;
    return encode(bins, { mode: outputMode, depth: boundaries.shape[0]! + 1, dtype, squeeze: squeezeOneHot }, ops);
  },
});

/** Boundaries from the config, or where the summary's weights come to each share of the whole. */
function boundariesOf(
  { binBoundaries, numBins }: { readonly binBoundaries: unknown; readonly numBins: number | null },
  summary: SymbolicTensor | null,
  ops: Ops,
): SymbolicTensor | null {
  if (Array.isArray(binBoundaries)) return ops.convertToTensor(binBoundaries as number[], { dtype: 'float32' });
  if (summary === null || numBins === null) return null;
  const [values, weights] = ops.unstack(summary) as [SymbolicTensor, SymbolicTensor];
  const sums = ops.cumsum(weights, { axis: 0 });
  const shares = ops.divide(sums, ops.take(sums, -1, { axis: 0 }));
  const wanted = Array.from({ length: numBins - 1 }, (_, at) => (at + 1) / numBins);
  return interpolate(ops.convertToTensor(wanted, { dtype: 'float32' }), shares, values, ops);
}

/** Linear interpolation between rising places; before the first and after the last the value of that place. */
function interpolate(x: SymbolicTensor, places: SymbolicTensor, values: SymbolicTensor, ops: Ops): SymbolicTensor {
  const last = ops.subtract(ops.shape(places)[0]!, 1);
  const above = ops.minimum(ops.searchsorted(places, x), last);
  const below = ops.maximum(ops.subtract(above, 1), 0);
  const [from, to] = [below, above].map(at => ops.take(places, at, { axis: 0 })) as [SymbolicTensor, SymbolicTensor];
  const share = ops.clip(ops.divideNoNan(ops.subtract(x, from), ops.subtract(to, from)), 0, 1);
  const [low, high] = [below, above].map(at => ops.take(values, at, { axis: 0 })) as [SymbolicTensor, SymbolicTensor];
  return ops.add(low, ops.multiply(share, ops.subtract(high, low)));
}

function missing(layerName: string): LoadstoneError {
  return new LoadstoneError('bad-weights', `layer "${layerName}" has no bin boundaries in this artefact`, {
    where: `layer ${layerName}, key bin_boundaries`,
    do: 'Adapt the layer before saving, or put the boundaries into the config.',
  });
}
