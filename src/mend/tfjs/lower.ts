/**
 * Layers that TensorFlow.js lacks, said with layers that it has: each is traced, and what it computes is built anew as a
 * model of such layers under the layer's own name. What cannot be said stays as it is, to be refused by name.
 */

import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
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
import { comparison } from './comparisons.ts';
import { convolution } from './convolutions.ts';
import { activation, type Builder, callOn, constantLike, graphBuilder, type Made, unsayable } from './graph.ts';
import { loop, type SayNode } from './loops.ts';
import { product } from './products.ts';
import { root } from './quotients.ts';
import { recurrence } from './recurrent.ts';
import { ofStored, type Stored, splitStored, storedNumbers, storedWeight } from './stored.ts';
import { toUnitLength, unitLengthOf } from './unit-length.ts';
import { wholeLayer } from './whole-layers.ts';

export interface Lowered {
  readonly model: Model;
  /** Why layers stayed as they were. */
  readonly reasons: ReadonlyMap<Layer, string>;
}

/** `wanted` tells the layers that are to be said anew, by themselves and by the masks of their inputs. */
export function lowerLayers(
  model: Model,
  wanted: (layer: Layer, masks: CapturedCall['masks']) => boolean,
  tell: Tell,
  customObjects: CustomObjects = noCustomObjects,
): Lowered {
  const captured = captureCalls(model, customObjects);
  const name = freeNames(model);
  const reasons = new Map<Layer, string>();
  const anew = (layer: Layer): Layer => {
    const calls = captured.calls.get(layer) ?? [];
    const masked = calls.find(call => call?.masks.some(mask => mask !== null)) ?? calls[0];
    if (!wanted(layer, masked?.masks ?? [])) return layer;
    try {
      return lowered(layer, captured, name, tell);
    } catch (error) {
      if (!isLoadstoneError(error, 'unsupported')) throw error;
      reasons.set(layer, error.what);
      return layer;
    }
  };
  return { model: mapModels(model, inner => asGraph({ ...inner, layers: inner.layers.map(anew) })), reasons };
}

/** A chain hands one tensor on: a layer that takes more makes it a graph. */
function asGraph(model: Model): Model {
  const takesMore = model.layers.some(({ calls }) => calls.some(call => addressesIn(call).length > 1));
  return model.className === 'Sequential' && takesMore ? { ...model, className: 'Functional' } : model;
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
  if (!calls || !first || calls.length !== layer.calls.length) {
    const why = captured.failures.get(layer) ?? 'what comes before it cannot be followed';
    throw new LoadstoneError('unsupported', why);
  }
  if (calls.some(call => !alike(call, first))) return unsayable('a layer that is called on tensors of several shapes');
  const { inside, beside } = sayable(layer, first, captured, className => name(layer.name, className));
  if (beside.length > 0 && calls.length > 1) unsayable('a mask where a layer is called more than once');
  tell({
    failure: 'newer-file-older-keras',
    where: `layer ${layer.name}`,
    before: layer.className,
    after: described(inside.layers.map(({ className }) => className).filter(one => one !== 'InputLayer')),
    why: 'TensorFlow.js has no such layer; these compute the same',
  });
  const made = plainLayer(layer.name, 'Functional', {}, layer);
  return { ...made, model: inside, calls: calls.map(({ addresses }) => callOn([...addresses, ...beside])) };
}

function described(classes: readonly string[]): string {
  return `a model of ${classes.length} layers: ${[...new Set(classes)].join(', ')}`;
}

function alike(a: CapturedCall, b: CapturedCall): boolean {
  const shapes = (call: CapturedCall) => call.inputs.map(({ shape, dtype }) => [shape, dtype]);
  return JSON.stringify(shapes(a)) === JSON.stringify(shapes(b));
}

interface Sayable {
  readonly inside: Model;
  /** Tensors that it takes beside those of the call: what masks were made of. */
  readonly beside: readonly TensorAddress[];
}

function sayable(layer: Layer, call: CapturedCall, captured: Captured, name: (className: string) => string): Sayable {
  const graph = graphBuilder(layer, name);
  const inputs = call.inputs.map(tensor => inputFor(tensor, graph));
  const beside: TensorAddress[] = [];
  const given = new Map(call.inputs.map((tensor, at) => [tensor, inputs[at] as Made]));
  const outside = (tensor: SymbolicTensor): Made | null => {
    const at = captured.places.get(layer)?.get(tensor);
    if (!at || at.layer === layer.name) return null;
    const input = inputFor(tensor, graph);
    inputs.push(input);
    beside.push(at);
    given.set(tensor, input);
    return input;
  };
  const valueFor = speaker(given, outside, captured, graph);
  const results = wholeLayer(layer, [...inputs], graph, { call, valueFor }) ?? say(call, valueFor);
  // It gives each tensor of a model once, and its inputs not at all.
  const outputs = results.map((made, at) =>
    inputs.includes(made) || results.indexOf(made) < at ? activation(graph, 'linear', made) : made,
  );
  return { inside: functional(layer, graph, inputs, outputs), beside };
}

