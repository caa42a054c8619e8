/**
 * SpectralNormalization where the release lacks it, or does not find it by its name alone (HDF5 files of tf.keras:
 * layers/serialization.py lists it nowhere). When predicting it is the layer inside with its kernel as stored,
 * which training left normalised; so the layer inside takes its place, name and calls.
 */

import { targetHas } from '../../eras/write/target.ts';
import type { Layer } from '../../model/types.ts';
import { mapLayers } from '../rewrite.ts';
import type { MendStep } from '../step.ts';

export const spectralNormalization: MendStep = {
  title: 'SpectralNormalization as the layer inside it',
  apply(model, target, tell, dialect) {
    const finds = target.line === 'keras3' || dialect === 'v3';
    if (finds && targetHas(target, 'layers', 'SpectralNormalization')) return model;
    return mapLayers(model, layer => {
      const held = layer.sublayers.layer;
      if (layer.className !== 'SpectralNormalization' || !held || Array.isArray(held)) return layer;
      const inside = held as Layer;
      tell({
        failure: 'newer-file-older-keras',
        where: `layer ${layer.name}`,
        before: `SpectralNormalization of ${inside.className}`,
        after: inside.className,
        why: 'when predicting it is the layer inside with the stored kernel; training there goes without it',
      });
      return { ...inside, name: layer.name, config: { ...inside.config, name: layer.name }, calls: layer.calls };
    });
  },
};
