/** Discretization: in which interval a number lies; a boundary belongs to the interval above it. */

import { LoadstoneError } from '../../findings/errors.ts';
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
  call({ binBoundaries, outputMode, squeezeOneHot, truncateInput }, _weights, [x], ops, { computeDtype, layerName }) {
    if (!Array.isArray(binBoundaries)) throw missing(layerName);
    const boundaries = binBoundaries as readonly number[];
    const given = truncateInput ? ops.cast(x!, 'int64') : x!;
    const bins = ops.digitize(ops.cast(given, 'float32'), ops.convertToTensor(boundaries, { dtype: 'float32' }));
    if (outputMode === 'int') return ops.cast(bins, computeDtype === 'int64' ? 'int64' : 'int32');
    const dtype = computeDtype === 'int64' ? 'float32' : computeDtype;
    return encode(bins, { mode: outputMode, depth: boundaries.length + 1, dtype, squeeze: squeezeOneHot }, ops);
  },
});

function missing(layerName: string): LoadstoneError {
  return new LoadstoneError('bad-weights', `layer "${layerName}" has no bin boundaries in this artefact`, {
    where: `layer ${layerName}, key bin_boundaries`,
    do: 'Adapt the layer before saving, or put the boundaries into the config.',
  });
}