function inputFor({ shape, dtype }: SymbolicTensor, graph: Builder): Made {
  const [batch, ...sample] = shape;
  if (batch !== null || shape.length === 0) unsayable('an input that has no batch axis');
  return graph.add('InputLayer', { batch_shape: [null, ...sample], dtype, sparse: false }, [], sample);
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

type ValueFor = (tensor: SymbolicTensor) => Value;

/** Each node once, when something asks for it. */
function speaker(
  given: ReadonlyMap<SymbolicTensor, Made>,
  outside: (tensor: SymbolicTensor) => Made | null,
  { weights }: Captured,
  graph: Builder,
): ValueFor {
  const known = new Map<OpNode, readonly Value[]>();
  const anchor = [...given.values()][0] as Made;
  const inWords: SayNode = (node, valueFor, words) => sayNode(node, valueFor, words, { weights, anchor, inWords });
  const valueFor: ValueFor = tensor => {
    const input = given.get(tensor) ?? outside(tensor);
    if (input) return input;
    const { node } = tensor;
    const made = known.get(node) ?? inWords(node, valueFor, graph);
    known.set(node, made);
    return made[tensor.index] ?? unsayable(`a result of ${node.op}`);
  };
  return valueFor;
}

function say(call: CapturedCall, valueFor: ValueFor): Made[] {
  return call.outputs.map(tensor => {
    const value = valueFor(tensor);
    return isStored(value) ? unsayable('a constant result') : value;
  });
}

interface Saying {
  readonly weights: Captured['weights'];
  /** A tensor that has the batch. */
  readonly anchor: Made;
  readonly inWords: SayNode;
}

function sayNode(
  node: OpNode,
  valueFor: ValueFor,
  graph: Builder,
  { weights, anchor, inWords }: Saying,
): readonly Value[] {
  if (node.op === 'constant') return [constantOf(node)];
  const weight = weights.get(node);
  if (weight) return [storedWeight(weight)];
  if (/^(input|weight)$/.test(node.op)) unsayable('a mask that comes from outside of the inner model');
  const whole = unitLengthOf(node);
  const long = whole && valueFor(whole);
  if (long && !isStored(long)) return [toUnitLength(graph, long)];
  const inputs = node.inputs.map(tensor => () => valueFor(tensor));
  const special =
    filled(node, inputs, anchor, graph) ??
    loop(node, valueFor, graph, inWords) ??
    recurrence(node, inputs, graph) ??
    product(node, inputs, graph) ??
    convolution(node, inputs, graph) ??
    arrangement(node, inputs, graph) ??
    root(node, valueFor, graph) ??
    comparison(node, inputs, graph);
  if (special) return Array.isArray(special) ? special : [special as Made];
  if (node.op === 'dim') return unsayable('numbers that depend on the size of the batch or of an open axis');
  const values = inputs.map(input => input());
  if (node.op === 'split' && isStored(values[0])) {
    return splitStored(values[0], node.attributes.axis as number, node.attributes.sizes as number[]);
  }
  const stored = values.every(isStored) ? ofStored(node, values as Stored[]) : null;
  const made = stored ?? arithmetic(node, values, graph);
  return made ? [made] : unsayable(`the operation "${node.op}"`);
}

/** One number for each sample, or a tensor of it: the first states of a loop. */
function filled(node: OpNode, inputs: readonly (() => Value)[], anchor: Made, graph: Builder): Made | null {
  const [batch, ...sample] = node.outputs[0]?.shape ?? [];
  if (node.op !== 'broadcastTo' || batch !== null || node.inputs[0]?.node.op !== 'constant') return null;
  const number = inputs[0]?.();
  if (!isStored(number) || number.now?.length !== 1) return null;
  return constantLike(graph, anchor, number.now[0] as number, sample);
}

function constantOf({ attributes }: OpNode): Stored {
  const { data, shape, dtype } = attributes.value as Tensor;
  if (dtype === 'string') unsayable('a constant of text');
  return storedNumbers(Array.from(data as ArrayLike<number>, Number), shape);
}
