/**
 * `deserialize_keras_object` of the `.keras` format: what each kind of stored object becomes, and what is raised on the
 * way. Facts: saving/serialization_lib.py of Keras 3.0 to 3.15 and of tf.keras 2.12 to 2.15 (which wraps no errors).
 */

import type { Built } from '../built.ts';
import { exception, isPythonException, raise, reworded } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { copyDict, has, isDict, isList, type PyDict, type PyValue, truthy, typeName } from '../python/values.ts';
import { isGiven, obstacle, type Run, since } from '../run.ts';
import { objectFromConfig } from './from-config.ts';
import { type FoundObject, retrieve } from './retrieve.ts';
import { publicForm, type TableSpace } from './tables.ts';

/** What a stored value came out as. */
export type Revived =
  | { readonly kind: 'plain'; readonly value: PyValue }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'layer'; readonly built: Built }
  /** An instance that is no layer: initializer, loss, policy … */
  | { readonly kind: 'object'; readonly found: FoundObject | null; readonly config: PyDict };

export function plain(value: PyValue): Revived {
  return { kind: 'plain', value };
}

/** True for what Python's `callable` accepts. */
export function isCallable(revived: Revived): boolean {
  return revived.kind !== 'plain';
}

export function isKeras3(run: Run): boolean {
  return run.environment.line === 'keras3';
}

/** `deserialize_keras_object(config, module_objects=…)`. */
export function deserialize(run: Run, config: PyValue | undefined, where: string, table?: TableSpace): Revived {
  if (config === null || config === undefined) return plain(null);
  if (typeof config === 'string' && isGiven(run, config)) return { kind: 'function', name: config };
  if (isList(config)) return plain(config.map((item, index) => plainOf(deserialize(run, item, `${where}/${index}`))));
  if (table) {
    const looked = publicForm(run, table, config);
    if (looked.kind === 'unknown') return plain(looked.value);
    return deserializeDict(run, looked.config, where);
  }
  if (!isDict(config)) return plain(config);
  return deserializeDict(run, config, where);
}

function plainOf(revived: Revived): PyValue {
  return revived.kind === 'plain' ? revived.value : null;
}

function deserializeDict(run: Run, config: PyDict, where: string): Revived {
  if (!has(config, 'class_name') || !has(config, 'config')) {
    for (const [key, value] of Object.entries(config)) deserialize(run, value, `${where}/${key}`);
    return plain(config);
  }
  const className = String(config.class_name);
  const inner = innerConfig(run, config);
  const special = specialValue(run, className, config, inner, where);
  if (special) return special;
  if (className === 'function') return deserializeFunction(run, config, inner, where);
  const found = retrieve(run, {
    name: className,
    registeredName: has(config, 'registered_name') ? config.registered_name : className,
    module: config.module,
    type: 'class',
    full: config,
    where,
  });
  if (found?.kind === 'function') return { kind: 'function', name: found.name };
  if (isKeras3(run) && since(run, '3.15') && !isDict(inner)) {
    raise(
      'TypeError',
      `Expected 'config' to be a dict for ${className},\ninstead got <class '${typeName(inner)}'>\nFull config: ${repr(config)}`,
      { failure: 'truncated-or-corrupt' },
    );
  }
  return instantiate(run, found, config, inner, where);
}

function innerConfig(run: Run, config: PyDict): PyValue {
  const inner = config.config!;
  const empty = isKeras3(run) && since(run, '3.15') ? inner === null : !truthy(inner);
  return empty ? {} : inner;
}

function specialValue(run: Run, className: string, config: PyDict, inner: PyValue, where: string): Revived | null {
  if (['__keras_tensor__', '__tensor__', '__numpy__', '__bytes__', '__ellipsis__', '__slice__'].includes(className))
    return plain(config);
  if (className === '__typespec__') return plain(config);
  if (className !== '__lambda__') return null;
  refuseLambda(run, where);
  void inner;
  return { kind: 'function', name: '<lambda>' };
}

/** A Python lambda that stands where no Lambda layer takes care of it. */
function refuseLambda(run: Run, where: string): void {
  if (!refusesUnsafe(run)) return;
  const start = 'Requested the deserialization of a';
  const risk = 'This carries a potential risk of arbitrary code execution and thus it is disallowed by default.';
  const text =
    isKeras3(run) && since(run, '3.11.3')
      ? `${start} Python lambda. ${risk} If you trust the source of the artifact, you can override this error by passing \`safe_mode=False\` to the loading function, or calling \`keras.config.enable_unsafe_deserialization().`
      : `${start} \`lambda\` object. ${risk} If you trust the source of the saved model, you can pass \`safe_mode=False\` to the loading function in order to allow \`lambda\` loading${isKeras3(run) ? ', or call `keras.config.enable_unsafe_deserialization()`' : ''}.`;
  obstacle(run, 'ValueError', text, lambdaFacts(where));
}

/** True where safe mode is in force. */
export function refusesUnsafe(run: Run): boolean {
  return run.mode !== 'unsafe' && !run.supposed.has('unsafe');
}

export function lambdaFacts(where: string) {
  return {
    failure: 'lambda-unsafe',
    evidence: { text: 'a Python lambda is stored as bytecode, which safe mode refuses', where, offset: null },
    suppose: 'unsafe',
  };
}

function deserializeFunction(run: Run, config: PyDict, inner: PyValue, where: string): Revived {
  const name = String(inner);
  const registeredName = config.registered_name;
  retrieve(run, { name, registeredName, module: config.module, type: 'function', full: config, where });
  return { kind: 'function', name };
}

/** `cls.from_config(inner)`, whose TypeErrors Keras 3 re-raises with the class in front; then build and compile. */
function instantiate(run: Run, found: FoundObject | null, config: PyDict, inner: PyValue, where: string): Revived {
  const revived = wrapTypeErrors(run, found, config, () =>
    objectFromConfig(run, found, isDict(inner) ? copyDict(inner) : inner, config, where),
  );
  if (truthy(config.compile_config ?? null) && isDict(config.compile_config!))
    run.compileConfig?.(config.compile_config, `${where}/compile_config`);
  return revived;
}

function wrapTypeErrors<T>(run: Run, found: FoundObject | null, config: PyDict, body: () => T): T {
  if (!isKeras3(run)) return body();
  try {
    return body();
  } catch (error) {
    if (!isPythonException(error) || error.type !== 'TypeError') throw error;
    const printed = found?.printed ?? `<class '${String(config.class_name)}'>`;
    const text = `${printed} could not be deserialized properly. Please ensure that components that are Python object instances (layers, models, etc.) returned by \`get_config()\` are explicitly deserialized in the model's \`from_config()\` method.\n\nconfig=${repr(config)}.\n\nException encountered: ${error.message}`;
    throw reworded(error, 'TypeError', text);
  }
}

export { exception };
