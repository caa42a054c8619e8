/**
 * Finding a class or function by module and name, as `.keras` configs give them. Facts: `_retrieve_class_or_fn` in
 * saving/serialization_lib.py of Keras 3.0 to 3.15 and of tf.keras 2.12 to 2.15.
 */

import { isInOwnPackage } from '../../eras/names.ts';
import { type ExportedClass, isKerasName } from '../../eras/signatures/index.ts';
import { isOwnName } from '../legacy/registry.ts';
import { foreignFailure } from '../legacy/unknown.ts';
import type { RaiseFacts } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import type { PyDict, PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run, since } from '../run.ts';

export interface FoundObject {
  readonly kind: 'class' | 'function';
  readonly name: string;
  /** `<class '…'>`, as messages print it. */
  readonly printed: string;
  readonly own: boolean;
  readonly facts: ExportedClass | null;
  /** Exporting namespace: `layers`, `optimizers`, `ops` … */
  readonly space: string;
}

export interface Asked {
  readonly name: string;
  readonly registeredName: PyValue | undefined;
  readonly module: PyValue | undefined;
  readonly type: 'class' | 'function';
  /** The whole object, for messages. */
  readonly full: PyDict;
  readonly where: string;
}

const builtinSpaces = ['activations', 'constraints', 'initializers', 'losses', 'metrics', 'optimizers', 'regularizers'];

/** Modules of classes that no namespace of Keras 3 exports, and files name. */
const internal: { readonly [module: string]: readonly string[] } = {
  'keras.src.models.functional': ['Functional'],
  'keras.src.models.sequential': ['Sequential', 'Functional'],
  'keras.src.models.model': ['Model'],
};

/** Modules that can be imported anywhere, and hold nothing of a model's. */
const importable =
  /^(builtins|__main__|numpy|math|operator|functools|collections|os|sys|tensorflow|json|typing|random|re|types)$/;

/** The class or function; null where an obstacle about it is supposed mended. */
export function retrieve(run: Run, asked: Asked): FoundObject | null {
  const own = ownObject(run, asked);
  if (own) return own;
  if (typeof asked.module === 'string' && asked.module !== '') {
    const { module } = asked;
    const exported = module === 'keras' || module.startsWith('keras.') ? exportedAt(run, module, asked) : null;
    if (exported) return exported;
    if (asked.type === 'function' && module === 'builtins') {
      for (const space of builtinSpaces) {
        const found = atSpace(run, space, asked.name);
        if (found) return found;
      }
    }
    const imported = importFrom(run, module, asked);
    if (imported) return imported;
    if (imported === null) return null;
  }
  obstacle(run, 'TypeError', notLocated(run, asked), missingFacts(run, asked));
  return null;
}

function ownObject(run: Run, { name, registeredName, type, where }: Asked): FoundObject | null {
  void where;
  const key = type === 'function' ? name : typeof registeredName === 'string' ? registeredName : null;
  const bare = key?.slice(key.lastIndexOf('>') + 1) ?? '';
  const given =
    key !== null && (isGiven(run, key) || run.supposed.has(`custom:${bare}`) || run.supposed.has(`custom:${name}`));
  if (!given) return null;
  return { kind: type, name: bare, printed: `<class '${bare}'>`, own: true, facts: null, space: '' };
}

/** A name that a public namespace exports: `keras.layers` + `Dense`. */
function exportedAt(run: Run, module: string, asked: Asked): FoundObject | null {
  const api = `${module}.${asked.name}`;
  if (run.environment.line === 'keras3') refuseApi(run, api);
  const space = module === 'keras' ? 'models' : module.slice('keras.'.length);
  const found = atSpace(run, space, asked.name) ?? (module === 'keras' ? rootExport(run, asked.name) : null);
  if (found && run.environment.line === 'keras3' && since(run, '3.15')) refuseRegisteredName(run, api, asked);
  return found;
}

/** Classes exported from `keras` itself that facts list elsewhere. */
function rootExport(run: Run, name: string): FoundObject | null {
  if (name === 'Functional' && run.environment.line === 'keras3') return null;
  for (const space of [
    'layers',
    'losses',
    'metrics',
    'optimizers',
    'initializers',
    'regularizers',
    'dtype_policies',
    'quantizers',
  ]) {
    const rootNames: { readonly [space: string]: readonly string[] } = {
      layers: ['InputLayer', 'Layer'],
      losses: ['Loss'],
      metrics: ['Metric'],
      optimizers: ['Optimizer'],
      initializers: ['Initializer'],
      regularizers: ['Regularizer'],
      dtype_policies: ['DTypePolicy', 'FloatDTypePolicy'],
      quantizers: ['Quantizer'],
    };
    if (rootNames[space]!.includes(name)) {
      const facts = run.release.classAt(space, name);
      if (facts) return classOf(facts, space);
    }
  }
  return null;
}

