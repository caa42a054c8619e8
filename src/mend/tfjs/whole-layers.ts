/** Layers whose operations TensorFlow.js layers lack one by one, and which other layers compute as a whole. */

import type { Layer } from '../../model/types.ts';
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

type Rule = (layer: Layer, inputs: readonly Made[], graph: Builder) => readonly Made[] | null;

const rules: Readonly<Record<string, Rule>> = {
  ReLU: rectified,
  GroupNormalization: byGroups,
  RMSNormalization: (layer, [x], graph) => {
    const made = overRoot(graph, alongItsLast(layer, x as Made), Number(layer.config.epsilon ?? 1e-6), 1);
    return [scaled(layer, made, graph)];
  },
  UnitNormalization: (layer, [x], graph) => [toUnitLength(graph, alongItsLast(layer, x as Made))],
  CategoryEncoding: encoded,
};

/** Null where the layer is to be said by its operations. */
export function wholeLayer(layer: Layer, inputs: readonly Made[], graph: Builder): readonly Made[] | null {
  return layer.origin === 'layer' ? (rules[layer.className]?.(layer, inputs, graph) ?? null) : null;
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
  const weight = (names: readonly string[]) => layer.weights.find(({ name }) => names.includes(name))?.tensor;
  const [gamma, beta] = [weight(['gamma', 'scale']), weight(['beta'])];
  return gamma || beta ? affine(graph, x, gamma ? storedWeight(gamma) : null, beta ? storedWeight(beta) : null) : x;
}

function alongItsLast({ config }: Layer, x: Made): Made {
  const axes = (Array.isArray(config.axis) ? config.axis : [config.axis ?? -1]).map(Number);
  const isLast = axes.length === 1 && (axes[0] === -1 || axes[0] === x.sample.length);
  return isLast ? x : unsayable('a length along another axis');
}

/** Its own layer changes the shape of what it is called on, which must not be the model's input. */
function encoded({ config }: Layer, [x]: readonly Made[], graph: Builder): readonly Made[] {
  const given = x as Made;
  const tokens = Number(config.num_tokens);
  const mode = String(config.output_mode ?? 'multi_hot');
  if (!/^(one_hot|multi_hot|count)$/.test(mode)) unsayable('that mode');
  const size = given.sample.length === 1 ? given.sample[0] : unsayable('that shape');
  if (!size) return unsayable('an axis of open size');
  const apart = graph.add('Reshape', { target_shape: [size] }, [given], given.sample);
  return [graph.add('CategoryEncoding', { num_tokens: tokens, output_mode: mode }, [apart], [tokens])];
}
