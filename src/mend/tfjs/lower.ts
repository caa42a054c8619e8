/**
 * Layers that TensorFlow.js lacks, said with layers that it has: each is traced, and what it computes is built anew as a
 * model of such layers under the layer's own name. What cannot be said stays as it is, to be refused by name.
 */

import { isLoadstoneError } from '../../findings/errors.ts';
import { type CustomObjects, noCustomObjects } from '../../layers/custom.ts';
import { addressesIn } from '../../layers/walk.ts';
import type { Layer, Model, Structure, TensorAddress } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { mapModels, plainLayer } from '../rewrite.ts';
import type { Tell } from '../step.ts';
import { arithmetic, isStored, type Value } from './arithmetic.ts';
import { arrangement } from './arrange.ts';
import { type Captured, type CapturedCall, captureCalls } from './capture.ts';
import { convolution } from './convolutions.ts';
import { activation, type Builder, callOn, graphBuilder, type Made, unsayable } from './graph.ts';
import { product } from './products.ts';
import { recurrence } from './recurrent.ts';
import { ofStored, type Stored, storedNumbers, storedWeight } from './stored.ts';
import { toUnitLength, unitLengthOf } from './unit-length.ts';
import { wholeLayer } from './whole-layers.ts';

export interface Lowered {
  readonly model: Model;
  /** Why layers stayed as they were. */
  readonly reasons: ReadonlyMap<Layer, string>;
}

/** `wanted` tells the layers that are to be said anew. */
export function lowerLayers(
  model: Model,
  wanted: (layer: Layer) => boolean,
  tell: Tell,
  customObjects: CustomObjects = noCustomObjects,
): Lowered {
  const captured = captureCalls(model, customObjects);
  const name = freeNames(model);
  const reasons = new Map<Layer, string>();
  const anew = (layer: Layer): Layer => {
    if (!wanted(layer)) return layer;
    try {
      return lowered(layer, captured, name, tell);
    } catch (error) {
      if (!isLoadstoneError(error, 'unsupported')) throw error;
      reasons.set(layer, error.what);
      return layer;
    }
  };
  return { model: mapModels(model, inner => ({ ...inner, layers: inner.layers.map(anew) })), reasons };
}

