/**
 * Layers that give at inference what they are given: dropout and noise of every kind, penalties on activity, Identity.
 */

import { type AnyLayerDefinition, defineLayer } from './define.ts';

const identity = (name: string): AnyLayerDefinition =>
  defineLayer({
    name,
    config: {},
    callArguments: ['inputs'],
    mask: 'pass',
    outputShape: (_config, [x]) => x!,
    call: (_config, _weights, inputs) => inputs,
  });

export default [
  'Dropout',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'ActivityRegularization',
  'Identity',
].map(identity);
