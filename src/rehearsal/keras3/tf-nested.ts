/**
 * Layers inside a model of a `.keras` file, as tf.keras 2.12 to 2.15 revives them: by class name alone. A name that is
 * not known comes back as the string it was, and fails where it is used.
 */

import type { Built } from '../built.ts';
import { deserializeLayer } from '../legacy/layer.ts';
import { findClass, isOwnName } from '../legacy/registry.ts';
import { foreignFailure } from '../legacy/unknown.ts';
import { raise } from '../python/exception.ts';
import { has, isDict, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run } from '../run.ts';
import { objectFromConfig } from './from-config.ts';

export function tfNestedLayer(run: Run, item: PyValue, where: string): Built {
  if (!isDict(item) || !has(item, 'module')) return deserializeLayer(run, item, where);
  const name = String(item.class_name);
  const registered = typeof item.registered_name === 'string' ? item.registered_name : name;
  const config = item.config ?? {};
  if (isGiven(run, registered) || isGiven(run, name)) return ownLayer(run, name, item, where);
  if (item.module === null) {
    const text = `Cannot deserialize object of type \`${name}\`. If \`${name}\` is a custom class, please register it using the \`@keras.saving.register_keras_serializable()\` decorator.`;
    obstacle(run, 'TypeError', text, { ...missing(run, name, where) });
    return ownLayer(run, name, item, where);
  }
  const found = findClass(run, 'layers', name);
  if (!found) return unknownLayer(run, name, item, where);
  const like = {
    kind: 'class' as const,
    name: found.name,
    printed: `<class '${found.name}'>`,
    own: found.own,
    facts: found.facts,
    space: isModelName(found.name) ? 'models' : 'layers',
  };
  const revived = objectFromConfig(run, like, config, item, where);
  return revived.kind === 'layer' ? revived.built : ownLayer(run, name, item, where);
}

function isModelName(name: string): boolean {
  return ['Functional', 'Sequential', 'Model'].includes(name);
}

function missing(run: Run, name: string, where: string) {
  return {
    failure: isOwnName(name) ? 'custom-object-missing' : foreignFailure(run),
    evidence: { text: `the class "${name}" is not known`, where, offset: null },
    suppose: `custom:${name}`,
  };
}

/** The string that stands for an unknown class fails when it is added, or in a graph when it is called. */
function unknownLayer(run: Run, name: string, item: PyDict, where: string): Built {
  if (!has(item, 'inbound_nodes')) {
    obstacle(
      run,
      'TypeError',
      `The added layer must be an instance of class Layer. Received: layer=${name} of type <class 'str'>.`,
      missing(run, name, where),
    );
    return ownLayer(run, name, item, where);
  }
  const built = ownLayer(run, name, item, where);
  return { ...built, callFails: () => raise('TypeError', "'str' object is not callable", missing(run, name, where)) };
}

function ownLayer(_run: Run, name: string, item: PyDict, where: string): Built {
  const config = isDict(item.config) ? item.config : {};
  return {
    className: name,
    name: typeof config.name === 'string' ? config.name : name,
    own: true,
    facts: null,
    config,
    inner: [],
    layers: null,
    where,
  };
}