/** Weights are found by the names of layers alone, in whatever model they stand. */
function freeNames(model: Model): (base: string, className: string) => string {
  const taken = new Set<string>();
  const visit = (inner: Model): void => {
    for (const layer of inner.layers) {
      taken.add(layer.name);
      if (layer.model) visit(layer.model);
    }
  };
  visit(model);
  return (base, className) => {
    for (let number = 1; ; number += 1) {
      const name = `${base}_${className.toLowerCase()}_${number}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
}

function lowered(layer: Layer, captured: Captured, name: ReturnType<typeof freeNames>, tell: Tell): Layer {
  const calls = captured.calls.get(layer);
  const [first] = calls ?? [];
  if (!calls || !first || calls.length !== layer.calls.length) return unsayable(`what ${layer.className} computes`);
  if (calls.some(call => call?.masked)) return unsayable('masks where it has no such layer');
  if (calls.some(call => !alike(call, first))) return unsayable('a layer that is called on tensors of several shapes');
  const inside = sayable(layer, first, captured, className => name(layer.name, className));
  tell({
    failure: 'newer-file-older-keras',
    where: `layer ${layer.name}`,
    before: layer.className,
    after: described(inside.layers.map(({ className }) => className).filter(one => one !== 'InputLayer')),
    why: 'TensorFlow.js has no such layer; these compute the same',
  });
  const made = plainLayer(layer.name, 'Functional', {}, layer);
  return { ...made, model: inside, calls: calls.map(({ addresses }) => callOn(addresses)) };
}

function described(classes: readonly string[]): string {
  return `a model of ${classes.length} layers: ${[...new Set(classes)].join(', ')}`;
}

function alike(a: CapturedCall, b: CapturedCall): boolean {
  const shapes = (call: CapturedCall) => call.inputs.map(({ shape, dtype }) => [shape, dtype]);
  return JSON.stringify(shapes(a)) === JSON.stringify(shapes(b));
}

function sayable(layer: Layer, call: CapturedCall, captured: Captured, name: (className: string) => string): Model {
  const graph = graphBuilder(layer, name);
  const inputs = call.inputs.map(({ shape, dtype }) => {
    const [batch, ...sample] = shape;
    if (batch !== null || shape.length === 0) unsayable('an input without a batch');
    return graph.add('InputLayer', { batch_shape: [null, ...sample], dtype, sparse: false }, [], sample);
  });
  const results = wholeLayer(layer, inputs, graph) ?? say(call, inputs, captured, graph);
  const outputs = results.map(made => (inputs.includes(made) ? activation(graph, 'linear', made) : made));
  return functional(layer, graph, inputs, outputs);
}

function functional(layer: Layer, graph: Builder, inputs: readonly Made[], outputs: readonly Made[]): Model {
  const ends = (made: readonly Made[]): Structure<TensorAddress> => made.map(({ at }) => at);
  return {
    className: 'Functional',
    origin: 'layer',
    registeredName: null,
    name: layer.name,
    trainable: layer.trainable,
    layers: reached(graph.layers, outputs),
    inputs: ends(inputs),
    outputs: ends(outputs),
    config: null,
  };
}

/** Without what nothing takes: its weights would have no variable. */
function reached(layers: readonly Layer[], outputs: readonly Made[]): Layer[] {
  const byName = new Map(layers.map(layer => [layer.name, layer]));
  const needed = new Set<string>();
  const waiting = outputs.map(({ at }) => at.layer);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    for (const { layer } of (byName.get(name)?.calls ?? []).flatMap(addressesIn)) waiting.push(layer);
  }
  return layers.filter(({ name, className }) => className === 'InputLayer' || needed.has(name));
}

/** Each node once, when something asks for it. */
function say(call: CapturedCall, inputs: readonly Made[], { weights }: Captured, graph: Builder): Made[] {
  const known = new Map<OpNode, readonly Value[]>();
  const given = new Map(call.inputs.map((tensor, at) => [tensor, inputs[at] as Made]));
  const valueFor = (tensor: SymbolicTensor): Value => {
    const input = given.get(tensor);
    if (input) return input;
    const { node } = tensor;
    const made = known.get(node) ?? sayNode(node, valueFor, weights, graph);
    known.set(node, made);
    return made[tensor.index] ?? unsayable(`a result of ${node.op}`);
  };
  return call.outputs.map(tensor => {
    const value = valueFor(tensor);
    return isStored(value) ? unsayable('a constant result') : value;
  });
}

function sayNode(
  node: OpNode,
  valueFor: (tensor: SymbolicTensor) => Value,
  weights: Captured['weights'],
  graph: Builder,
): readonly Value[] {
  if (node.op === 'constant') return [constantOf(node)];
  const weight = weights.get(node);
  if (weight) return [storedWeight(weight)];
  if (/^(input|weight)$/.test(node.op)) unsayable('what comes from outside of the layer');
  const whole = unitLengthOf(node);
  const long = whole && valueFor(whole);
  if (long && !isStored(long)) return [toUnitLength(graph, long)];
  const inputs = node.inputs.map(tensor => () => valueFor(tensor));
  const special =
    recurrence(node, inputs, graph) ??
    product(node, inputs, graph) ??
    convolution(node, inputs, graph) ??
    arrangement(node, inputs, graph);
  if (special) return Array.isArray(special) ? special : [special as Made];
  if (node.op === 'dim') return unsayable('a size');
  const values = inputs.map(input => input());
  const stored = values.every(isStored) ? ofStored(node, values as Stored[]) : null;
  const made = stored ?? arithmetic(node, values, graph);
  return made ? [made] : unsayable(`the operation ${node.op}`);
}

function constantOf({ attributes }: OpNode): Stored {
  const { data, shape, dtype } = attributes.value as Tensor;
  if (dtype === 'string') unsayable('a constant of text');
  return storedNumbers(Array.from(data as ArrayLike<number>, Number), shape);
}
