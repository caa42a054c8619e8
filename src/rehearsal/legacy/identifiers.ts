/**
 * What a layer's constructor looks up before Keras 3: activations, initializers, regularizers, constraints, given by
 * name or as `{class_name, config}`. Facts: `get` and `deserialize` of each module in the tags.
 */

import type { ExportedClass } from '../../eras/signatures/index.ts';
import { linesKnowing } from '../../eras/signatures/keywords.ts';
import { bind, functionName } from '../python/call.ts';
import { type RaiseFacts, raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { copyDict, has, isDict, type PyDict, type PyValue } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';
import { deserializeModern } from './modern.ts';
import { findClass, isOwnName, knowsString, type Space } from './registry.ts';
import { foreignFailure, improperText, raiseUnknown, type What } from './unknown.ts';

export type IdentifierSpace = 'activations' | 'initializers' | 'regularizers' | 'constraints';

const whats: Readonly<Record<IdentifierSpace, What>> = {
  activations: 'activation function',
  initializers: 'initializer',
  regularizers: 'regularizer',
  constraints: 'constraint',
};

/** Which constructor arguments are looked up where, in the order in which constructors do it. */
export function identifierSpace(argument: string): IdentifierSpace | null {
  if (/^(recurrent_|inner_)?activation$/.test(argument)) return 'activations';
  if (/_initializer$/.test(argument)) return 'initializers';
  if (/_regularizer$/.test(argument)) return 'regularizers';
  return /_constraint$/.test(argument) ? 'constraints' : null;
}

/** `space.get(identifier)`. Null, or the name as which an unknown object came back (see `modern.ts`). */
export function getIdentifier(run: Run, space: IdentifierSpace, identifier: PyValue, where: string): string | null {
  const what = whats[space];
  if (identifier === null || identifier === undefined) return null;
  if (typeof identifier === 'string') getByName(run, space, identifier, where);
  else if (isDict(identifier)) {
    if (has(identifier, 'module') && since2(run, '2.13')) return deserializeModern(run, space, identifier, what, where);
    if (space === 'activations') getActivation(run, identifier, where);
    else deserializeIdentifier(run, space, identifier, what, where);
  } else raiseUninterpretable(what, identifier);
  return null;
}

function raiseUninterpretable(what: What, identifier: PyValue): never {
  raise('ValueError', `Could not interpret ${what} identifier: ${repr(identifier)}`);
}

/** True for tf.keras and tf_keras from that version on. */
export function since2(run: Run, from: string, before?: string): boolean {
  return run.environment.line !== 'keras2' && run.environment.line !== 'keras1' && since(run, from, before);
}

function getByName(run: Run, space: IdentifierSpace, name: string, where: string): void {
  if (knowsString(run, space, name)) return;
  const form = space === 'activations' || (space === 'regularizers' && since2(run, '2.4')) ? 'string' : 'dict';
  if (space === 'activations' && since2(run, '2.13') && run.serialization === 'modern') {
    return obstacle(
      run,
      'ValueError',
      `Unknown activation function '${name}' cannot be deserialized.`,
      unknown(run, name, where),
    );
  }
  raiseUnknown(run, whats[space], name, form, isOwnName(name), where);
}

function unknown(run: Run, name: string, where: string): RaiseFacts {
  const failure = isOwnName(name) ? 'custom-object-missing' : foreignFailure(run);
  return { failure, evidence: { text: `"${name}" is not known`, where, offset: null }, suppose: `custom:${name}` };
}

function getActivation(run: Run, identifier: PyDict, where: string): void {
  if (run.environment.line === 'keras2')
    raise(
      'ValueError',
      `('Could not interpret activation function identifier:', ${repr(identifier)})`,
      unknown(run, 'activation', where),
    );
  const what = since2(run, '2.2') ? 'activation function' : 'activation';
  deserializeIdentifier(run, 'activations', identifier, what, where);
}

/** `deserialize_keras_object` on `{class_name, config}` for everything that is no layer. */
export function deserializeIdentifier(run: Run, space: Space, identifier: PyDict, what: What, where: string): void {
  if (!has(identifier, 'class_name') || !has(identifier, 'config'))
    raise('ValueError', improperText(run, identifier), { failure: foreignFailure(run) });
  const name = String(identifier.class_name);
  const found = findClass(run, space, name);
  if (!found) return raiseUnknown(run, what, name, 'dict', isOwnName(name), where);
  const config = isDict(identifier.config) ? identifier.config : {};
  if (found.facts && !found.own) bindClass(run, found.facts, dropped(run, space, found.name, config), where);
}

/** Keys that `from_config` takes away before it calls the constructor. */
function dropped(run: Run, space: Space, name: string, config: PyDict): PyDict {
  if (/Wrapper$/.test(name)) return config;
  if (space === 'metrics' || (space === 'losses' && since2(run, '2.13'))) return copyDict(config, ['fn']);
  return space === 'initializers' && since2(run, '2.0') ? copyDict(config, ['dtype']) : config;
}

/** Binds a config to a constructor. A class without constructor of its own takes no arguments at all. */
export function bindClass(run: Run, facts: ExportedClass, config: PyDict, where: string): void {
  const keywords = Object.keys(config);
  if (!facts.parameters) return;
  if (facts.parameters.length === 0 && facts.keywords && facts.positional) {
    if (keywords.length > 0)
      obstacle(
        run,
        'TypeError',
        `${facts.className}() takes no arguments`,
        keywordFacts(run, facts.className, keywords[0]!, where),
      );
    return;
  }
  bind(
    { parameters: facts.parameters, keywords: facts.keywords },
    keywords.filter(keyword => !run.supposed.has(`keyword:${facts.className}.${keyword}`)),
    functionName(facts.className, '__init__', run.environment.python),
    keyword => keywordFacts(run, facts.className, keyword, where),
  );
}

/** Read by all loaders, whether or not a constructor names them. */
const everywhere = new Set(['batch_input_shape', 'input_shape', 'input_dtype', 'name', 'trainable', 'weights']);

/** Whether the keyword is of the Keras that wrote the file, of Keras 3 in an older file, or of nobody. */
function keywordFailure(run: Run, keyword: string): string {
  const lines = linesKnowing(keyword);
  if (lines.length === 0 && !everywhere.has(keyword)) return 'unknown-config-key';
  const newest = lines.length === 1 && lines[0] === 'keras3';
  return newest && run.environment.line !== 'keras3' ? 'keras3-file-in-keras2' : foreignFailure(run);
}

export function keywordFacts(run: Run, className: string, keyword: string, where: string): RaiseFacts {
  return {
    failure: keywordFailure(run, keyword),
    evidence: {
      text: `${className} of ${run.environment.line} ${run.version} takes no "${keyword}"`,
      where,
      offset: null,
    },
    suppose: `keyword:${className}.${keyword}`,
  };
}
