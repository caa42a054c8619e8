/**
 * A layer's config in the words of a release. The release's own form (which keys it writes, with which defaults) is the
 * frame; the rules by which that release's configs are read say which of today's keys fills which of its own. What
 * finds no place is told: whether it matters is decided by reading back what was written.
 */

import type { DTypePolicy, Json, JsonObject } from '../../model/types.ts';
import { padsAlike } from '../normalise/behaviour.ts';
import { keras1Rule } from '../normalise/keras1.ts';
import { keras2Rule } from '../normalise/keras2.ts';
import { keras3Rule } from '../normalise/keras3.ts';
import type { ClassRule } from '../normalise/rules.ts';
import { classNameOf, isRecord } from '../normalise/values.ts';
import { releaseOf } from '../signatures/index.ts';
import { hasOwnBackward, takesBackward } from './backward-layer.ts';
import { classNameOfKeras1, configOfKeras1, takenByKeras1, takenFromLists } from './keras1.ts';
import { lambdaRefusal } from './lambda.ts';
import {
  activationName,
  isKerasActivation,
  type Note,
  writeInitializer,
  writePenalty,
  writePolicy,
} from './objects.ts';
import { formVersion, namesModules, type Target, targetForm, targetHas } from './target.ts';
import { wordOf } from './words.ts';

export interface WrittenLayer {
  readonly className: string;
  readonly config: JsonObject;
}

export interface LayerToWrite {
  readonly className: string;
  readonly name: string;
  /** Arguments under today's names. */
  readonly config: JsonObject;
  readonly dtype: DTypePolicy;
  readonly trainable: boolean;
}

/** Why a layer cannot be written for a target. */
export interface Refusal {
  readonly key: string | null;
  readonly what: string;
}

export type WriteResult = { readonly written: WrittenLayer } | { readonly refused: Refusal };

function ruleOf(className: string, target: Target): ClassRule {
  if (target.line === 'keras1') return keras1Rule(className);
  return target.line === 'keras3' ? keras3Rule(className) : keras2Rule(className);
}

/** Classes under the name that the target has them by. */
function classNameIn(layer: LayerToWrite, target: Target): string | null {
  if (target.line === 'keras1') return classNameOfKeras1(layer.className, layer.config);
  if (layer.className === 'GroupedQueryAttention') return 'GroupQueryAttention';
  return layer.className;
}

/** Writes a built-in layer. Custom layers and models are their caller's. */
export function writeLayer(layer: LayerToWrite, target: Target, note: Note): WriteResult {
  const className = classNameIn(layer, target);
  const form = className && formIn(className, target);
  if (!className || !form) {
    return { refused: { key: null, what: `${layer.className} is no layer of ${describeTarget(target)}` } };
  }
  if (/_from_/.test(layer.dtype.name) && target.line !== 'keras3') {
    const what = `kernels of the policy ${layer.dtype.name} are only in Keras 3`;
    return { refused: { key: 'dtype', what } };
  }
  if (className === 'Lambda') {
    const what = lambdaRefusal(layer.name, layer.config, form, target);
    if (what !== null) return { refused: { key: 'function', what } };
  }
  if (layer.className === 'Conv2DTranspose' && target.backend === 'theano' && padsOtherwise(layer.config)) {
    return { refused: { key: 'padding', what: 'Theano pads "same" by half a kernel on both sides' } };
  }
  const today = target.line === 'keras1' ? configOfKeras1(className, layer.className, layer.config) : layer.config;
  const rename = ruleOf(className, target).rename ?? {};
  const config: { [key: string]: Json } = { name: layer.name };
  for (const [stored, example] of Object.entries(form)) {
    const key = rename[stored] ?? stored;
    const value = key === 'trainable' ? layer.trainable : today[key];
    const written = writeValue(key, value, example, { layer, target, note });
    if (isRefusal(written)) return { refused: { key, what: written.refused } };
    config[stored] = written.value;
  }
  Object.assign(config, unwritten(className, today, form, target));
  if (className === 'Bidirectional' && !('backward_layer' in form) && hasOwnBackward(today)) {
    const what = 'its backward layer is always a copy of the forward one';
    if (!takesBackward(target)) return { refused: { key: 'backward_layer', what } };
    const backward = writeInner(today.backward_layer as JsonObject, { layer, target, note });
    if (isRefusal(backward)) return { refused: { key: 'backward_layer', what: backward.refused } };
    config.backward_layer = backward.value;
  }
  const whole = target.line === 'keras1' ? takenFromLists(className, config) : config;
  if (!whole) return { refused: { key: 'strides', what: 'Keras 1 loads no ConvLSTM2D with strides' } };
  return { written: { className, config: whole } };
}

