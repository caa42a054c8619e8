/** The config of a Lambda layer around a function that was assembled for the Python of a release. */

import { type PythonVersion, pythonVersions, writeCode } from '../../containers/marshal/index.ts';
import { isTarget, type Target } from '../../eras/write/target.ts';
import { assemble, assembledPythons, madeByKey, type StraightFunction } from '../../lambdas/index.ts';
import type { Json, JsonObject } from '../../model/types.ts';
import type { Shape } from '../../numbers/tensor.ts';
import type { Ends } from './emission.ts';
import { backendSpeech } from './python-backend.ts';
import { type PythonSpeech, pythonFunction, safeName } from './python-function.ts';
import { tensorflowSpeech } from './python-tensorflow.ts';

/** Null where the graph cannot be said, or where the Python there is not known or not assembled for. */
export function generatedLambda(
  name: string,
  ends: Ends,
  outputs: readonly (Shape | null)[],
  target: Target,
): JsonObject | null {
  const speech = speechOf(target);
  const body = speech && pythonFunction(name, ends, speech);
  if (!body || (target.backend === 'theano' && outputs.length > 1)) return null;
  return lambdaAround(body, outputShape(outputs, target), target);
}

/** A Lambda that gives the number one, as one row of one column, whatever it is called on. */
export function oneLambda(name: string, target: Target): JsonObject | null {
  const speech = speechOf(target);
  if (!speech) return null;
  const body = { name: safeName(name), parameters: ['inputs'], imports: speech.imports, steps: [], result: speech.one };
  return lambdaAround(body, target.line === 'tf.keras' ? null : [1], target);
}

/** What functions of the target call; null where nothing is known of its backend. */
export function speechOf({ backend }: Target): PythonSpeech | null {
  if (backend === 'tensorflow') return tensorflowSpeech;
  return backend === 'theano' ? backendSpeech : null;
}

function lambdaAround(body: StraightFunction, shape: Json, target: Target): JsonObject | null {
  const python = pythonOf(target);
  if (!python || !packsByType(target)) return null;
  const { line, keras, backend } = target;
  return {
    function: [textOf(writeCode(assemble(body, python)), target), null, null],
    function_type: 'lambda',
    module: null,
    output_shape: shape,
    output_shape_type: 'raw',
    output_shape_module: null,
    arguments: {},
    [madeByKey]: { line, keras, backend },
  };
}

/** Releases that say `function_type` beside the function. */
function packsByType(target: Target): boolean {
  return (
    target.line === 'keras1' || target.line === 'keras2' || (target.line === 'tf.keras' && !namedFunctions(target))
  );
}

/** From TF 2.13 on a function is a dictionary. */
function namedFunctions(target: Target): boolean {
  return isTarget(target, 'tf.keras', '2.13');
}

function pythonOf({ python }: Target): PythonVersion | null {
  const minor = /^\d+\.\d+/.exec(python ?? '')?.[0];
  const known = pythonVersions.find(version => version === minor);
  return known && assembledPythons.includes(known) ? known : null;
}

/**
 * With TensorFlow, Keras 1 and 2 find a missing shape by calling the function on placeholders of float32, which functions of whole
 * numbers refuse (keras/layers/core.py of 2.2.4: Lambda.compute_output_shape); the batch axis is not named.
 */
function outputShape(outputs: readonly (Shape | null)[], target: Target): Json {
  const [only, ...others] = outputs;
  if (target.line === 'tf.keras' || !only || others.length > 0 || only.length === 0) return null;
  return only.slice(1);
}

/** base64 in lines of 76 letters; up to Keras 2.1.1 the bytes themselves as letters. */
function textOf(bytes: Uint8Array, target: Target): string {
  const letters = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  if (target.line === 'keras1' || (target.line === 'keras2' && !isTarget(target, 'keras2', '2.1.2'))) return letters;
  return btoa(letters)
    .replace(/(.{76})/g, '$1\n')
    .replace(/\n?$/, '\n');
}
