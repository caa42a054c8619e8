/**
 * One serialised layer of any era under today's names: its class, its arguments, and everything serialised inside
 * (wrapped layers, cells, activations, initializers). Models inside are left as stored: whoever builds them reads them.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import type { Era } from '../era.ts';
import { isKerasModule, isKerasName, isKnownIn, withoutPackage } from '../names.ts';
import { eraBehaviour } from './behaviour.ts';
import { keras1Rule } from './keras1.ts';
import { keras2Rule } from './keras2.ts';
import { keras3Rule } from './keras3.ts';
import { normaliseActivation, normaliseInitializer, normalisePenalty } from './objects.ts';
import { isOperation } from './operations.ts';
import { applyRule, type RuleContext } from './rules.ts';
import { classNameOf, isRecord, plainValue, unwrapped } from './values.ts';

export interface NormalisedLayer {
  readonly className: string;
  readonly origin: 'layer' | 'operation' | 'custom';
  readonly registeredName: string | null;
  /** Today's arguments, with `name`, `trainable` and `dtype` as far as they were stored. */
  readonly config: JsonObject;
}

/** Reads `{class_name, config, …}`. The stored object is not changed. */
export function normaliseLayer(stored: JsonObject, context: RuleContext): NormalisedLayer {
  const identity = identify(stored, context.era);
  const given = isRecord(stored.config) ? stored.config : {};
  if (identity.origin === 'operation') return { ...identity, config: given };
  if (identity.origin === 'custom') return { ...identity, config: inside(given, context) };
  if (isModelClass(identity.className, given)) return { ...identity, config: given };
  const ruled = applyRule(identity.className, given, ruleOf(identity.className, context.era), context);
  const config = inside(ruled.config, context);
  const behaviour = eraBehaviour(ruled.className, config, meaningOf(ruled.className, context));
  return { ...identity, className: ruled.className, config: { ...config, ...behaviour } };
}

/** Code in a Lambda was written for its own Keras, whoever calls it. */
function meaningOf(className: string, { era, means }: RuleContext): Era {
  return className === 'Lambda' ? era : (means ?? era);
}

function ruleOf(className: string, era: Era) {
  if (era.line === 'keras1') return keras1Rule(className);
  return era.line === 'keras3' ? keras3Rule(className) : keras2Rule(className);
}

/** Models hold layers that are read with their graph, not as arguments. */
function isModelClass(className: string, config: JsonObject): boolean {
  return ['Functional', 'Model', 'Network', 'Sequential'].includes(className) || 'input_layers' in config;
}

/** Class, origin and registered name, by module, package and what Keras itself knows. */
export function identify(stored: JsonObject, era: Era): Omit<NormalisedLayer, 'config'> {
  const full = typeof stored.class_name === 'string' ? stored.class_name : '';
  const registered = typeof stored.registered_name === 'string' ? stored.registered_name : null;
  const className = withoutPackage(full);
  const module = typeof stored.module === 'string' ? stored.module : null;
  if (isOperation(stored, era)) return { className, origin: 'operation', registeredName: null };
  const ofKeras = module !== null && isKerasModule(module);
  const known = isKnownIn(era, 'layer', className) || (ofKeras && isKerasName('layer', className));
  const ownPackage = full.includes('>') && !full.startsWith('Keras>') && !full.startsWith('keras');
  const ownModule = registered !== null && (module === null || !isKerasModule(module));
  // Keras 2 registers its own classes too: `Custom>Dense` in a user's file is the user's, `Dense` is Keras's.
  if (known && !ownPackage && !ownModule) return { className, origin: 'layer', registeredName: null };
  return { className, origin: 'custom', registeredName: registered ?? full };
}

/** Everything inside a config. */
function inside(config: JsonObject, context: RuleContext): JsonObject {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, argumentOf(key, value, context)]));
}

function argumentOf(key: string, value: Json, context: RuleContext): Json {
  if (Array.isArray(value)) return value.map(item => argumentOf(key, item, context));
  if (/(^|_)activation$/.test(key) && !isLayerObject(value))
    return normaliseActivation(value, context.means ?? context.era);
  if (key.endsWith('_initializer')) return normaliseInitializer(plainValue(value), context.era);
  if (/_(regularizer|constraint)$/.test(key)) return normalisePenalty(plainValue(value));
  if (!isRecord(value)) return value;
  const plain = unwrapped(value);
  if (plain !== undefined) return argumentOf(key, plain, context);
  if (isLayerObject(value)) return layerObject(value, context);
  return inside(value, context);
}

/** A serialised layer: Keras's own class, or any class under a key that only ever holds layers. */
function isLayerObject(value: Json): value is JsonObject {
  const className = classNameOf(value);
  return className !== null && isRecord(value) && isRecord(value.config) && isLayerClass(className, value.config);
}

function isLayerClass(className: string, config: JsonObject): boolean {
  const name = withoutPackage(className);
  return isKerasName('layer', name) || ('name' in config && 'trainable' in config);
}

function layerObject(stored: JsonObject, context: RuleContext): JsonObject {
  const { className, registeredName, config } = normaliseLayer(stored, context);
  const object: JsonObject = { class_name: className, registered_name: registeredName, config };
  return isRecord(stored.build_config) ? { ...object, build_config: stored.build_config } : object;
}
