/**
 * Who wrote an artefact: gathered from what it states (versions, backend) and what gives its writer away (suffixes of
 * weight names, the wording of the config, the layout of the weights file). Every conclusion keeps its evidence.
 */

import type { Json, Line, Provenance } from '../model/types.ts';
import { dialectSign, vocabulary } from './dialect.ts';
import { lineOfVersion, tensorflowOfKeras } from './era.ts';
import { inVersions, plainVersion } from './versions.ts';

/** What a reader found in an artefact that tells of its writer. */
export interface Traces {
  /** As stored, and where: `attribute keras_version of /`. */
  readonly kerasVersion?: { readonly text: string; readonly where: string } | null;
  readonly backend?: string | null;
  readonly tensorflow?: { readonly text: string; readonly where: string } | null;
  readonly config?: Json;
  /** Names of stored weights, as far as they were read. */
  readonly weightNames?: readonly string[];
  /** Signs of the container's own layout, each with the line it speaks for and the versions, if it tells them. */
  readonly layoutSigns?: readonly { readonly line: Line; readonly keras?: string; readonly evidence: string }[];
}

/** Draws the conclusions. Never throws; what is not known is null. */
export function traceProvenance(traces: Traces): Provenance {
  const evidence: string[] = [];
  const stated = traces.kerasVersion ?? null;
  if (stated) evidence.push(`Keras ${stated.text} is stated by ${stated.where}`);
  const line = lineOf(traces, evidence);
  const keras = stated && /\d/.test(stated.text) ? plainVersion(stated.text) : null;
  const tensorflow = tensorflowOf(traces, line, keras, evidence);
  const backend = backendOf(traces, line, evidence);
  return { line, keras, tensorflow, backend, evidence };
}

function lineOf(traces: Traces, evidence: string[]): Line | null {
  const stated = traces.kerasVersion ? lineOfVersion(traces.kerasVersion.text) : null;
  const sign = traces.config === undefined ? null : dialectSign(traces.config);
  if (sign && (!stated || sign.line === stated)) evidence.push(sign.evidence);
  else if (sign && contradicts(sign.line, stated)) evidence.push(`${sign.evidence}, which ${stated} does not write`);
  if (stated) return sign?.line === 'tf_keras' ? 'tf_keras' : stated;
  if (sign) return sign.line;
  const layout = traces.layoutSigns?.[0];
  if (layout) evidence.push(layout.evidence);
  return layout?.line ?? lineOfNames(traces.weightNames ?? [], evidence);
}

/** A config of Keras 3 under a stated version of Keras 2, or the other way: the file was edited or converted. */
function contradicts(sign: Line, stated: Line | null): boolean {
  return (sign === 'keras3') !== (stated === 'keras3') && (sign === 'keras3' || sign === 'keras1');
}

/** `dense_1_W` is Keras 1, `dense/kernel:0` Keras 2 or tf.keras, `dense/kernel` and `kernel` Keras 3. */
function lineOfNames(names: readonly string[], evidence: string[]): Line | null {
  const sample = names[0];
  if (sample === undefined) return null;
  const old = names.find(
    name =>
      !name.includes('/') && /_[A-Za-z]+\d*(_[a-z])?(:0)?$/.test(name) && /_(W|b|U|gamma|beta|running_mean)/.test(name),
  );
  if (old !== undefined) return say(evidence, old, 'keras1');
  if (sample.endsWith(':0')) return say(evidence, sample, 'tf.keras');
  return say(evidence, sample, 'keras3');
}

function say(evidence: string[], name: string, line: Line): Line {
  evidence.push(`a weight is called "${name}", as ${line === 'keras1' ? 'Keras 1' : line} names them`);
  return line;
}

function tensorflowOf(traces: Traces, line: Line | null, keras: string | null, evidence: string[]): string | null {
  if (traces.tensorflow) {
    evidence.push(`TensorFlow ${traces.tensorflow.text} is stated by ${traces.tensorflow.where}`);
    return traces.tensorflow.text;
  }
  if (keras === null || (line !== 'tf.keras' && line !== 'tf_keras')) return null;
  const shipped = line === 'tf.keras' ? narrowed(keras, traces.config) : null;
  if (shipped) evidence.push(`tf.keras ${keras} came with TensorFlow ${shipped}`);
  return shipped;
}

/** TensorFlow 1.13 to 2.0 all say 2.2.4-tf; only 1.x wrote initializers with a dtype (keras/initializers of the tags). */
function narrowed(keras: string, config: Json | undefined): string | null {
  const shipped = tensorflowOfKeras(keras);
  if (!inVersions(keras, '2.2.4', '2.2.5') || config === undefined) return shipped;
  const { keys } = vocabulary(config);
  if (keys.has('zero_output_for_mask') || keys.has('shared_object_id')) return '2.0';
  return initializersHaveDtype(config) ? '1.13–1.15' : '2.0';
}

function initializersHaveDtype(config: Json): boolean {
  return /"class_name":\s*"(?:Zeros|GlorotUniform|Ones)",\s*"config":\s*\{[^{}]*"dtype"/.test(JSON.stringify(config));
}

function backendOf(traces: Traces, line: Line | null, evidence: string[]): string | null {
  if (traces.backend) return traces.backend;
  if (line === 'tf.keras' || line === 'tf_keras') return 'tensorflow';
  const names = traces.weightNames ?? [];
  if (line !== 'keras1' || names.length === 0) return null;
  // Keras 1 does not store its backend; TensorFlow's variables end in ":0", Theano's do not.
  const theano = names.every(name => !name.includes(':'));
  evidence.push(
    theano ? 'weight names have no ":0", so Theano wrote them' : 'weight names end in ":0", so TensorFlow wrote them',
  );
  return theano ? 'theano' : 'tensorflow';
}
