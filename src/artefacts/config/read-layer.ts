/** One layer of a config as a `Layer`: named, its arguments today's, the models and layers inside it read as well. */

import { normaliseLayer } from '../../eras/normalise/layer.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import { classNameToSnakeCase } from '../../layers/names.ts';
import { float32Policy, parsePolicy } from '../../layers/policy.ts';
import type { Call, Json, JsonObject, Layer } from '../../model/types.ts';
import { type ConfigContext, nameOf, noAssets } from './context.ts';
import { isModelObject, readModel } from './read-model.ts';

/** Reads the entry at `pointer`. Calls are the graph's business and come from outside. */
export function readLayer(entry: JsonObject, context: ConfigContext, pointer: string, calls: readonly Call[]): Layer {
  const given = isRecord(entry.config) ? entry.config : {};
  const normal = normaliseLayer(entry, context);
  const model = isModelObject(entry) ? readModel(entry, { ...context, depth: context.depth + 1 }, pointer) : null;
  const name = nameOf(entry, given, model?.name ?? classNameToSnakeCase(normal.className));
  const className = model?.className ?? normal.className;
  const config = model ? (isRecord(entry.config) ? modelArguments(entry.config) : {}) : normal.config;
  const dtype = parsePolicy(given.dtype, float32Policy);
  return {
    name,
    className,
    origin: model ? model.origin : normal.origin,
    registeredName: normal.registeredName,
    config,
    dtype,
    trainable: config.trainable !== false,
    calls,
    weights: [],
    sublayers: model ? {} : readModelsInside(config, context, pointer),
    model,
    buildShape: buildShapeOf(entry, given),
    assets: noAssets,
    at: { path: context.path, pointer },
  };
}

/** A model used as a layer keeps what is an argument: its graph is read apart. */
function modelArguments(config: JsonObject): JsonObject {
  const { layers: _layers, input_layers: _inputs, output_layers: _outputs, ...rest } = config;
  return rest;
}

function buildShapeOf(entry: JsonObject, config: JsonObject): Json {
  const built = isRecord(entry.build_config) ? entry.build_config : null;
  return built?.input_shape ?? built ?? config.build_input_shape ?? null;
}

/**
 * Models held as arguments (TimeDistributed over a model), by the attribute under which Keras keeps them, which is the
 * argument's name. Layers inside that are no models are not read here: their definition makes them of the config.
 */
function readModelsInside(config: JsonObject, context: ConfigContext, pointer: string): Layer['sublayers'] {
  const held = Object.entries(config).filter(
    (entry): entry is [string, JsonObject] => isRecord(entry[1]) && isModelObject(entry[1]),
  );
  return Object.fromEntries(
    held.map(([key, value]) => [key, readLayer(value, context, `${pointer}/config/${key}`, [])]),
  );
}
