/**
 * `ALL_OBJECTS_DICT` of activations, losses, metrics and their kin: names that stand for Keras's own objects, turned into
 * the public form that is then deserialised. Facts: the `__init__.py` of each module, `serialize_with_public_class/fn`.
 */

import type { ExportedClass } from '../../eras/signatures/index.ts';
import { raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { has, isDict, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, type Run } from '../run.ts';

export type TableSpace =
  | 'activations'
  | 'initializers'
  | 'regularizers'
  | 'constraints'
  | 'losses'
  | 'metrics'
  | 'optimizers'
  | 'layers'
  | 'schedules';

/** Namespaces in which the functions of a table are exported first, which names their module. */
const canonical: Readonly<Record<TableSpace, string>> = {
  activations: 'keras.activations',
  initializers: 'keras.initializers',
  regularizers: 'keras.regularizers',
  constraints: 'keras.constraints',
  losses: 'keras.metrics',
  metrics: 'keras.metrics',
  optimizers: 'keras.optimizers',
  layers: 'keras.layers',
  schedules: 'keras.optimizers.schedules',
};

export type PublicForm =
  | { readonly kind: 'found'; readonly config: PyDict }
  | { readonly kind: 'unknown'; readonly value: PyValue };

/** The object's public form, or what the deserialiser hands back when the table does not have it. */
export function publicForm(run: Run, space: TableSpace, config: PyValue): PublicForm {
  if (isDict(config)) return fromDict(run, space, config);
  return typeof config === 'string' ? fromName(run, space, config, {}, null) : { kind: 'unknown', value: config };
}

function fromDict(run: Run, space: TableSpace, config: PyDict): PublicForm {
  const inner = has(config, 'config') ? config.config! : null;
  if (!has(config, 'class_name'))
    raise('ValueError', `Unknown \`config\` as a \`dict\`, config=${repr(config)}`, {
      failure: 'keras2-file-in-keras3',
    });
  const name = String(config.class_name);
  const registered = typeof config.registered_name === 'string' ? config.registered_name : null;
  const own =
    isGiven(run, name) ||
    (registered !== null && isGiven(run, registered)) ||
    (typeof inner === 'string' && isGiven(run, inner));
  if (own) return { kind: 'found', config };
  if (name === 'function') {
    const module = config.module;
    const key = module === 'builtins' ? String(inner) : String(config.registered_name);
    return fromName(run, space, key, null, typeof module === 'string' ? module : null);
  }
  if (has(config, 'module') && config.module === null) {
    const text = `Cannot deserialize object of type \`${name}\`. If \`${name}\` is a custom class, please register it using the \`@keras.saving.register_keras_serializable()\` decorator.`;
    raise('TypeError', text, {
      failure: 'custom-object-missing',
      evidence: { text: `"${name}" is the user's own class`, where: null, offset: null },
      suppose: `custom:${name}`,
    });
  }
  return fromName(run, space, name, inner, null);
}

function fromName(
  run: Run,
  space: TableSpace,
  name: string,
  inner: PyValue,
  functionModule: string | null,
): PublicForm {
  const found = lookUp(run, space, name);
  if (!found) return { kind: 'unknown', value: name };
  if (found.kind === 'function') {
    const module = functionModule ?? moduleOf(run, space, name);
    return { kind: 'found', config: { module, class_name: 'function', config: name, registered_name: name } };
  }
  return {
    kind: 'found',
    config: { module: found.module, class_name: found.name, config: inner, registered_name: null },
  };
}

/** Most losses are exported as metrics first; a few are losses only. */
function moduleOf(run: Run, space: TableSpace, name: string): string {
  const only = space === 'losses' && run.release.isFunction('losses', name) && !run.release.isFunction('metrics', name);
  return only ? 'keras.losses' : canonical[space];
}

type Looked =
  | { readonly kind: 'function' }
  | { readonly kind: 'class'; readonly name: string; readonly module: string };

/** Short names of losses: functions, whose public form then carries the short name, which no module exports. */
const lossAliases: { readonly [name: string]: string } = Object.fromEntries(
  ['bce', 'kld', 'mae', 'mse', 'mape', 'msle'].flatMap(name => [
    [name, name],
    [name.toUpperCase(), name],
  ]),
);

const metricAliases: { readonly [name: string]: string } = {
  bce: 'BinaryCrossentropy',
  mse: 'MeanSquaredError',
  mae: 'MeanAbsoluteError',
  mape: 'MeanAbsolutePercentageError',
  msle: 'MeanSquaredLogarithmicError',
};

/** Short names of metrics: classes. */
function metricAlias(run: Run, space: TableSpace, name: string): string | null {
  if (run.environment.line !== 'keras3' || space !== 'metrics') return null;
  const lower = name === name.toUpperCase() ? name.toLowerCase() : name;
  return metricAliases[lower] ?? null;
}

/** What the table has under a name. */
export function lookUp(run: Run, space: TableSpace, name: string): Looked | null {
  const { release } = run;
  const namespace = space === 'schedules' ? 'optimizers.schedules' : space;
  if (run.environment.line === 'keras3' && space === 'losses' && Object.hasOwn(lossAliases, name))
    return { kind: 'function' };
  const target = release.identifier(namespace, name) ?? metricAlias(run, space, name) ?? listed(run, namespace, name);
  if (space === 'activations') return release.isFunction('activations', target ?? name) ? { kind: 'function' } : null;
  if (target === null && run.environment.line === 'keras3') return null;
  const className = target ?? name;
  const facts = release.classAt(namespace, className) ?? byClassName(run, namespace, className);
  if (facts)
    return {
      kind: 'class',
      name: exportedName(run, namespace, facts, className),
      module: canonical[space === 'losses' ? 'losses' : space].replace(
        'keras.metrics',
        space === 'losses' ? 'keras.losses' : 'keras.metrics',
      ),
    };
  return release.isFunction(namespace, className) || release.isFunction('metrics', className)
    ? { kind: 'function' }
    : null;
}

/**
 * Classes in a module's own dictionary that no string alone makes, because their constructors want arguments. Optimizers
 * stand there in lower case.
 */
function listed(run: Run, namespace: string, name: string): string | null {
  if (run.environment.line !== 'keras3') return null;
  if (namespace === 'optimizers') return name.toLowerCase() === 'lossscaleoptimizer' ? 'LossScaleOptimizer' : null;
  if (namespace !== 'metrics' && name !== 'Constant') return null;
  return run.release.classAt(namespace, name)?.className === name ? name : null;
}

function byClassName(run: Run, space: string, className: string): ExportedClass | null {
  for (const name of run.release.names(space)) {
    const facts = run.release.classAt(space, name);
    if (facts?.className === className) return facts;
  }
  return null;
}

/** The name under which a class is exported first: `OrthogonalInitializer` is `keras.initializers.Orthogonal`. */
function exportedName(run: Run, space: string, facts: ExportedClass, name: string): string {
  const short = facts.className.replace(/Initializer$/, '');
  return run.release.classAt(space, short)?.className === facts.className ? short : name;
}
