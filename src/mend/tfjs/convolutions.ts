/** Convolutions and pooling in terms of those that TensorFlow.js has: padded beforehand, groups written out. */

import type { OpNode } from '../../ops/types.ts';
import { isStored, type Value } from './arithmetic.ts';
import { zeroBorders } from './borders.ts';
import { type Builder, type Made, permute, reshape, unsayable } from './graph.ts';
import { madeOf, type Stored, withShape } from './stored.ts';

export function convolution(node: OpNode, inputs: readonly (() => Value)[], graph: Builder): Made | null {
  if (node.op === 'maxPool' || node.op === 'averagePool') return pooled(node, inputs[0]?.(), graph);
  if (node.op !== 'conv' && node.op !== 'convTranspose') return null;
  const [x, kernel] = [inputs[0]?.(), inputs[1]?.()];
  if (!x || isStored(x) || !isStored(kernel)) return null;
  const first = node.attributes.channelsFirst === true;
  const rank = x.sample.length - 1;
  const places = Array.from({ length: rank }, (_, at) => at);
  const last = first ? permute(graph, x, [...places.map(at => at + 1), 0]) : x;
  const made = node.op === 'conv' ? plain(node, last, kernel, graph) : transposed(node, last, kernel, graph);
  return first ? permute(graph, made, [rank, ...places]) : made;
}

function list(node: OpNode, name: string): number[] {
  return [...(node.attributes[name] as readonly number[])];
}

function plain(node: OpNode, x: Made, stored: Stored, graph: Builder): Made {
  const rank = x.sample.length - 1;
  if (rank > 3) return unsayable('a convolution over four axes');
  const [strides, dilations] = [list(node, 'strides'), list(node, 'dilations')];
  const { padding } = node.attributes;
  const widths = stored.shape.slice(0, rank);
  const borders =
    padding === 'same' && rank === 3 && strides.some((step, at) => step > (widths[at] as number))
      ? sameBorders(x, widths, strides, dilations)
      : padding;
  const same = borders === 'same';
  const padded =
    same || borders === 'valid' ? x : zeroBorders(graph, x, borders as readonly (readonly [number, number])[]);
  if (strides.some(size => size > 1) && dilations.some(size => size > 1)) unsayable('strides and dilation together');
  if (same && strides.some(size => size !== strides[0])) unsayable('strides that differ');
  const kernel = ungrouped(stored, node.attributes.groups as number);
  const filters = kernel.shape.at(-1) as number;
  const config = {
    filters,
    kernel_size: kernel.shape.slice(0, rank),
    strides,
    padding: same ? 'same' : 'valid',
    data_format: 'channels_last',
    dilation_rate: dilations,
    activation: 'linear',
    use_bias: false,
  };
  return graph.add(`Conv${rank}D`, config, [padded], sampleOf(node), { kernel });
}