/**
 * Arguments that the release's constructor takes though its own configs leave them out, which then lose them (Keras 3.0
 * to 3.14: `output_padding` of transposed convolutions).
 */
function unwritten(className: string, today: JsonObject, form: JsonObject, target: Target): JsonObject {
  if (target.line === 'keras1' || className === 'InputLayer') return {};
  const parameters = releaseOf(target.line, formVersion(target)).classAt('layers', className)?.parameters ?? [];
  // Transposed convolutions of Keras 3 hand theirs on to a base class.
  const handsOn = target.line === 'keras3' && className.endsWith('Transpose');
  const names = [...parameters.map(({ name }) => name), ...(handsOn ? ['output_padding'] : [])];
  const kept = names.filter(name => !(name in form) && !incidental.has(name) && isPlain(today[name] ?? null));
  return Object.fromEntries(kept.map(name => [name, today[name] as Json]));
}

/** Numbers and words, alone or in lists: layers, functions and initializers have forms of their own in each release. */
function isPlain(value: Json): boolean {
  if (Array.isArray(value)) return value.every(item => typeof item === 'number');
  return value !== null && typeof value !== 'object';
}

/** What every layer takes, written or not. */
const incidental = new Set(['name', 'dtype', 'trainable', 'weights', 'input_shape', 'activation']);

/** `InputLayer` is a class of every release, though not every namespace exports it with an example. */
function formIn(className: string, target: Target): JsonObject | null {
  const form = targetForm(target, 'layers', className) ?? (className === 'InputLayer' ? inputForm(target) : null);
  return form && target.line === 'keras1' ? { ...form, ...takenByKeras1[className] } : form;
}

function inputForm(target: Target): JsonObject {
  if (target.line === 'keras1') return { batch_input_shape: null, input_dtype: 'float32', sparse: false };
  return { batch_input_shape: null, dtype: 'float32', sparse: false };
}

interface ValueContext {
  readonly layer: LayerToWrite;
  readonly target: Target;
  readonly note: Note;
}

type Value = { readonly value: Json } | { readonly refused: string };

function isRefusal(value: Value): value is { readonly refused: string } {
  return 'refused' in value;
}

/** One argument. Left out by the layer, it has the value that the target writes by default. */
function writeValue(key: string, value: Json | undefined, example: Json, context: ValueContext): Value {
  const { layer, target, note } = context;
  if (key === 'dtype' || key === 'input_dtype') {
    if (layer.className === 'InputLayer') return { value: value ?? example };
    if (layer.className === 'Discretization' && target.line === 'keras3') return { value: binningDtype(layer) };
    // Lookups say what they give: whole numbers, unless they count (keras/layers/preprocessing/index_lookup.py).
    if (example === 'string' || (example === 'int64' && layer.config.output_mode === 'int')) return { value: example };
    return { value: writePolicy(layer.dtype, example, target, note) };
  }
  // An example's inner layer is the probe's own: what the layer leaves out is left out.
  if (value === undefined)
    return {
      value:
        classNameOf(example) !== null && isRecord(example) && 'config' in example && !/_initializer$/.test(key)
          ? null
          : example,
    };
  const word = wordOf(key, value);
  if (word !== undefined) return { value: word };
  if (key.endsWith('_initializer')) return { value: writeInitializer(value, key, example, target, note) };
  if (/_(regularizer|constraint)$/.test(key)) return { value: writePenalty(value, key, target, note) };
  if (/(^|_)activation$/.test(key)) return writeActivation(value, context);
  if (isLayerValue(value)) return writeInner(value, context);
  if (Array.isArray(value) && value.some(isLayerValue)) return writeInnerList(value, context);
  // tf.keras writes a lone axis as a list of one where its own form is a list.
  if (key === 'axis' && Array.isArray(example) && typeof value === 'number') return { value: [value] };
  // Keras 1 has a number where tf.keras writes a list of one.
  if (key === 'axis' && typeof example === 'number' && Array.isArray(value) && value.length === 1) {
    return { value: value[0] as Json };
  }
  return { value };
}

