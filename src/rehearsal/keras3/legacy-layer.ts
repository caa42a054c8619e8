/**
 * A layer of an HDF5 file in Keras 3: the old form is bent into the new one, class by class name. Facts:
 * `model_from_config` in legacy/saving/saving_utils.py, `deserialize_keras_object` in legacy/saving/serialization.py.
 */

import type { Built } from '../built.ts';
import { identifierSpace } from '../legacy/identifiers.ts';
import { findOwn, isOwnName } from '../legacy/registry.ts';
import { improperText, raiseUnknown, unknownFacts } from '../legacy/unknown.ts';
import { raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { copyDict, has, isDict, isList, type PyDict, type PyValue, put } from '../python/values.ts';
import { isGiven, obstacle, type Run, since } from '../run.ts';
import { objectFromConfig } from './from-config.ts';
import { atSpace, type FoundObject } from './retrieve.ts';

export function legacyLayer3(run: Run, item: PyValue | undefined, where: string): Built {
  if (isList(item)) {
    raise(
      'TypeError',
      `\`model_from_config\` expects a dictionary, not a list. Received: config=${repr(item)}. Did you meant to use \`Sequential.from_config(config)\`?`,
      { failure: 'keras1-config' },
    );
  }
  const dict = requireConfig(run, item, where);
  const className = String(dict.class_name);
  const config = bend(run, className, dict, where);
  if (!has(dict, 'class_name')) raise('KeyError', "'class_name'", { failure: 'keras1-config' });
  const found = findLayer(run, className);
  if (!found) {
    raiseUnknown(run, 'layer', className, 'dict', isOwnName(className), where);
    return own(className, config, where);
  }
  checkSerialisable(run, config, where);
  const revived = objectFromConfig(run, found, config, dict, where);
  return revived.kind === 'layer' ? revived.built : own(className, config, where);
}

function requireConfig(run: Run, item: PyValue | undefined, where: string): PyDict {
  const facts = { failure: 'truncated-or-corrupt', evidence: { text: 'a layer without config', where, offset: null } };
  if (isDict(item) && has(item, 'config')) return item;
  if (since(run, '3.15')) {
    raise(
      'ValueError',
      `The provided configuration is not a valid Keras configuration. Expected a dictionary containing a 'config' key. Received: config=${repr(item ?? null)}`,
      facts,
    );
  }
  if (isDict(item)) raise('KeyError', "'config'", facts);
  raise('TypeError', `'${item === null ? 'NoneType' : typeof item}' object is not subscriptable`, facts);
}

function own(className: string, config: PyValue, where: string): Built {
  const dict = isDict(config) ? config : {};
  return {
    className,
    name: typeof dict.name === 'string' ? dict.name : className,
    own: true,
    facts: null,
    config: dict,
    inner: [],
    layers: null,
    where,
  };
}

const noClassHere = ['Model', 'Sequential', 'Functional'];

function findLayer(run: Run, className: string): FoundObject | null {
  const given = findOwn(run, className);
  if (given) return { kind: 'class', name: given, printed: `<class '${given}'>`, own: true, facts: null, space: '' };
  if (noClassHere.includes(className)) {
    const facts = run.release.classAt('models', className);
    const module = className === 'Sequential' ? 'sequential' : className === 'Functional' ? 'functional' : 'model';
    return {
      kind: 'class',
      name: className,
      printed: `<class 'keras.src.models.${module}.${className}'>`,
      own: false,
      facts,
      space: 'models',
    };
  }
  // The registry is the package's own dictionary, which has each class by its own name, and no aliases.
  const exported = run.release
    .names('layers')
    .find(name => run.release.classAt('layers', name)?.className === className);
  const found = exported === undefined ? null : atSpace(run, 'layers', exported);
  return found?.kind === 'class' && found.name === className ? found : null;
}

/** What is popped and renamed before the class is even looked up. */
function bend(run: Run, className: string, dict: PyDict, where: string): PyValue {
  const stored = dict.config!;
  if (isList(stored)) {
    raise('TypeError', 'pop expected at most 1 argument, got 2', {
      failure: 'older-file-newer-keras',
      evidence: {
        text: 'the Sequential config is a list, as Keras wrote it before 2.2.3',
        where: `${where}/config`,
        offset: null,
      },
    });
  }
  if (!isDict(stored))
    raise('AttributeError', `'${typeof stored === 'string' ? 'str' : 'NoneType'}' object has no attribute 'pop'`, {
      failure: 'truncated-or-corrupt',
    });
  const config = copyDict(stored, ['batch_input_shape', 'axis']);
  const shape = stored.batch_input_shape;
  if (shape !== undefined && shape !== null)
    put(config, className === 'InputLayer' ? 'batch_shape' : 'input_shape', shape);
  const axis = keptAxis(run, stored.axis);
  if (axis !== null) put(config, 'axis', axis);
  else if (stored.axis !== undefined && stored.axis !== null)
    run.lostAxes.push({ className, axis: stored.axis, where });
  return className === 'Lambda' ? bendLambda(config) : config;
}

/** Lists of one become that one; from 3.9 on whole numbers stay; everything else is dropped. */
function keptAxis(run: Run, axis: PyValue | undefined): number | null {
  if (isList(axis) && axis.length === 1 && typeof axis[0] === 'number') return Math.trunc(axis[0]);
  return typeof axis === 'number' && since(run, '3.9') ? Math.trunc(axis) : null;
}

function bendLambda(config: PyDict): PyDict {
  const bent = copyDict(config, ['module', 'function_type', 'output_shape_type', 'output_shape_module']);
  if (!has(bent, 'function')) raise('KeyError', "'function'", { failure: 'truncated-or-corrupt' });
  const stored = bent.function!;
  if (isList(stored)) {
    bent.function = {
      class_name: '__lambda__',
      config: { code: stored[0] ?? null, defaults: stored[1] ?? null, closure: stored[2] ?? null },
    };
  }
  return bent;
}

/** Releases up to 3.11.2 swap names of given functions for the functions and then write the config as JSON. */
function checkSerialisable(run: Run, config: PyValue, where: string): void {
  if (since(run, '3.11.3') || !since(run, '3.3') || !isDict(config)) return;
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== 'string' || !(identifierSpace(key) || key === 'function') || !isGiven(run, value)) continue;
    obstacle(run, 'TypeError', 'Object of type function is not JSON serializable', {
      failure: 'keras-regression',
      evidence: {
        text: `the given function "${value}" is put into the config, which is then written as JSON`,
        where: `${where}/config/${key}`,
        offset: null,
      },
      suppose: `json:${value}`,
    });
  }
}

export { improperText, unknownFacts };