function refuseApi(run: Run, api: string): void {
  const loading = [
    'keras.models.load_model',
    'keras.preprocessing.image.load_img',
    'keras.saving.load_model',
    'keras.utils.get_file',
    'keras.utils.load_img',
    'keras.saving.load_weights',
  ];
  const evidence = { text: `the config names ${api}, which is no part of a model`, where: null, offset: null };
  if (since(run, '3.11', '3.12') && loading.includes(api)) {
    obstacle(
      run,
      'ValueError',
      `Cannot deserialize \`${api}\`, loading functions are not allowed during deserialization`,
      { failure: 'malicious-config', evidence },
    );
  }
  const strict = since(run, '3.12.3', '3.13') || since(run, '3.15');
  if ((strict && isNonModeling(api)) || (since(run, '3.12', '3.12.3') && loading.includes(api))) {
    const text = `Cannot deserialize \`${api}\` because it is not a modeling function. Non-modeling APIs are disallowed during deserialization for security. Model configuration should only contains operations, layers, metrics, losses, or registered custom objects and functions.`;
    obstacle(run, 'ValueError', text, { failure: 'malicious-config', evidence });
  }
}

function isNonModeling(api: string): boolean {
  return (
    /^keras\.(utils|saving|config|datasets|preprocessing|backend|tree|visualization|distribution|wrappers|export|applications)\./.test(
      api,
    ) || /\.(load_model|save_model|load_img|get_file)$/.test(api)
  );
}

function refuseRegisteredName(run: Run, api: string, { full, name }: Asked): void {
  const explicit = full.registered_name;
  if (typeof explicit !== 'string' || explicit === '' || explicit === name || explicit === full.class_name) return;
  const text = `\`registered_name=${repr(explicit)}\` was provided in the config, but '${api}' resolved to a Keras built-in and does not use registered names. Remove the \`registered_name\` field from the config. Full object config: ${repr(full)}`;
  obstacle(run, 'ValueError', text, { failure: 'malicious-config', suppose: `registered:${explicit}` });
}

function classOf(facts: ExportedClass, space: string): FoundObject {
  return {
    kind: 'class',
    name: facts.className,
    printed: `<class '${facts.module}.${facts.className}'>`,
    own: false,
    facts,
    space,
  };
}

export function atSpace(run: Run, space: string, name: string): FoundObject | null {
  const facts = run.release.classAt(space, name);
  if (facts) return classOf(facts, space);
  if (run.release.isFunction(space, name))
    return { kind: 'function', name, printed: `<function ${name}>`, own: false, facts: null, space };
  return null;
}

/**
 * `importlib.import_module(module)`, then the name in it. Undefined: nothing found, go on; null: supposed mended.
 * From 3.9 on only Keras's own packages are imported, and from 3.11 on only its own kinds of class are taken.
 */
function importFrom(run: Run, module: string, asked: Asked): FoundObject | null | undefined {
  const { line } = run.environment;
  const packageName = module.split('.')[0]!;
  if (line === 'keras3' && since(run, '3.9') && !['keras', 'keras_hub', 'keras_cv', 'keras_nlp'].includes(packageName))
    return undefined;
  const path = line === 'tf_keras' && module.startsWith('keras') ? `tf_${module}` : module;
  const found = inModule(run, path, asked.name);
  if (found) return found;
  if (found === undefined) {
    const text = `Could not deserialize ${asked.type} '${asked.name}' because its parent module ${path} cannot be imported. Full object config: ${repr(asked.full)}`;
    obstacle(run, 'TypeError', text, missingFacts(run, asked));
    return null;
  }
  if (line === 'keras3' && since(run, '3.11')) {
    obstacle(
      run,
      'ValueError',
      `Could not deserialize '${module}.${asked.name}' because it is not a KerasSaveable subclass`,
      missingFacts(run, asked),
    );
    return null;
  }
  return undefined;
}

/** A class by the module that defines it. Null: the module is there, the name is not; undefined: no such module. */
function inModule(run: Run, module: string, name: string): FoundObject | null | undefined {
  if (run.environment.line === 'keras3' && internal[module]?.includes(name)) return models(run, module, name);
  const spaces = [
    'layers',
    'models',
    'ops',
    'optimizers',
    'losses',
    'metrics',
    'initializers',
    'regularizers',
    'constraints',
    'optimizers.schedules',
    'dtype_policies',
    'quantizers',
    'optimizers.legacy',
  ];
  for (const space of spaces) {
    const facts = run.release.classAt(space, name);
    if (facts && facts.module === module) return classOf(facts, space);
  }
  if (isTf(run)) {
    const internalTf = tfInternal(run, module, name);
    if (internalTf) return internalTf;
  }
  return moduleExists(run, module) ? null : undefined;
}

