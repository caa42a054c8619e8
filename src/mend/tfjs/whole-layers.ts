/** Layers whose operations TensorFlow.js layers lack one by one, and which other layers compute as a whole. */

import { LoadstoneError } from '../../findings/errors.ts';
import type { JsonObject, Layer } from '../../model/types.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { isStored, type Value } from './arithmetic.ts';
import type { CapturedCall } from './capture.ts';
import {
  affine,
  type Builder,
  count,
  type Made,
  merge,
  permute,
  relu,
  rescale,
  reshape,
  sizesOf,
  unsayable,
} from './graph.ts';
import { storedWeight } from './stored.ts';
import { overRoot, toUnitLength } from './unit-length.ts';

type Rule = (layer: Layer, inputs: readonly Made[], graph: Builder, called: Called) => readonly Made[] | null;

interface Called {
  readonly call: CapturedCall;
  readonly valueFor: (tensor: SymbolicTensor) => Value;
}

const rules: Readonly<Record<string, Rule>> = {
  ReLU: rectified,
  GroupNormalization: byGroups,
  RMSNormalization: (layer, [x], graph) => {
    const made = overRoot(graph, alongItsLast(layer, x as Made), Number(layer.config.epsilon ?? 1e-6), 1);
    return [scaled(layer, made, graph)];
  },
  UnitNormalization: (layer, [x], graph) => [toUnitLength(graph, alongItsLast(layer, x as Made))],
  CategoryEncoding: encoded,
  SimpleRNN: zeroed,
  LSTM: zeroed,
  GRU: zeroed,
  Bidirectional: zeroed,
};

/** Null where the layer is to be said by its operations. */
export function wholeLayer(
  layer: Layer,
  inputs: readonly Made[],
  graph: Builder,
  called: Called,
): readonly Made[] | null {
  return layer.origin === 'layer' ? (rules[layer.className]?.(layer, inputs, graph, called) ?? null) : null;
}

/** True for a recurrent layer whose outputs are zero at masked steps; its own repeat the step before. */
export function zeroesMasked({ className, config }: Layer): boolean {
  const inner =
    className === 'Bidirectional' ? ((config.layer as JsonObject | undefined)?.config as JsonObject) : config;
  return (
    /^(Bidirectional|SimpleRNN|LSTM|GRU)$/.test(className) &&
    inner?.zero_output_for_mask === true &&
    inner.return_sequences === true
  );
}

/** The layer as it is, its sequence multiplied by the mask. */
function zeroed(
  layer: Layer,
  inputs: readonly Made[],
  graph: Builder,
  { call, valueFor }: Called,
): readonly Made[] | null {
  const [mask] = call.masks;
  const [output] = call.outputs;
  const isLacking = JSON.stringify(layer.config).includes('"reset_after":true');
  if (!mask || !output || call.outputs.length > 1 || isLacking || !zeroesMasked(layer)) return null;
  const counted = valueFor(mask);
  if (isStored(counted)) return null;
  const sequence = graph.copy(layer, inputs, output.shape.slice(1));
  return [merge(graph, 'Multiply', [sequence, reshape(graph, counted, [...counted.sample, 1])])];
}

/** slope·(x − threshold) below the threshold, x above it, at most max_value. */
function rectified({ config }: Layer, [x]: readonly Made[], graph: Builder): readonly Made[] {
  const [slope, threshold] = [Number(config.negative_slope ?? 0), Number(config.threshold ?? 0)];
  const most = config.max_value === null || config.max_value === undefined ? null : Number(config.max_value);
  const given = x as Made;
  const above =
    threshold === 0
      ? relu(graph, given, most)
      : cut(graph, graph.add('ThresholdedReLU', { theta: threshold }, [given], given.sample), most);
  if (slope === 0) return [above];
  const below = relu(graph, rescale(graph, given, -1, threshold));
  return [merge(graph, 'Add', [above, rescale(graph, below, -slope, 0)])];
}

function cut(graph: Builder, x: Made, most: number | null): Made {
  return most === null ? x : relu(graph, x, most);
}

/** Layer normalization over each group, the groups laid along an axis of their own. */
function byGroups(layer: Layer, [given]: readonly Made[], graph: Builder): readonly Made[] {
  const { config } = layer;
  const x = given as Made;
  const sizes = sizesOf(x);
  const axis = Number(config.axis ?? -1);
  if (axis !== -1 && axis !== sizes.length) unsayable('groups along another axis');
  const channels = sizes.at(-1) as number;
  const groups = Number(config.groups ?? 32) === -1 ? channels : Number(config.groups ?? 32);
  const places = count(sizes.slice(0, -1));
  const split = reshape(graph, x, [places, groups, channels / groups]);
  const flat = reshape(graph, permute(graph, split, [1, 0, 2]), [groups, (places * channels) / groups]);
  const made = normal(graph, flat, Number(config.epsilon ?? 1e-3));
  const back = permute(graph, reshape(graph, made, [groups, places, channels / groups]), [1, 0, 2]);
  return [scaled(layer, reshape(graph, back, sizes), graph)];
}

function normal(graph: Builder, x: Made, epsilon: number): Made {
  return graph.add('LayerNormalization', { axis: -1, epsilon, center: false, scale: false }, [x], x.sample);
}

function scaled(layer: Layer, x: Made, graph: Builder): Made {
  const weight = (names: readonly string[]) => {
    const found = layer.weights.find(({ name }) => names.includes(name));
    if (found && !found.tensor) {
      throw new LoadstoneError('bad-weights', `the weight "${found.name}" of layer "${layer.name}" is not in the file`);
    }
    return found?.tensor ? storedWeight(found.tensor) : null;
  };
  const [gamma, beta] = [weight(['gamma', 'scale']), weight(['beta'])];
  return gamma || beta ? affine(graph, x, gamma, beta) : x;
}

function alongItsLast({ config }: Layer, x: Made): Made {
  const axes = (Array.isArray(config.axis) ? config.axis : [config.axis ?? -1]).map(Number);
  const isLast = axes.length === 1 && (axes[0] === -1 || axes[0] === x.sample.length);
  return isLast ? x : unsayable('a length along another axis');
}

/** Its own layer changes the shape of what it is called on, which must not be the model's input. */
function encoded({ config }: Layer, [x]: readonly Made[], graph: Builder): readonly Made[] | null {
  const given = x as Made;
  const tokens = Number(config.num_tokens);
  const mode = String(config.output_mode ?? 'multi_hot');
  if (!/^(one_hot|multi_hot|count)$/.test(mode)) unsayable(`the output mode ${mode}`);
  const size = given.sample.length === 1 ? given.sample[0] : unsayable('an encoding of several axes');
  if (!size) return unsayable('work along an axis whose size is open; declare it with --input-shape');
  // Each of several is encoded apart, which its layer does not.
  if (mode === 'one_hot' && size !== 1) return null;
  const apart = graph.add('Reshape', { target_shape: [size] }, [given], given.sample);
  return [graph.add('CategoryEncoding', { num_tokens: tokens, output_mode: mode }, [apart], [tokens])];
}
