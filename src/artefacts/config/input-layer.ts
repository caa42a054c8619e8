/** The InputLayer that a Sequential has without saying so, as the releases made it when they built the model. */

import { isRecord, plainValue } from '../../eras/normalise/values.ts';
import { float32Policy, parsePolicy } from '../../layers/policy.ts';
import type { Json, JsonObject, Layer, Structure, TensorAddress } from '../../model/types.ts';
import { type ConfigContext, noAssets } from './context.ts';

/** Made for the first layer of a Sequential. Its shape is null where nothing tells it: the model was never built. */
export function inputLayer(first: Layer, entry: JsonObject, context: ConfigContext, builtShape: Json): Layer {
  const stored = isRecord(entry.config) ? entry.config : {};
  const inside = first.model ? modelInput(first.model.layers, first.model.inputs) : null;
  const given = plainValue(stored.batch_input_shape ?? stored.batch_shape ?? null);
  const shape = given ?? inside?.config.batch_shape ?? builtShape;
  const dtype = inside?.config.dtype ?? stored.input_dtype ?? inputDtype(stored) ?? 'float32';
  const name = context.era.line === 'keras3' ? 'input_layer' : `${first.name}_input`;
  return {
    name,
    className: 'InputLayer',
    origin: 'layer',
    registeredName: null,
    config: { batch_shape: shape ?? null, dtype, sparse: false, name },
    dtype: parsePolicy(dtype, float32Policy),
    trainable: true,
    calls: [],
    weights: [],
    sublayers: {},
    model: null,
    buildShape: null,
    assets: noAssets,
    at: first.at,
  };
}

/** The dtype argument of a first layer was its input's too; a policy's inputs come in its compute dtype's wider one. */
function inputDtype(stored: JsonObject): string | null {
  return typeof stored.dtype === 'string' && !/^(mixed_|.*_from_)/.test(stored.dtype) ? stored.dtype : null;
}

/** The input layer of a model that stands first in a Sequential. */
function modelInput(layers: readonly Layer[], inputs: Structure<TensorAddress>): Layer | null {
  const list = Array.isArray(inputs) ? (inputs as readonly Structure<TensorAddress>[]) : [inputs];
  const name = (list[0] as TensorAddress | undefined)?.layer;
  return layers.find(layer => layer.name === name) ?? null;
}