/** The zeros that "same" stands for, more of them behind; where strides leave places out there are none. */
function sameBorders(
  x: Made,
  widths: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): (readonly [number, number])[] {
  return widths.map((width, axis) => {
    const reach = (width - 1) * (dilations[axis] ?? 1) + 1;
    if (reach === 1) return [0, 0];
    const size = x.sample[axis] ?? unsayable('padding where sizes are open; declare them with --input-shape');
    const step = strides[axis] as number;
    const missing = Math.max(0, (Math.ceil(size / step) - 1) * step + reach - size);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
}

function sampleOf(node: OpNode): Made['sample'] {
  const [, ...sizes] = node.outputs[0]?.shape ?? [];
  return node.attributes.channelsFirst ? [...sizes.slice(1), sizes[0] as number | null] : sizes;
}

/** Each group sees its own channels only: zeros stand where it sees none. */
function ungrouped(kernel: Stored, groups: number): Stored {
  if (groups === 1) return kernel;
  const inner = kernel.shape.at(-2) as number;
  const filters = kernel.shape.at(-1) as number;
  const each = filters / groups;
  const shape = [...kernel.shape.slice(0, -2), inner * groups, filters];
  return madeOf([kernel], shape, ([numbers]) => {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const given = numbers as ArrayLike<number>;
    for (let at = 0; at < given.length; at += 1) {
      const filter = at % filters;
      const channel = Math.floor(at / filters) % inner;
      const place = Math.floor(at / (filters * inner));
      data[(place * inner * groups + Math.floor(filter / each) * inner + channel) * filters + filter] = given[
        at
      ] as number;
    }
    return data;
  });
}

/** Over one axis it is one over two, the second of size one. */
function transposed(node: OpNode, x: Made, kernel: Stored, graph: Builder): Made {
  const rank = x.sample.length - 1;
  const [strides, dilations] = [list(node, 'strides'), list(node, 'dilations')];
  const crops = node.attributes.crops as readonly (readonly [number, number])[];
  if (rank === 3 && dilations.every(size => size === 1)) return transposedVolume(node, x, kernel, graph);
  if (rank > 2 || dilations.some(size => size > 1)) return unsayable('a transposed convolution of that kind');
  if ((node.attributes.groups as number | undefined) && node.attributes.groups !== 1)
    unsayable('a transposed convolution in groups');
  const sizes = x.sample.slice(0, -1);
  const [height, width] = rank === 1 ? [sizes[0] ?? null, 1] : (sizes as [number | null, number | null]);
  const channels = x.sample.at(-1) as number;
  const wide = reshape(graph, x, [height, width, channels]);
  const [kh, kw, filters, into] = rank === 1 ? [kernel.shape[0], 1, kernel.shape[1], kernel.shape[2]] : kernel.shape;
  const [sh, sw] = rank === 1 ? [strides[0], 1] : strides;
  const full = (size: number | null, stride: number, wide: number) =>
    size === null ? null : (size - 1) * stride + Math.max(wide, stride);
  const sample = [full(height, sh as number, kh as number), full(width, sw as number, kw as number), filters as number];
  const config = {
    filters: filters as number,
    kernel_size: [kh as number, kw as number],
    strides: [sh as number, sw as number],
    padding: 'valid',
    data_format: 'channels_last',
    activation: 'linear',
    use_bias: false,
  };
  const weights = { kernel: withShape(kernel, [kh, kw, filters, into] as number[]) };
  const made = graph.add('Conv2DTranspose', config, [wide], sample, weights);
  return reshape(graph, cropped(made, crops, sampleOf(node), rank, graph), sampleOf(node));
}

/** Without padding, where nothing is cut off: strides wider than the kernel leave zeros behind each place. */
function transposedVolume(node: OpNode, x: Made, kernel: Stored, graph: Builder): Made {
  const strides = list(node, 'strides');
  const crops = node.attributes.crops as readonly (readonly [number, number])[];
  const made = sampleOf(node);
  const isWhole = strides.every((step, axis) => {
    const size = x.sample[axis];
    const whole = size && (size - 1) * step + Math.max(step, kernel.shape[axis] as number);
    return crops[axis]?.[0] === 0 && made[axis] === whole;
  });
  const groups = (node.attributes.groups as number | undefined) ?? 1;
  if (!isWhole || groups !== 1) return unsayable('a transposed convolution over three axes that is cropped');
  const config = {
    filters: kernel.shape[3] as number,
    kernel_size: kernel.shape.slice(0, 3),
    strides,
    padding: 'valid',
    data_format: 'channels_last',
    activation: 'linear',
    use_bias: false,
  };
  return graph.add('Conv3DTranspose', config, [x], made, { kernel });
}

/** Down to the size that is wanted; what is wanted beyond is zeros, which no layer adds here. */
function cropped(
  made: Made,
  crops: readonly (readonly [number, number])[],
  wanted: Made['sample'],
  rank: number,
  graph: Builder,
): Made {
  const target = rank === 1 ? [wanted[0] ?? null, 1] : wanted.slice(0, 2);
  const borders = target.map((size, axis) => {
    const before = crops[axis]?.[0] ?? 0;
    const there = made.sample[axis];
    if (size === null || there === null || there === undefined)
      return unsayable('this where sizes are open; declare them with --input-shape');
    const after = there - before - size;
    return before < 0 || after < 0 ? unsayable('a transposed convolution whose result is padded') : [before, after];
  });
  if (borders.flat().every(size => size === 0)) return made;
  const sample = [...target, made.sample[2] as number];
  return graph.add('Cropping2D', { cropping: borders, data_format: 'channels_last' }, [made], sample);
}

function pooled(node: OpNode, x: Value | undefined, graph: Builder): Made | null {
  const { padding, channelsFirst } = node.attributes;
  if (!x || isStored(x) || channelsFirst || !/^(same|valid)$/.test(String(padding))) return null;
  const window = list(node, 'window');
  const strides = list(node, 'strides');
  const stepsOver =
    window.length === 3 && padding === 'same' && strides.some((step, at) => step > (window[at] as number));
  const ones = window.map(() => 1);
  if (
    stepsOver &&
    sameBorders(x, window, strides, ones)
      .flat()
      .some(size => size > 0)
  ) {
    return unsayable('pooling whose strides are wider than its window');
  }
  const config = {
    pool_size: window,
    strides,
    padding: stepsOver ? 'valid' : (padding as string),
    data_format: 'channels_last',
  };
  const className = `${node.op === 'maxPool' ? 'Max' : 'Average'}Pooling${window.length}D`;
  return window.length > 3 ? null : graph.add(className, config, [x], sampleOf(node));
}
