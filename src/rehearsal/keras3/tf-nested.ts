/**
 * Layers inside a model of a `.keras` file, as tf.keras 2.12 to 2.15 and tf_keras revive them: by class name alone.
 * Facts: layers/serialization.py. 2.12 asks the old deserialiser, which refuses names that it does not know; later ones
 * hand back the name itself, which fails where it is used.
 */

import type { Built } from '../built.ts';
import { since2 } from '../legacy/identifiers.ts';
import { deserializeLayer } from '../legacy/layer.ts';
import { findClass, isOwnName } from '../legacy/registry.ts';
import { unknownFacts } from '../legacy/unknown.ts';
import { raise } from '../python/exception.ts';
import { has, isDict, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run } from '../run.ts';
import { objectFromConfig } from './from-config.ts';

/** A layer of a model. */
export function tfNestedLayer(run: Run, item: PyValue, where: string): Built {
  return nested(run, item, where, (name, layer) => unknownLayer(run, name, layer, where));
}

/** A layer or cell that another layer holds; `refusal` is what that one says to a class that is only a name. */
export function tfHeldLayer(run: Run, item: PyValue, where: string, refusal: (name: string) => string): Built {
  return nested(run, item, where, (name, layer) => {
    obstacle(run, 'ValueError', refusal(name), unknownFacts(run, 'layer', name, isOwnName(name), where));
    return ownLayer(name, layer, where);
  });
}

function nested(run: Run, item: PyValue, where: string, unknown: (name: string, item: PyDict) => Built): Built {
  if (!isDict(item) || !has(item, 'module')) return deserializeLayer(run, item, where);
  const name = String(item.class_name);
  const registered = typeof item.registered_name === 'string' ? item.registered_name : name;
  const config = item.config ?? {};
  if (isGiven(run, registered) || isGiven(run, name)) return ownLayer(name, item, where);
  const found = findClass(run, 'layers', name);
  if (!found && !since2(run, '2.13')) return deserializeLayer(run, item, where);
  if (item.module === null) {
    const text = `Cannot deserialize object of type \`${name}\`. If \`${name}\` is a custom class, please register it using the \`@keras.saving.register_keras_serializable()\` decorator.`;
    obstacle(run, 'TypeError', text, unknownFacts(run, 'layer', name, isOwnName(name), where));
    return ownLayer(name, item, where);
  }
  if (!found) return unknown(name, item);
  const like = {
    kind: 'class' as const,
    name: found.name,
    printed: `<class '${found.name}'>`,
    own: found.own,
    facts: found.facts,
    space: isModelName(found.name) ? 'models' : 'layers',
  };
  const revived = objectFromConfig(run, like, config, item, where);
  return revived.kind === 'layer' ? revived.built : ownLayer(name, item, where);
}

function isModelName(name: string): boolean {
  return ['Functional', 'Sequential', 'Model'].includes(name);
}

/** The string that stands for an unknown class fails when it is added, or in a graph when it is called. */
function unknownLayer(run: Run, name: string, item: PyDict, where: string): Built {
  const facts = unknownFacts(run, 'layer', name, isOwnName(name), where);
  if (!has(item, 'inbound_nodes')) {
    const text = `The added layer must be an instance of class Layer. Received: layer=${name} of type <class 'str'>.`;
    obstacle(run, 'TypeError', text, facts);
    return ownLayer(name, item, where);
  }
  return { ...ownLayer(name, item, where), callFails: () => raise('TypeError', "'str' object is not callable", facts) };
}

function ownLayer(name: string, item: PyDict, where: string): Built {
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
