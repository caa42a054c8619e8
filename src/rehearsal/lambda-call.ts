/**
 * A Lambda called while the graph is built: names that its code needs and that the module which makes the function anew
 * lacks. Keras 3 only learns its output's shape by such a call, and says no more than that it could not.
 */

import { plainVersion } from '../eras/versions.ts';
import { readStoredFunction } from '../lambdas/encoding.ts';
import { bodiesOf, loaderNames, neededNames } from '../lambdas/names.ts';
import { normalise } from '../lambdas/normalise.ts';
import { plausiblePythons } from '../lambdas/pythons.ts';
import type { Json } from '../model/types.ts';
import type { Built } from './built.ts';
import { brokenClosure } from './lambda-closure.ts';
import { raise } from './python/exception.ts';
import { isDict, type PyValue } from './python/values.ts';
import { isGiven, obstacle, type Run, since } from './run.ts';

const kept = new WeakMap<object, readonly string[]>();

/** Global names that stored bytecode needs, Python's own apart. */
function namesIn(stored: PyValue | undefined): readonly string[] {
  if (typeof stored !== 'object' || stored === null) return typeof stored === 'string' ? readNames(stored) : [];
  const known = kept.get(stored);
  if (known) return known;
  const found = readNames(stored);
  kept.set(stored, found);
  return found;
}

function readNames(stored: PyValue): readonly string[] {
  const read = readStoredFunction(stored as Json, 'lambda');
  if (read.kind !== 'code') return [];
  const python = plausiblePythons(read.read).pythons[0];
  if (!python) return [];
  try {
    return neededNames(bodiesOf(read.read.code).map(code => normalise(code, python).instructions)).map(
      ({ name }) => name,
    );
  } catch {
    return [];
  }
}

function hasCode(layer: Built): boolean {
  const { function: stored, function_type: type } = layer.config;
  if (isDict(stored)) return stored.class_name === '__lambda__';
  return Array.isArray(stored) || type === 'lambda';
}

/** What the function needs and does not get; null where it has everything. */
function missingName(run: Run, layer: Built): string | null {
  const { line, keras } = run.environment;
  const own = new Set(loaderNames({ line, keras: plainVersion(keras) }));
  // The script that loads stands in for the one that saved, and TensorFlow is what such scripts call tf.
  if (layer.config.module === '__main__' && line !== 'keras3') own.add('tf');
  return (
    namesIn(layer.config.function).find(
      name => !own.has(name) && !isGiven(run, name) && !run.supposed.has(`name:${name}`),
    ) ?? null
  );
}

/** Calls the layer; nothing happens for layers of other classes. */
export function callLambda(run: Run, layer: Built): void {
  if (layer.className !== 'Lambda' || layer.own || !hasCode(layer)) return;
  callClosure(run, layer);
  const name = missingName(run, layer);
  if (name === null) return;
  const facts = {
    failure: run.environment.line === 'keras3' ? 'lambda-output-shape' : 'lambda-missing-global',
    evidence: {
      text: `the Lambda "${layer.name}" calls "${name}", a name of the script that trained the model`,
      where: layer.where,
      offset: null,
    },
    suppose: `name:${name}`,
  };
  if (run.environment.line === 'keras3') return callKeras3(layer, facts);
  obstacle(run, 'NameError', wrapCall(run, layer, `name '${name}' is not defined`), facts);
}

/** Methods that code may ask of what a text really has. */
const textMethods = /^(format|join|split|lower|upper|strip|startswith|endswith|replace|encode|keys|values|items|get)$/;

function callClosure(run: Run, layer: Built): void {
  const broken = brokenClosure(layer.config.function);
  if (!broken || textMethods.test(broken.attribute)) return;
  const suppose = `closure:${layer.name}`;
  if (run.supposed.has(suppose)) return;
  const facts = {
    failure: run.environment.line === 'keras3' ? 'lambda-output-shape' : 'lambda-missing-global',
    evidence: {
      text: `the Lambda "${layer.name}" takes "${broken.attribute}" from its free variable "${broken.variable}", of which the config holds only a name`,
      where: layer.where,
      offset: null,
    },
    suppose,
  };
  if (run.environment.line === 'keras3') return callKeras3(layer, facts);
  const text = `'${broken.type}' object has no attribute '${broken.attribute}'`;
  obstacle(run, 'AttributeError', wrapCall(run, layer, text), facts);
}

function callKeras3(layer: Built, facts: Parameters<typeof raise>[2]): void {
  if (layer.config.output_shape !== undefined && layer.config.output_shape !== null) return;
  const text =
    "Exception encountered when calling Lambda.call().\n\n\u001b[1mWe could not automatically infer the shape of the Lambda's output. Please specify the `output_shape` argument for this Lambda layer.\u001b[0m\n\nArguments received by Lambda.call():\n  • args=('<KerasTensor>',)\n  • kwargs={'mask': 'None'}";
  raise('NotImplementedError', text, facts);
}

/** How tf.keras from 2.7 on words what a layer's call raises. */
function wrapCall(run: Run, layer: Built, inner: string): string {
  const { line } = run.environment;
  if (line === 'keras1' || line === 'keras2' || !since(run, '2.7')) return inner;
  const received = since(run, '2.9')
    ? `Call arguments received by layer "${layer.name}" (type ${layer.className}):`
    : 'Call arguments received:';
  return `Exception encountered when calling layer "${layer.name}" (type ${layer.className}).\n\n${inner}\n\n${received}\n  • inputs=tf.Tensor(shape=(None,), dtype=float32)\n  • mask=None\n  • training=None`;
}
