/**
 * `layers.deserialize` before Keras 3 (standalone 2.x, tf.keras, tf_keras): class lookup and each class's `from_config`.
 * Facts: layers/serialization.py, utils/generic_utils.py and the layers of the tags.
 */

import type { Built } from '../built.ts';
import { raise } from '../python/exception.ts';
import { reprString } from '../python/repr.ts';
import { copyDict, has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { obstacle, type Run } from '../run.ts';
import { constructLayer } from './construct.ts';
import { since2 } from './identifiers.ts';
import { lambdaFromConfig, mergeFromConfig } from './lambda.ts';
import { functionalFromConfig, sequentialFromConfig } from './models.ts';
import { type FoundClass, findClass, isOwnName } from './registry.ts';
import { improperText, raiseUnknown } from './unknown.ts';

/** Deserialises one `{class_name, config}`. `where` is its pointer in the config. */
export function deserializeLayer(run: Run, data: PyValue | undefined, where: string): Built {
  if (!isDict(data) || !has(data, 'class_name') || !has(data, 'config')) {
    raise('ValueError', improperText(run, data ?? null), {
      failure: 'truncated-or-corrupt',
      evidence: { text: 'a layer in the config is no {class_name, config}', where, offset: null },
    });
  }
  const name = String(data.class_name);
  const plain = dilated(run, name, data.config!);
  if (plain) return deserializeLayer(run, plain, where);
  const found = findClass(run, 'layers', name);
  if (!found) {
    raiseUnknown(run, 'layer', name, 'dict', isOwnName(name), where);
    return placeholder(name, data, where);
  }
  if (isList(data.config) && since2(run, '2.1', '2.2')) raiseListConfig(run, where);
  return fromConfig(run, found, data.config!, where);
}

/** Keras 1's dilated convolutions are functions in standalone Keras 2: they make a plain one (legacy/layers.py). */
function dilated(run: Run, name: string, config: PyValue): PyDict | null {
  const rank = /^AtrousConvolution([12])D$/.exec(name)?.[1];
  if (rank === undefined || run.environment.line !== 'keras2' || !isDict(config)) return null;
  const rate = config.atrous_rate ?? 1;
  return { class_name: `Conv${rank}D`, config: { ...copyDict(config, ['atrous_rate']), dilation_rate: rate } };
}

/** tf.keras 2.1 looks through the config's items before it asks what it is (generic_utils.py). */
function raiseListConfig(run: Run, where: string): never {
  raise('AttributeError', "'list' object has no attribute 'items'", {
    failure: 'keras-regression',
    evidence: {
      text: `a Sequential config that is a list, which TensorFlow ${run.version} cannot read`,
      where,
      offset: null,
    },
  });
}

/** Stands for a layer whose class is not known, once it is supposed to be given. */
function placeholder(className: string, data: PyDict, where: string): Built {
  const config = isDict(data.config) ? data.config : {};
  const name = typeof config.name === 'string' ? config.name : className;
  return { className, name, own: true, facts: null, config, inner: [], layers: null, where };
}

function fromConfig(run: Run, found: FoundClass, config: PyValue, where: string): Built {
  if (found.own) return own(run, found, config, where);
  if (found.name === 'Sequential') return sequentialFromConfig(run, config, where);
  if (['Model', 'Functional', 'Network'].includes(found.name)) return functionalFromConfig(run, found, config, where);
  if (!isDict(config)) return constructLayer(run, found, {}, where);
  if (found.name === 'Lambda') return lambdaFromConfig(run, found, config, where);
  if (found.name === 'MultiHeadAttention' && since2(run, '2.5')) return attentionFromConfig(run, found, config, where);
  if (found.name === 'Merge') return mergeFromConfig(run, found, config, where);
  const wrapped = wrappedKeys(found);
  return wrapped.length > 0
    ? wrapperFromConfig(run, found, config, wrapped, where)
    : constructLayer(run, found, config, where);
}

/** Attention is built from the shapes it was built for, which TensorFlow 2.4 did not write (multi_head_attention.py). */
function attentionFromConfig(run: Run, found: FoundClass, config: PyDict, where: string): Built {
  const shapes = ['query_shape', 'key_shape', 'value_shape'];
  const missing = shapes.find(key => !has(config, key));
  if (missing) {
    obstacle(run, 'KeyError', reprString(missing), {
      failure: 'keras-regression',
      evidence: { text: `MultiHeadAttention has no "${missing}" in its config`, where, offset: null },
      suppose: `attention:${where}`,
    });
  }
  return constructLayer(run, found, copyDict(config, shapes), where, { printed: config });
}

/** A user's class: its `from_config` is usually the base class's; models of the user's carry a graph when it is one. */
function own(run: Run, found: FoundClass, config: PyValue, where: string): Built {
  if (isDict(config) && isList(config.layers) && has(config, 'input_layers'))
    return functionalFromConfig(run, found, config, where);
  if (isDict(config) && isList(config.layers) && config.layers.every(isDict))
    return sequentialFromConfig(run, config, where);
  return constructLayer(run, found, isDict(config) ? config : {}, where);
}

/** Config keys that hold layers which `from_config` makes first. */
function wrappedKeys(found: FoundClass): readonly string[] {
  if (found.name === 'Bidirectional') return ['layer', 'backward_layer'];
  if (found.name === 'TimeDistributed' || found.facts?.bases.includes('Wrapper')) return ['layer'];
  if (found.name === 'RNN' || /Wrapper$/.test(found.name)) return ['cell'];
  return found.name === 'StackedRNNCells' ? ['cells'] : [];
}

function wrapperFromConfig(run: Run, found: FoundClass, config: PyDict, keys: readonly string[], where: string): Built {
  const inner: Built[] = [];
  const passed: string[] = [];
  for (const key of keys) {
    const held = config[key];
    if (held === undefined || held === null) continue;
    passed.push(key);
    const items = isList(held) ? held : [held];
    items.forEach((item, index) => {
      inner.push(deserializeLayer(run, item, `${where}/config/${key}${isList(held) ? `/${index}` : ''}`));
    });
  }
  return constructLayer(run, found, copyDict(config, passed), where, { inner, passed, printed: config });
}
