/**
 * Calling a graph's layers on each other in Keras 3. Nodes are counted from each layer's own calls; a nested model has
 * none from its own making, which older files count as one. Facts: `functional_from_config` in models/functional.py.
 */

import type { Built } from '../built.ts';
import { callLambda } from '../lambda-call.ts';
import { callItems } from '../legacy/wire.ts';
import { raise } from '../python/exception.ts';
import { reprString } from '../python/repr.ts';
import { isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { type Run, since } from '../run.ts';
import { deserialize } from './deserialize.ts';

interface Pending {
  readonly name: string;
  readonly layer: Built;
  nodes: PyValue[];
}

/** Graphs that cannot be resolved are refused by these releases; all others go round for ever. */
function detectsLoops(run: Run): boolean {
  return since(run, '3.12.2', '3.13') || since(run, '3.14.1');
}

export function wireGraph3(run: Run, config: PyDict, stored: readonly PyDict[], layers: readonly Built[]): void {
  const created = new Map(stored.map((item, index) => [String(item.name), layers[index]!]));
  const calls = new Map(
    stored.map((item, index) => [String(item.name), layers[index]!.className === 'InputLayer' ? 1 : 0]),
  );
  const pending: Pending[] = stored.map((item, index) => ({
    name: String(item.name),
    layer: layers[index]!,
    nodes: isList(item.inbound_nodes) ? [...item.inbound_nodes] : [],
  }));
  for (;;) {
    const left = pending.filter(({ nodes }) => nodes.length > 0);
    if (left.length === 0) break;
    let progress = false;
    for (const item of left) {
      while (item.nodes.length > 0 && isReady(run, item.nodes[0]!, created, calls)) {
        refuseStates(item.layer, item.nodes[0]!);
        item.layer.callFails?.();
        callLambda(run, item.layer);
        item.nodes.shift();
        calls.set(item.name, calls.get(item.name)! + 1);
        progress = true;
      }
    }
    if (!progress)
      raiseLoop(
        run,
        pending.filter(({ nodes }) => nodes.length > 0),
        created,
      );
  }
  for (const key of ['input_layers', 'output_layers']) {
    refuseLoneEnd(run, config[key]);
    checkEnds(run, config[key], created, calls);
  }
}

/** A model of one tensor that is no list names that tensor alone, and is read so from 3.4 on: before, its name is spread out. */
function refuseLoneEnd(run: Run, ends: PyValue | undefined): void {
  const name = isList(ends ?? null) ? (ends as PyValue[])[0] : null;
  if (typeof name !== 'string' || since(run, '3.4')) return;
  const text = `functional_from_config.<locals>.get_tensor() takes 3 positional arguments but ${[...name].length} were given`;
  raise('TypeError', text, {
    failure: 'newer-file-older-keras',
    evidence: {
      text: `the model names its only end as ["${name}", 0, 0], which Keras reads from 3.4 on`,
      where: name,
      offset: null,
    },
  });
}

function raiseLoop(run: Run, left: readonly Pending[], created: ReadonlyMap<string, Built>): never {
  const nested = left
    .flatMap(({ nodes }) => nodes.flatMap(callItems))
    .find(item => created.get(String(item[0]))?.layers);
  const facts = {
    failure: nested ? 'nested-model-reload-bug' : 'truncated-or-corrupt',
    evidence: {
      text: nested
        ? `"${left[0]!.name}" is called on output ${String(nested[1])} of the nested model "${String(nested[0])}", which Keras 3 counts from 0`
        : `layer "${left[0]!.name}" is called on an output that no layer of the config makes`,
      where: left[0]!.name,
      offset: null,
    },
  };
  if (!detectsLoops(run)) raise('Hang', '', facts);
  const listed = left.map(({ name, nodes }) => `<${name}>: [${nodes.length}]`).join(', ');
  raise(
    'ValueError',
    `Invalid Functional model configuration. The graph of the Functional model either has loops or disconnected nodes. The following nodes failed to be resolved: {${listed}}`,
    facts,
  );
}

/** Standalone Keras stored a recurrent layer's states among its inputs; Keras 3 hands the list on, and wants one tensor. */
function refuseStates({ className, name, where }: Built, node: PyValue): void {
  if (!/^(LSTM|GRU|SimpleRNN|RNN|ConvLSTM[123]D)$/.test(className) || !isList(node)) return;
  const items = callItems(node);
  if (items.length < 2) return;
  const listed = items.map(() => '<KerasTensor>').join(', ');
  raise(
    'ValueError',
    `Layer "${name}" expects 1 input(s), but it received ${items.length} input tensors. Inputs received: [${listed}]`,
    {
      failure: 'keras2-file-in-keras3',
      evidence: {
        text: `"${name}" is called with its states among its inputs, as Keras stored it before 2.3`,
        where,
        offset: null,
      },
    },
  );
}

/** The tensors `[layer, node, tensor]` that a stored call takes, in either form. */
function references(node: PyValue): PyValue[][] {
  if (isList(node)) return callItems(node);
  return histories(node);
}

function histories(value: PyValue): PyValue[][] {
  if (isList(value)) return value.flatMap(histories);
  if (!isDict(value)) return [];
  if (value.class_name === '__keras_tensor__') {
    const history = isDict(value.config) ? value.config.keras_history : null;
    return isList(history) ? [history] : [];
  }
  return Object.values(value).flatMap(histories);
}

function isReady(
  run: Run,
  node: PyValue,
  created: ReadonlyMap<string, Built>,
  calls: ReadonlyMap<string, number>,
): boolean {
  const old = isList(node);
  if (isDict(node)) {
    deserialize(run, node.args ?? null, 'inbound_nodes');
    deserialize(run, node.kwargs ?? null, 'inbound_nodes');
  }
  for (const item of references(node)) {
    const name = String(item[0]);
    if (!created.has(name)) raiseMissing(run, name, old);
    if ((calls.get(name) ?? 0) > Number(item[1])) continue;
    if (!old && !since(run, '3.7')) {
      raise(
        'ValueError',
        `Layer node index out of bounds.\ninbound_layer = <${name}>\ninbound_layer._inbound_nodes = []\ninbound_node_index = ${String(item[1])}`,
        { failure: 'nested-model-reload-bug' },
      );
    }
    return false;
  }
  return true;
}

function raiseMissing(run: Run, name: string, old: boolean): never {
  const facts = {
    failure: 'truncated-or-corrupt',
    evidence: { text: `a layer is called on "${name}", which the config does not have`, where: name, offset: null },
  };
  if (!old) raise('ValueError', `Unknown layer: ${name}`, facts);
  if (detectsLoops(run)) raise('ValueError', `Invalid Functional model configuration. Missing node: ${name}`, facts);
  raise('KeyError', reprString(name), facts);
}

function checkEnds(
  run: Run,
  ends: PyValue | undefined,
  created: ReadonlyMap<string, Built>,
  calls: ReadonlyMap<string, number>,
): void {
  for (const item of callItems(ends ?? null)) {
    const name = String(item[0]);
    const layer = created.get(name);
    const facts = {
      failure: 'truncated-or-corrupt',
      evidence: { text: `the model names "${name}" as an end, and has no such layer`, where: null, offset: null },
    };
    if (!layer) {
      if (since(run, '3.14')) raise('RuntimeError', `Internal error: could not find layer ${name}.`, facts);
      raise('AssertionError', '', facts);
    }
    const graph = layer.layers !== null && layer.className !== 'Sequential';
    const index = Number(item[1]) - (graph && since(run, '3.3') ? 1 : 0);
    const made = calls.get(name) ?? 0;
    if (index >= made || index < -made) {
      raise('IndexError', 'list index out of range', {
        failure: 'nested-model-reload-bug',
        evidence: {
          text: `the output of the nested model "${name}" is counted from 1 in the file`,
          where: name,
          offset: null,
        },
      });
    }
  }
}
