/**
 * What a Lambda layer's config says: its function, what goes with the call, and the Keras that wrote it. The trace of
 * the function on symbolic tensors is what the layer computes.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { Json, JsonObject } from '../model/types.ts';
import type { Ops, SymbolicTensor } from '../ops/index.ts';
import { innerLayers, type MakeLayer } from './allowed/inner-layers.ts';
import { readStoredFunction, type StoredFunction } from './encoding.ts';
import { type EvaluateOptions, evaluate, parameterNames, pathOfName, valueOfJson } from './evaluate.ts';
import type { LambdaEra } from './machine/session.ts';
import { asTensor } from './machine/tensors.ts';
import { none, pyBool, pyList, pyTensor, type Value } from './machine/values.ts';

/** Tensors nested as the call gave them. */
export type Nesting = SymbolicTensor | readonly Nesting[] | { readonly [key: string]: Nesting };

export interface LambdaLayer {
  readonly function: StoredFunction;
  /** `arguments` of the config: keyword arguments of every call. */
  readonly arguments: JsonObject;
  readonly era: LambdaEra;
}

export type { MakeLayer };

/** Key of ours in a normalised config: which Keras wrote the layer. */
export const madeByKey = 'made_by';

/** Reads a Lambda's config, of any era. */
export function readLambda(config: JsonObject): LambdaLayer {
  const given = config.arguments;
  const isRecord = typeof given === 'object' && given !== null && !Array.isArray(given);
  return {
    function: readStoredFunction(config.function, config.function_type),
    arguments: isRecord ? (given as JsonObject) : {},
    era: eraOfLambda(config[madeByKey]),
  };
}

/** The era as the reader left it in the config; Keras 3 on TensorFlow where nothing is known. */
export function eraOfLambda(madeBy: Json | undefined): LambdaEra {
  const known = typeof madeBy === 'object' && madeBy !== null && !Array.isArray(madeBy) ? (madeBy as JsonObject) : {};
  const line =
    (['keras1', 'keras2', 'tf.keras', 'keras3', 'tf_keras'] as const).find(name => name === known.line) ?? null;
  const keras = typeof known.keras === 'string' ? known.keras : null;
  const backend = typeof known.backend === 'string' ? known.backend : null;
  return { line, keras, backend, tensorflow: tensorflowOf(line, keras, backend) };
}

/** TensorFlow's major version: Keras 1 and 2 up to 2.2 know only the first, 2.2.4-tf and 2.3 were used with both. */
function tensorflowOf(line: LambdaEra['line'], keras: string | null, backend: string | null): LambdaEra['tensorflow'] {
  if (backend !== null && backend !== 'tensorflow') return null;
  const [major = 0, minor = 0, patch = 0] = (keras ?? '').split('.').map(Number);
  if (line === 'keras1') return 1;
  if (line === 'keras2') return major === 2 && minor < 3 ? 1 : null;
  if (line !== 'tf.keras' || major !== 2) return 2;
  if (minor < 2 || (minor === 2 && patch < 4)) return 1;
  return minor === 2 ? null : 2;
}

/** True for a function stored by name that is found where the Keras that wrote it would look it up. */
export function isInterpreted(stored: StoredFunction & { kind: 'named' }, era: LambdaEra): boolean {
  return pathOfName(stored, era) !== null;
}

export interface TraceInputs {
  /** The first argument, nested as it was given. */
  readonly inputs: Nesting;
  /** Masks that came with the inputs. */
  readonly masks: readonly (SymbolicTensor | null)[];
  readonly layerName: string;
  /** Makes layers that the function itself makes. */
  readonly makeLayer?: MakeLayer;
}

/** The outputs of one call of the layer. Throws `LoadstoneError` that names the layer and what is not interpreted. */
export function traceLambda(
  lambda: LambdaLayer,
  { inputs, masks, layerName, makeLayer }: TraceInputs,
  ops: Ops,
  options: Omit<EvaluateOptions, 'ops' | 'era'> = {},
): SymbolicTensor[] {
  try {
    const callOther = makeLayer && innerLayers(makeLayer, { ops });
    const full = { ...options, ops, era: lambda.era, ...(callOther && { callOther }) };
    const result = evaluate(lambda.function, [nestedValue(inputs)], keywordsOf(lambda, masks), full);
    return flatTensors(result, full);
  } catch (error) {
    throw inLayer(error, layerName);
  }
}

/** `arguments`, and `mask` and `training` where the function takes them and nobody has set them. */
function keywordsOf(lambda: LambdaLayer, masks: readonly (SymbolicTensor | null)[]): Map<string, Value> {
  const keywords = new Map(Object.entries(lambda.arguments).map(([name, value]) => [name, valueOfJson(value)]));
  if (lambda.function.kind !== 'code') return keywords;
  const parameters = parameterNames(lambda.function.read.code).slice(1);
  const maskValues = masks.map(mask => (mask ? pyTensor(mask) : none));
  if (parameters.includes('mask') && !keywords.has('mask')) {
    keywords.set('mask', maskValues.length > 1 ? pyList(maskValues) : (maskValues[0] ?? none));
  }
  const passesTraining = lambda.era.line !== 'keras1' && lambda.era.line !== 'keras2';
  if (parameters.includes('training') && passesTraining && !keywords.has('training'))
    keywords.set('training', pyBool(false));
  return keywords;
}

function isTensor(nesting: Nesting): nesting is SymbolicTensor {
  return 'node' in nesting && 'dtype' in nesting;
}

function nestedValue(nesting: Nesting): Value {
  if (isTensor(nesting)) return pyTensor(nesting);
  if (Array.isArray(nesting)) return pyList(nesting.map(nestedValue));
  const entries = Object.entries(nesting).map(([key, value]): [Value, Value] => [
    { kind: 'string', value: key },
    nestedValue(value),
  ]);
  return { kind: 'dict', entries };
}

/** Tensors of a result in the order in which Keras flattens it: dictionaries by sorted key. */
function flatTensors(value: Value, options: EvaluateOptions): SymbolicTensor[] {
  if (value.kind === 'list' || value.kind === 'tuple') {
    const tensors = value.items.some(item => item.kind === 'tensor' || item.kind === 'list' || item.kind === 'tuple');
    if (tensors) return value.items.flatMap(item => flatTensors(item, options));
  }
  if (value.kind === 'dict') {
    const text = (key: Value) => (key.kind === 'string' ? key.value : '');
    const sorted = [...value.entries].sort(([a], [b]) => (text(a) < text(b) ? -1 : 1));
    return sorted.flatMap(([, item]) => flatTensors(item, options));
  }
  const { ops } = options;
  return [asTensor(value, { ops } as Parameters<typeof asTensor>[1])];
}

/** The same error, said of the layer. */
function inLayer(error: unknown, layerName: string): unknown {
  if (!(error instanceof Error) || !('tag' in error)) return error;
  const known = error as LoadstoneError;
  const what = `Lambda layer "${layerName}": ${known.what}`;
  const explained = known.code === 'unsupported' ? `${what} is not interpreted` : what;
  return new LoadstoneError(known.code, explained, {
    where: `layer ${layerName}`,
    do: `Give a definition named "${layerName}" (--custom); \`loadstone inspect FILE --lambda\` shows what the layer does.`,
    cause: error,
    ...(known.offset !== undefined && { offset: known.offset }),
  });
}
