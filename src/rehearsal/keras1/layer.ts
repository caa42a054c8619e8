/** Layers and models from their configs in Keras 1. Facts: utils/layer_utils.py, engine/topology.py, models.py of 1.2.2. */

import type { Built } from '../built.ts';
import { callLambda } from '../lambda-call.ts';
import { loadFunction } from '../lambda-code.ts';
import { keywordFacts } from '../legacy/identifiers.ts';
import { callItems } from '../legacy/wire.ts';
import { bind, functionName } from '../python/call.ts';
import { raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { copyDict, has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run } from '../run.ts';
import { type Kind, require } from './lookup.ts';

export function layerFromConfig1(run: Run, data: PyValue | undefined, where: string): Built {
  if (!isDict(data)) raise('TypeError', 'string indices must be integers', { failure: 'truncated-or-corrupt' });
  if (!has(data, 'class_name')) raise('KeyError', "'class_name'", { failure: 'truncated-or-corrupt' });
  const name = String(data.class_name);
  const known = require(run, 'layer', name, where);
  const config = data.config ?? {};
  if (name === 'Sequential') return sequential(run, config, where);
  if (name === 'Model' || name === 'Container') return graph(run, config, where);
  if (!known || isGiven(run, name)) return own(run, name, config, where);
  return simple(run, name, isDict(config) ? config : {}, where);
}

function own(_run: Run, className: string, config: PyValue, where: string): Built {
  const dict = isDict(config) ? config : {};
  return {
    className,
    name: typeof dict.name === 'string' ? dict.name : '',
    own: true,
    facts: null,
    config: dict,
    inner: [],
    layers: null,
    where,
  };
}

function model(className: string, config: PyDict, layers: readonly Built[], where: string): Built {
  return {
    className,
    name: typeof config.name === 'string' ? config.name : '',
    own: false,
    facts: null,
    config,
    inner: [],
    layers,
    where,
  };
}

/** Keras 1 takes a list only. Elements without class are of its own old form. */
function sequential(run: Run, config: PyValue, where: string): Built {
  if (!isList(config)) {
    raise('KeyError', '0', {
      failure: 'newer-file-older-keras',
      evidence: {
        text: 'the Sequential config is a dictionary, as Keras writes it from 2.2.3 on',
        where: `${where}/config`,
        offset: null,
      },
    });
  }
  const cache = new Map<string, Built>();
  const layers = config.map((item, index) => {
    const data =
      isDict(item) && !has(item, 'class_name')
        ? { class_name: item.name ?? null, config: { ...item, name: item.custom_name ?? null } }
        : item;
    const built = layerFromConfig1(run, data, `${where}/config/${index}`);
    const shared = cache.get(built.name);
    if (shared) return shared;
    cache.set(built.name, built);
    callLambda(run, built);
    return built;
  });
  return model('Sequential', {}, layers, where);
}

/** One pass: each layer is made and called at once, so that what it is called on must stand before it. */
function graph(run: Run, config: PyValue, where: string): Built {
  const dict = isDict(config) ? config : {};
  const stored = isList(dict.layers) ? dict.layers : [];
  const calls = new Map<string, number>();
  const layers = stored.map((item, index) => {
    const built = layerFromConfig1(run, item, `${where}/config/layers/${index}`);
    const data = item as PyDict;
    const name = String(data.name);
    calls.set(name, built.className === 'InputLayer' || built.layers ? 1 : 0);
    for (const node of isList(data.inbound_nodes) ? data.inbound_nodes : []) {
      for (const reference of isList(node) ? node : []) checkReference(calls, reference, name);
      callLambda(run, built);
      calls.set(name, calls.get(name)! + 1);
    }
    return built;
  });
  for (const key of ['input_layers', 'output_layers'])
    for (const reference of callItems(dict[key] ?? null))
      if (!calls.has(String(reference[0]))) raise('AssertionError', '', { failure: 'truncated-or-corrupt' });
  return model('Model', dict, layers, where);
}

function checkReference(calls: ReadonlyMap<string, number>, reference: PyValue, name: string): void {
  const facts = {
    failure: 'newer-file-older-keras',
    evidence: { text: `layer "${name}" is called in a form that Keras 1 does not know`, where: name, offset: null },
  };
  if (!isList(reference)) return;
  if (reference.length > 3) raise('ValueError', 'too many values to unpack (expected 3)', facts);
  const producer = String(reference[0]);
  if (!calls.has(producer))
    raise('AssertionError', `Missing layer: ${producer}`, { ...facts, failure: 'truncated-or-corrupt' });
  if ((calls.get(producer) ?? 0) <= Number(reference[1]))
    raise('IndexError', 'list index out of range', { ...facts, failure: 'truncated-or-corrupt' });
}

function simple(run: Run, className: string, given: PyDict, where: string): Built {
  const facts = run.release.classAt('layers', className);
  const inner: Built[] = [];
  let config = given;
  const passed: string[] = [];
  if (className === 'Lambda') config = functions(run, given, ['function', 'output_shape'], where);
  else if (className === 'Merge') config = functions(run, given, ['mode', 'output_shape', 'output_mask'], where);
  else if (isDict(given.layer)) {
    inner.push(layerFromConfig1(run, given.layer, `${where}/config/layer`));
    config = copyDict(given, ['layer']);
    passed.push('layer');
  }
  const built: Built = {
    className,
    name: typeof config.name === 'string' ? config.name : '',
    own: false,
    facts,
    config: given,
    inner,
    layers: null,
    where,
  };
  if (!facts?.parameters) return built;
  const keywords = [...passed, ...Object.keys(config)].filter(key => !run.supposed.has(`keyword:${className}.${key}`));
  if (!run.supposed.has(`missing:${className}`)) {
    bind(
      { parameters: facts.parameters, keywords: facts.keywords },
      keywords,
      functionName(className, '__init__', run.environment.python),
      keyword => {
        const told = keywordFacts(run, className, keyword, where);
        return keywords.includes(keyword) ? told : { ...told, suppose: `missing:${className}` };
      },
    );
  }
  lookUp(run, config, where);
  refuseUnknown(run, built, keywords);
  return built;
}

const kinds: readonly (readonly [RegExp, Kind])[] = [
  [/^(init|inner_init|forget_bias_init|beta_init|gamma_init)$/, 'initialization'],
  [/^(inner_)?activation$/, 'activation function'],
  [/_regularizer$/, 'regularizer'],
  [/_constraint$/, 'constraint'],
];

function lookUp(run: Run, config: PyDict, where: string): void {
  for (const [pattern, kind] of kinds) {
    for (const [key, value] of Object.entries(config)) {
      if (!pattern.test(key) || value === null) continue;
      const name = isDict(value) ? value.name : value;
      if (typeof name === 'string') require(run, kind, name, `${where}/config/${key}`);
    }
  }
}

const baseKeywords = ['input_shape', 'batch_input_shape', 'input_dtype', 'name', 'trainable', 'create_input_layer'];

function refuseUnknown(run: Run, built: Built, keywords: readonly string[]): void {
  const { facts, className } = built;
  if (!facts?.keywords) return;
  const recurrent = facts.bases.some(base => /Recurrent/.test(base)) ? recurrentKeywords(run) : [];
  const known = new Set([
    ...facts.parameters!.map(({ name }) => name),
    ...facts.inherited,
    ...baseKeywords,
    ...recurrent,
  ]);
  const unknown = keywords.find(keyword => !known.has(keyword));
  if (unknown === undefined) return;
  obstacle(
    run,
    'TypeError',
    `('Keyword argument not understood:', ${repr(unknown)})`,
    keywordFacts(run, className, unknown, built.where),
  );
}

function recurrentKeywords(run: Run): readonly string[] {
  return run.release.classAt('layers', 'Recurrent')?.parameters?.map(({ name }) => name) ?? [];
}

/** Arguments that may be functions, each with its `_type` beside it: made, and without the types. */
function functions(run: Run, config: PyDict, keys: readonly string[], where: string): PyDict {
  for (const key of keys) {
    const type = config[`${key}_type`];
    const value = config[key];
    if (type === 'function') require(run, 'layer', String(value), `${where}/config/${key}`);
    if (type !== 'lambda' || !isList(value)) continue;
    loadFunction(run, value, `${where}/config/${key}`);
  }
  return copyDict(
    config,
    keys.map(key => `${key}_type`),
  );
}
