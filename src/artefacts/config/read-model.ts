/**
 * From a stored config of any era to a `Model`: which kind of model it is, and then its reader. Nothing is thrown for
 * what is wrong inside: a finding says it, and what could be read is there.
 */

import { identify, type NormalisedLayer } from '../../eras/normalise/layer.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import type { Json, JsonObject, Model } from '../../model/types.ts';
import { type ConfigContext, maxModelDepth, nameOf, noteConfig } from './context.ts';
import { readFunctional } from './functional.ts';
import { readLayer } from './read-layer.ts';
import { readSequential } from './sequential.ts';

/** True for a serialised object that is a model: it holds layers of its own. */
export function isModelObject(stored: JsonObject): boolean {
  if (stored.class_name === 'Sequential') return true;
  const config = stored.config;
  if (isRecord(config)) return 'input_layers' in config && Array.isArray(config.layers);
  return false;
}

/**
 * Reads a serialised model (`{class_name, config}`). A class of the user's without a graph in its config gives a
 * model without layers that keeps its config. Null, with a finding, where it is no model at all.
 */
export function readModel(stored: Json, context: ConfigContext, pointer = ''): Model | null {
  if (!isRecord(stored) || typeof stored.class_name !== 'string') {
    noteConfig(context, 'config-no-model', 'the config names no class, so it describes no model', pointer);
    return null;
  }
  if (context.depth > maxModelDepth) {
    noteConfig(context, 'config-too-deep', `more than ${maxModelDepth} models lie within one another`, pointer);
    return null;
  }
  const identity = identify(stored, context.era);
  const config = stored.config;
  if (identity.className === 'Sequential' && identity.origin === 'layer') {
    return readSequential(stored, identity, context, `${pointer}/config`);
  }
  if (isRecord(config) && Array.isArray(config.layers) && 'input_layers' in config) {
    return readFunctional(
      config,
      graphIdentity(identity),
      nameOf(stored, config, 'model'),
      context,
      `${pointer}/config`,
    );
  }
  return subclassed(stored, identity, context, pointer);
}

type Identity = Omit<NormalisedLayer, 'config'>;

/** `Model` and `Network` of older eras are what is called Functional today. */
function graphIdentity(identity: Identity): Identity {
  return identity.origin === 'layer' ? { ...identity, className: 'Functional' } : identity;
}

/** A model whose graph is code of the user's: what is stored is its config, and it is itself the one layer to define. */
function subclassed(
  stored: JsonObject,
  { className, registeredName, origin }: Identity,
  context: ConfigContext,
  pointer: string,
): Model {
  const config = isRecord(stored.config) ? stored.config : {};
  const name = nameOf(stored, config, className);
  const root = readLayer({ ...stored, name, config }, context, pointer, []);
  return {
    className,
    origin: origin === 'custom' ? 'custom' : 'layer',
    registeredName,
    name,
    trainable: config.trainable !== false,
    layers: [],
    inputs: [],
    outputs: [],
    config,
    root: origin === 'custom' ? root : null,
  };
}