/** In a layer of a whole dtype Keras 3 cuts off fractions before it looks for bins; in others it only numbers them. */
function binningDtype({ config, dtype }: LayerToWrite): Json {
  return dtype.compute.startsWith('int') && config.truncate_input !== true ? 'float32' : dtype.name;
}

function writeActivation(value: Json, context: ValueContext): Value {
  if (typeof value !== 'string') return isLayerValue(value) ? writeInner(value, context) : { value };
  if (!isKerasActivation(value)) return { value: usersFunction(value, context.target) };
  const name = activationName(value, context.target);
  return name === null ? { refused: `the activation ${value} is not there` } : { value: name };
}

/** A function of the user's own: Keras 3 looks for it only where the config says that it is one. */
function usersFunction(name: string, { line }: Target): Json {
  if (line !== 'keras3') return name;
  return { module: 'builtins', class_name: 'function', config: name, registered_name: 'function' };
}

function isLayerValue(value: Json): value is JsonObject {
  return isRecord(value) && classNameOf(value) !== null && isRecord(value.config) && 'registered_name' in value;
}

/** A layer held as an argument: a cell, a wrapped layer. */
function writeInner(value: JsonObject, context: ValueContext): Value {
  const { layer, target, note } = context;
  const className = classNameOf(value) as string;
  const config = value.config as JsonObject;
  const registered = typeof value.registered_name === 'string' ? value.registered_name : null;
  // A model held as an argument is a graph, which its writer puts in place of this.
  if (/^(Sequential|Functional|Model)$/.test(className)) return { value };
  if (registered !== null || !targetHas(target, 'layers', className)) {
    if (registered === null && target.line !== 'keras1') return { refused: `${className} is not there` };
    if (registered !== null) return { value };
  }
  const inner: LayerToWrite = {
    className,
    name: typeof config.name === 'string' ? config.name : layer.name,
    config,
    dtype: layer.dtype,
    trainable: config.trainable !== false,
  };
  const result = writeLayer(inner, target, note);
  if ('refused' in result) return { refused: `${className} inside: ${result.refused.what}` };
  return { value: serialised(result.written, target, value) };
}

/** `{class_name, config}`, with module and registered name where the target writes them. */
export function serialised(written: WrittenLayer, target: Target, stored: JsonObject = {}): JsonObject {
  const plain: JsonObject = { class_name: written.className, config: written.config };
  if (!namesModules(target)) return plain;
  const named: JsonObject = { module: 'keras.layers', ...plain, registered_name: null };
  return isRecord(stored.build_config) ? { ...named, build_config: stored.build_config } : named;
}

function writeInnerList(values: readonly Json[], context: ValueContext): Value {
  const written: Json[] = [];
  for (const value of values) {
    const result: Value = isLayerValue(value) ? writeInner(value, context) : { value };
    if (isRefusal(result)) return result;
    written.push(result.value);
  }
  return { value: written };
}

function padsOtherwise(config: JsonObject): boolean {
  return config.padding === 'same' && !padsAlike(config);
}

export function describeTarget({ line, keras, tensorflow }: Target): string {
  if (line === 'tf.keras') return `TensorFlow ${tensorflow ?? keras}`;
  return line === 'tf_keras' ? `tf-keras ${keras}` : `Keras ${keras}`;
}
