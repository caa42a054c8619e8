/**
 * Releases without dtype policies: Keras 1 and 2 compute in one type of float, whatever a layer says, and tf.keras
 * before TF 2.4 mixes none. There a model of other floats becomes one of float32. Up to TF 2.9 most layers have no
 * kernel of bfloat16 on a CPU: those of TF 2.8 run no convolution and no pooling.
 */

import { isTarget, type Target } from '../../eras/write/target.ts';
import type { DTypePolicy, Layer, Model } from '../../model/types.ts';
import { mapLayers } from '../rewrite.ts';
import type { MendStep } from '../step.ts';

const float32: DTypePolicy = { name: 'float32', compute: 'float32', variable: 'float32' };

const isFloat = (name: unknown) => typeof name === 'string' && /^b?float/.test(name);

export const oneFloat: MendStep = {
  title: 'float32 where a release has one type of float',
  apply(model, target, tell) {
    const all = needsOne(model, target);
    if (!all && !lacksBfloat16(target)) return model;
    return mapLayers(model, layer => {
      const plain = all || isBfloat16(layer) ? inFloat32(layer) : layer;
      if (plain !== layer) {
        tell({
          failure: 'mixed-precision-policy',
          where: `layer ${layer.name}`,
          before: layer.className === 'InputLayer' ? String(layer.config.dtype) : layer.dtype.name,
          after: 'float32',
          why: `the release ${all ? 'computes in one type of float' : 'runs few layers in bfloat16'}; float32 is at least as exact as what 16 bits gave`,
        });
      }
      return plain;
    });
  },
};

function needsOne(model: Model, target: Target): boolean {
  if (target.line === 'keras1' || target.line === 'keras2') return true;
  if (target.line !== 'tf.keras' || isTarget(target, 'tf.keras', '2.4')) return false;
  return floatsOf(model).size > 1;
}

function lacksBfloat16(target: Target): boolean {
  return target.line === 'tf.keras' && !isTarget(target, 'tf.keras', '2.10');
}

function isBfloat16({ className, config, dtype }: Layer): boolean {
  return className === 'InputLayer' ? config.dtype === 'bfloat16' : dtype.compute === 'bfloat16';
}

function floatsOf(model: Model): Set<string> {
  const found = new Set<string>();
  for (const layer of model.layers) {
    const given = layer.className === 'InputLayer' ? [layer.config.dtype] : [layer.dtype.compute, layer.dtype.variable];
    for (const name of given) if (isFloat(name)) found.add(String(name));
    if (layer.model) for (const name of floatsOf(layer.model)) found.add(name);
  }
  return found;
}

/** The layer itself where it is one of float32 or of no floats. */
function inFloat32(layer: Layer): Layer {
  if (layer.className === 'InputLayer') {
    const { dtype } = layer.config;
    if (!isFloat(dtype) || dtype === 'float32') return layer;
    return { ...layer, dtype: float32, config: { ...layer.config, dtype: 'float32' } };
  }
  const { compute, variable } = layer.dtype;
  if (![compute, variable].every(isFloat) || (compute === 'float32' && variable === 'float32')) return layer;
  const { dtype: _dtype, ...config } = layer.config;
  return { ...layer, dtype: float32, config };
}
