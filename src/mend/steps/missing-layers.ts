/**
 * Layers that a release lacks and has under another name or form: augmentation, which is the identity when predicting,
 * ThresholdedReLU, wrappers whose work is done when weights are stored.
 */

import { isTarget, type Target, targetForm, targetHas } from '../../eras/write/target.ts';
import type { JsonObject, Layer } from '../../model/types.ts';
import { mapLayers } from '../rewrite.ts';
import type { MendStep } from '../step.ts';

interface Replacement {
  readonly className: string;
  readonly config: Layer['config'];
  readonly why: string;
  /** Weights that the layer has there; all where it is left out. */
  readonly keeps?: RegExp;
}

/** Classes that do nothing when predicting. */
const identityAtInference =
  /^(Random(?!Crop|FourierFeatures)\w+|(?:Spatial|Gaussian|Alpha)?Dropout(?:[123]D)?|GaussianNoise|ActivityRegularization|MixUp|CutMix|AugMix|RandAugment|Identity)$/;

const identity: Replacement = {
  className: 'Activation',
  config: { activation: 'linear' },
  why: 'it does nothing when predicting; training there goes without it',
};

function replacementOf(layer: Layer, target: Target): Replacement | null {
  if (layer.origin !== 'layer' || layer.model) return null;
  const form = targetForm(target, 'layers', layer.className);
  if (form) return otherBatchNormalization(layer, form, target);
  if (identityAtInference.test(layer.className)) return identity;
  if (layer.className === 'ThresholdedReLU' && targetHas(target, 'layers', 'ReLU')) {
    return {
      className: 'ReLU',
      config: { max_value: null, negative_slope: 0, threshold: layer.config.theta ?? 1 },
      why: 'ReLU with that threshold is the same function',
    };
  }
  if (layer.className === 'SyncBatchNormalization') {
    return { className: 'BatchNormalization', config: layer.config, why: 'the same when predicting' };
  }
  return null;
}

function otherBatchNormalization(layer: Layer, form: JsonObject, target: Target): Replacement | null {
  if (layer.className !== 'BatchNormalization') return null;
  if (layer.config.renorm === true && !('renorm' in form)) return withoutRenorm(layer);
  const isEarly = target.line === 'tf.keras' && !isTarget(target, 'tf.keras', '2.3');
  return isEarly && String(layer.config.axis) === '1' ? unfused(layer) : null;
}

/** One kernel of TensorFlow 1 does it all, and on a CPU only for channels that come last. */
function unfused({ className, config }: Layer): Replacement {
  const why = 'on a CPU the release normalises channels that come first only step by step';
  return { className, config: { ...config, fused: false }, why };
}

function withoutRenorm({ className, config: { renorm: _renorm, ...config } }: Layer): Replacement {
  const why = 'the running averages that it trains with are not used when predicting';
  return { className, config, why, keeps: /^(gamma|beta|moving_mean|moving_variance)$/ };
}

export const missingLayers: MendStep = {
  title: 'layers that the release lacks and has in another form',
  apply(model, target, tell) {
    return mapLayers(model, layer => {
      const replacement = replacementOf(layer, target);
      if (!replacement) return layer;
      tell({
        failure: 'newer-file-older-keras',
        where: `layer ${layer.name}`,
        before: replacement.keeps ? `${layer.className} with renorm` : layer.className,
        after: replacement.config.fused === false ? `${replacement.className}, not fused` : replacement.className,
        why: replacement.why,
      });
      const config = { name: layer.name, trainable: layer.trainable, ...replacement.config };
      const weights = layer.weights.filter(({ name }) => replacement.keeps?.test(name) ?? true);
      return { ...layer, className: replacement.className, config, weights };
    });
  },
};
