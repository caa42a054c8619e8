/** A model's graph as Python: one line for each call, tensors as variables named after their layers. */

import { noCustomObjects } from '../../layers/custom.ts';
import { findDefinition } from '../../layers/find.ts';
import type { InferredModel } from '../../layers/infer.ts';
import type { Call, CallValue, Layer, Model, Structure, TensorAddress } from '../../model/types.ts';
import { type LayerCode, layerText } from './layers.ts';
import { text } from './literals.ts';
import { constantText, operationText } from './operations.ts';

/** Python's own words, and names that the code uses. */
const reserved = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
    'import in is lambda nonlocal not or pass raise return try while with yield keras layers tf os model build'
  ).split(' '),
);

/** A name as an identifier. */
export function identifier(name: string): string {
  const plain = name.normalize('NFKD').replace(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
}

export function sequentialLines(model: Model, code: LayerCode): string[] {
  const shown = model.layers.filter(
    ({ className, config }) => className !== 'InputLayer' || (config.batch_shape ?? null) !== null,
  );
  return [
    'return keras.Sequential([',
    ...shown.map(layer => `    ${layerText(layer, code)},`),
    `], name=${text(model.name)})`,
  ];
}

export function functionalLines(model: Model, inferred: InferredModel, code: LayerCode): string[] {
  const graph = names(model, inferred);
  const lines: string[] = [];
  for (const layer of inCallOrder(model)) {
    const variable = graph.variables.get(layer.name) as string;
    if (layer.className === 'InputLayer') {
      lines.push(`${variable} = ${layerText(layer, code)}`);
      continue;
    }
    const several = layer.calls.length > 1 && layer.origin !== 'operation';
    const maker = several ? `${variable}_layer` : layerText(layer, code);
    if (several) lines.push(`${maker} = ${layerText(layer, code)}`);
    layer.calls.forEach((call, node) => {
      lines.push(`${outputName(variable, node, layer)} = ${callText(layer, call, maker, graph)}`);
    });
  }
  const ends = (structure: Structure<TensorAddress>) => structureText(structure, graph);
  lines.push(`return keras.Model(${ends(model.inputs)}, ${ends(model.outputs)}, name=${text(model.name)})`);
  return lines;
}

interface Graph {
  readonly layers: ReadonlyMap<string, Layer>;
  /** Python variable of each layer. */
  readonly variables: ReadonlyMap<string, string>;
  /** How the result of a call is taken apart: null where it is one tensor. */
  readonly keys: ReadonlyMap<string, readonly string[] | null>;
}

function names(model: Model, inferred: InferredModel): Graph {
  const taken = new Set(reserved);
  const variables = new Map(
    model.layers.map(({ name }) => {
      const plain = identifier(name);
      let free = plain;
      for (let count = 1; taken.has(free) || taken.has(`${free}_layer`); count += 1) free = `${plain}_${count}`;
      taken.add(free).add(`${free}_layer`);
      return [name, free] as const;
    }),
  );
  const keys = new Map(
    model.layers.map(
      (layer, at) => [layer.name, keysOf(layer, inferred.layers[at]?.calls[0]?.outputShapes.length ?? 1)] as const,
    ),
  );
  return { layers: new Map(model.layers.map(layer => [layer.name, layer])), variables, keys };
}

/** A model that gives a dictionary is asked by its keys, in the order in which its results are counted. */
function keysOf(layer: Layer, count: number): readonly string[] | null {
  const ends = layer.model?.outputs;
  if (ends && !Array.isArray(ends) && typeof (ends as TensorAddress).layer !== 'string') {
    return Object.keys(ends).sort().map(text);
  }
  const alwaysList = layer.className === 'Split' || layer.className === 'Unstack';
  return count > 1 || alwaysList ? Array.from({ length: Math.max(count, 1) }, (_, index) => String(index)) : null;
}

/** Layers so that each is called after what it takes; shared layers may stand before it in the config. */
function inCallOrder(model: Model): readonly Layer[] {
  const waiting = [...model.layers];
  const done = new Set<string>();
  const order: Layer[] = [];
  for (let progress = true; progress && waiting.length > 0; ) {
    const next = waiting.findIndex(layer => [...sourcesOf(layer)].every(name => done.has(name) || name === layer.name));
    progress = next >= 0;
    if (!progress) break;
    const [layer] = waiting.splice(next, 1) as [Layer];
    done.add(layer.name);
    order.push(layer);
  }
  return [...order, ...waiting];
}

function sourcesOf(layer: Layer): Set<string> {
  const found = new Set<string>();
  const visit = (value: CallValue): void => {
    if (value.kind === 'tensor') found.add(value.at.layer);
    if (value.kind === 'list') value.items.forEach(visit);
    if (value.kind === 'record') Object.values(value.entries).forEach(visit);
  };
  for (const { args, kwargs } of layer.calls) [...args, ...Object.values(kwargs)].forEach(visit);
  return found;
}

function outputName(variable: string, node: number, layer: Layer): string {
  return layer.calls.length > 1 ? `${variable}_${node}` : variable;
}

function callText(layer: Layer, call: Call, maker: string, graph: Graph): string {
  const write = (value: CallValue) => valueText(value, graph);
  if (layer.origin === 'operation') return operationText(layer, call, write);
  const [first, ...others] = call.args;
  // Recurrent layers take first states by name; a list of inputs is no longer split by Keras 3.
  const states = takesStates(layer) && first?.kind === 'list' && first.items.length > 1 ? first.items.slice(1) : [];
  const inputs = states.length > 0 && first?.kind === 'list' ? [first.items[0] as CallValue, ...others] : call.args;
  const positional = inputs.map(write);
  const named = Object.entries(call.kwargs)
    .filter(([, value]) => value.kind !== 'value' || value.value !== null)
    .map(([key, value]) => `${key}=${write(value)}`);
  const given = states.length > 0 ? [`initial_state=${write({ kind: 'list', items: states })}`] : [];
  return `${maker}(${[...positional, ...named, ...given].join(', ')})`;
}

function takesStates(layer: Layer): boolean {
  return (findDefinition(layer, noCustomObjects)?.callArguments ?? []).includes('initial_state');
}

function valueText(value: CallValue, graph: Graph): string {
  if (value.kind === 'tensor') return tensorText(value.at, graph);
  if (value.kind === 'list') return `[${value.items.map(item => valueText(item, graph)).join(', ')}]`;
  if (value.kind === 'value') return constantText(value.value);
  const entries = Object.entries(value.entries).map(([key, item]) => `${text(key)}: ${valueText(item, graph)}`);
  return `{${entries.join(', ')}}`;
}

function tensorText({ layer: name, node, tensor }: TensorAddress, { layers, variables, keys }: Graph): string {
  const variable = outputName(variables.get(name) as string, node, layers.get(name) as Layer);
  const key = keys.get(name)?.[tensor];
  return key === undefined ? variable : `${variable}[${key}]`;
}

function structureText(structure: Structure<TensorAddress>, graph: Graph): string {
  if (Array.isArray(structure)) {
    const items = (structure as readonly Structure<TensorAddress>[]).map(item => structureText(item, graph));
    return items.length === 1 ? (items[0] as string) : `[${items.join(', ')}]`;
  }
  const address = structure as TensorAddress;
  if (typeof address.layer === 'string') return tensorText(address, graph);
  const entries = Object.entries(structure as { [key: string]: Structure<TensorAddress> });
  return `{${entries.map(([key, item]) => `${text(key)}: ${structureText(item, graph)}`).join(', ')}}`;
}