function isTf(run: Run): boolean {
  return run.environment.line === 'tf.keras' || run.environment.line === 'tf_keras';
}

/** Package under which this release's own modules lie. */
function rootOf(run: Run): string {
  if (run.environment.line === 'tf_keras') return 'tf_keras.src';
  return since(run, '2.13') ? 'keras.src' : 'keras';
}

function tfInternal(run: Run, module: string, name: string): FoundObject | null {
  const root = rootOf(run);
  const classes: { readonly [module: string]: readonly string[] } = {
    [`${root}.engine.functional`]: ['Functional'],
    [`${root}.engine.sequential`]: ['Sequential'],
    [`${root}.engine.training`]: ['Model'],
    [`${root}.layers.core.tf_op_layer`]: [
      'TFOpLambda',
      'SlicingOpLambda',
      'TensorFlowOpLayer',
      'ClassMethod',
      'InstanceMethod',
      'InstanceProperty',
    ],
    [`${root}.engine.base_layer`]: ['Layer', 'TensorFlowOpLayer'],
    [`${root}.optimizers`]: ['Custom>Adam'],
    [`${root}.engine.compile_utils`]: ['LossesContainer', 'MetricsContainer'],
    [`${root}.mixed_precision.policy`]: ['Policy'],
    [`${root}.mixed_precision.loss_scale_optimizer`]: ['LossScaleOptimizer', 'LossScaleOptimizerV3'],
  };
  if (!classes[module]?.includes(name)) return null;
  return { kind: 'class', name, printed: `<class '${module}.${name}'>`, own: false, facts: null, space: 'layers' };
}

function models(run: Run, module: string, name: string): FoundObject {
  const facts = run.release.classAt('models', name);
  return {
    kind: 'class',
    name,
    printed: `<class '${facts?.module ?? module}.${name}'>`,
    own: false,
    facts,
    space: 'models',
  };
}

function moduleExists(run: Run, module: string): boolean {
  if (importable.test(module)) return true;
  if (run.environment.line === 'keras3' && Object.hasOwn(internal, module)) return true;
  if (module === 'keras' || (module.startsWith('keras.') && !module.startsWith('keras.src'))) {
    const space = module === 'keras' ? 'models' : module.slice('keras.'.length);
    if (run.release.names(space).length > 0) return true;
  }
  return definedModules(run).has(module);
}

const known = new WeakMap<object, Set<string>>();

/** Every module in which the release defines an exported class. */
function definedModules(run: Run): Set<string> {
  const found = known.get(run.release);
  if (found) return found;
  const modules = new Set<string>();
  for (const space of [
    'layers',
    'models',
    'ops',
    'optimizers',
    'losses',
    'metrics',
    'initializers',
    'regularizers',
    'constraints',
    'optimizers.schedules',
    'dtype_policies',
  ])
    for (const name of run.release.names(space)) modules.add(run.release.classAt(space, name)?.module ?? '');
  known.set(run.release, modules);
  return modules;
}

function notLocated(run: Run, { type, name, full }: Asked): string {
  const { line } = run.environment;
  const start = `Could not locate ${type} '${name}'. Make sure custom classes`;
  const tail = `Full object config: ${repr(full)}`;
  if (line === 'keras3' && since(run, '3.12'))
    return `${start} and functions are decorated with \`@keras.saving.register_keras_serializable()\`. If they are already decorated, make sure they are all imported so that the decorator is run before trying to load them. ${tail}`;
  if (line === 'tf.keras' && !since(run, '2.13'))
    return `${start} are decorated with \`@keras.utils.register_keras_serializable\`. ${tail}`;
  return `${start} are decorated with \`@keras.saving.register_keras_serializable()\`. ${tail}`;
}

function missingFacts(run: Run, { name, registeredName, type, where, module }: Asked): RaiseFacts {
  const registered = typeof registeredName === 'string' ? registeredName : name;
  const own = isInOwnPackage(registered) || (isOwnName(name) && !isKerasName(name));
  return {
    failure: own ? 'custom-object-missing' : foreignFailure(run),
    evidence: {
      text: own
        ? `the ${type} "${name}" is the user's own: it must be registered or given in custom_objects`
        : typeof module === 'string'
          ? `${type} "${name}" of module ${module} is not in this Keras`
          : `the ${type} "${name}" stands there without its module, as older releases wrote it; this one looks in a module`,
      where,
      offset: null,
    },
    suppose: `custom:${own ? registered : name}`,
  };
}
