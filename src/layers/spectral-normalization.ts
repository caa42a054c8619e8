/**
 * SpectralNormalization: while training it scales the kernel of the layer inside by its largest singular value; at
 * inference it is the layer inside with the kernel as stored (keras/src/layers/normalization/spectral_normalization.py).
 */

import type { Dim } from '../numbers/tensor.ts';
import { defineLayer, type LayerSpec } from './define.ts';
import { int, layer } from './fields.ts';

/** Last size of the kernel inside, where its config tells. */
function lastSize({ config }: LayerSpec): Dim {
  const size = config.units ?? config.filters ?? config.output_dim;
  return typeof size === 'number' ? size : null;
}

export default defineLayer({
  name: 'SpectralNormalization',
  config: { layer: layer(), powerIterations: int(1) },
  callArguments: ['inputs', 'training'],
  sublayers: ({ layer }) => ({ layer }),
  weights: ({ layer }) => ({ vectorU: { shape: [1, lastSize(layer)], trainable: false } }),
  call: (_config, _weights, inputs, _ops, { sublayers, masks }) => sublayers.layer!.call(inputs, { masks }),
});
