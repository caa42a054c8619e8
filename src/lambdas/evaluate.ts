/**
 * Traces a stored function on symbolic tensors: what a Lambda layer's `call` is made of. Nothing is executed; what is
 * outside of the allow-list ends in a `LoadstoneError` that names it.
 */

import type { CodeObject, PythonVersion } from '../containers/marshal/index.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { Json } from '../model/types.ts';
import type { Ops } from '../ops/index.ts';
import { allowedAt, canonical, namespaceMember } from './allowed/index.ts';
import type { StoredFunction } from './encoding.ts';
import { call } from './machine/call.ts';
import { refuse } from './machine/refuse.ts';
import { type LambdaEra, type ScriptNames, type Session, stepBudget } from './machine/session.ts';
import {
  type FunctionValue,
  none,
  pyBool,
  pyFloat,
  pyInt,
  pyList,
  pyText,
  pyTuple,
  type Value,
} from './machine/values.ts';
import { bodiesOf, isBuiltin, meaningOf, neededNames } from './names.ts';
import { normalise } from './normalise.ts';
import { plausiblePythons } from './pythons.ts';

export interface EvaluateOptions {
  readonly ops: Ops;
  readonly era: LambdaEra;
  /** Names of the training script that the user supplies. */
  readonly scriptNames?: ScriptNames;
  /** Calls what the allow-list lacks, such as layers made inside the function. */
  readonly callOther?: Session['callOther'];
}

/** JSON of a config as Python's value; `__tuple__` is a tuple, whole numbers are ints. */
export function valueOfJson(json: Json): Value {
  if (json === null) return none;
  if (typeof json === 'boolean') return pyBool(json);
  if (typeof json === 'number') return Number.isInteger(json) ? pyInt(json) : pyFloat(json);
  if (typeof json === 'string') return pyText(json);
  if (Array.isArray(json)) return pyList(json.map(valueOfJson));
  const record = json as { readonly [key: string]: Json };
  if (record.class_name === '__tuple__' && Array.isArray(record.items)) return pyTuple(record.items.map(valueOfJson));
  if (record.class_name === '__ellipsis__') return { kind: 'ellipsis' };
  const entries = Object.entries(record).map(([key, value]): [Value, Value] => [pyText(key), valueOfJson(value)]);
  return { kind: 'dict', entries };
}

/** The Python by whose rules the code is read: the oldest plausible one. Throws `damaged` when there is none. */
export function readingPython(stored: StoredFunction & { kind: 'code' }): PythonVersion {
  const { pythons, refusals } = plausiblePythons(stored.read);
  const [python] = pythons;
  if (python !== undefined) return python;
  const why = refusals.at(-1)?.what ?? 'its instructions leave the stack out of order';
  throw new LoadstoneError(
    'damaged',
    `the bytecode of "${stored.read.code.name}" is of no Python from 2.7 to 3.14: ${why}`,
  );
}

/** A stored function as the machine's value. */
export function functionValue(stored: StoredFunction & { kind: 'code' }): FunctionValue {
  const { code } = stored.read;
  return {
    kind: 'function',
    code,
    python: readingPython(stored),
    defaults: stored.defaults.map(valueOfJson),
    keywordDefaults: new Map(),
    closure: (stored.closure ?? []).map(value => ({ value: valueOfJson(value) })),
  };
}

/** Names of all positional and keyword parameters of a function. */
export function parameterNames(code: CodeObject): readonly string[] {
  return code.localNames.slice(0, code.argumentCount + code.keywordOnlyCount);
}

/**
 * Calls a stored function on values. Throws `LoadstoneError` `unsupported` for what is not interpreted, `bad-config`
 * where Python itself would raise, `damaged` or `limit` for code that is none.
 */
export function evaluate(
  stored: StoredFunction,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  options: EvaluateOptions,
): Value {
  const session = startSession(stored, options);
  return session.call(calleeOf(stored, options.era), args, keywords);
}

/**
 * Full name of what a function stored by name means; null where it is nobody's but the user's. Keras 3 writes its own
 * activations under the module `builtins` and looks them up by name alone (saving/serialization_lib.py,
 * `_retrieve_class_or_fn`); older Keras looks in the custom objects only.
 */
export function pathOfName(stored: StoredFunction & { kind: 'named' }, era: LambdaEra): string | null {
  const module = stored.module ?? 'builtins';
  const named = [
    `${module}.${stored.name}`,
    ...(module === 'builtins' && era.line === 'keras3' ? [`keras.activations.${stored.name}`] : []),
  ];
  return named.map(canonical).find(path => allowedAt(path) !== undefined) ?? null;
}

function calleeOf(stored: StoredFunction, era: LambdaEra): Value {
  if (stored.kind === 'unreadable') throw stored.error;
  if (stored.kind === 'code') return functionValue(stored);
  const path =
    pathOfName(stored, era) ?? refuse(`the function "${stored.name}", which the file names and does not hold`);
  return { kind: 'reference', path, written: stored.name };
}

function startSession(stored: StoredFunction, { ops, era, scriptNames, callOther }: EvaluateOptions): Session {
  const needed = new Map(stored.kind === 'code' ? namesIn(stored).map(name => [name.name, name.means]) : []);
  const session: Session = {
    ops,
    era,
    depth: 0,
    spend: stepBudget(),
    call: (callee, args, keywords) => call(callee, args, keywords, session),
    resolve: name => resolve(name, needed, scriptNames),
    ...(callOther && { callOther }),
  };
  return session;
}

function namesIn(stored: StoredFunction & { kind: 'code' }) {
  const python = readingPython(stored);
  return neededNames(bodiesOf(stored.read.code).map(code => normalise(code, python).instructions));
}

/** Packages that a function may import for itself. */
const importable = /^(tensorflow|keras|tf_keras|numpy|math|functools|operator|jax)(\.|$)/;

function resolve(
  name: string,
  needed: ReadonlyMap<string, string | null>,
  scriptNames: ScriptNames | undefined,
): Value {
  const given = scriptNames?.get(name);
  if (given) return given;
  if (name.startsWith('import ')) return importModule(name.slice('import '.length));
  if (isBuiltin(name)) return { kind: 'reference', path: `builtins.${name}`, written: name };
  const means = needed.get(name) ?? meaningOf(name, []);
  if (means === null) refuse(`the name ${name}, which only the training script defines`);
  return { kind: 'reference', path: means, written: name };
}

function importModule(module: string): Value {
  if (!importable.test(module)) refuse(`an import of ${module}`);
  const [first = '', ...rest] = module.split('.');
  const start: Value = { kind: 'reference', path: canonical(first), written: first };
  return rest.reduce<Value>(
    (value, part) => (value.kind === 'reference' ? namespaceMember(value, part) : value),
    start,
  );
}
