/** A graph of layers that TensorFlow.js has, as it is being built: tensors of one sample's shape and how they are made. */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Call, CallValue, JsonObject, Layer, TensorAddress } from '../../model/types.ts';
import { plainLayer } from '../rewrite.ts';
import { type Stored, spread, storedNumbers, withShape } from './stored.ts';

/** A tensor of the graph; the batch axis comes first and is open. */
export interface Made {
  readonly at: TensorAddress;
  /** Axes behind the batch's; null where a size is open. */
  readonly sample: readonly (number | null)[];
}

/** Throws `unsupported`: it cannot be said with these layers. */
export function unsayable(what: string): never {
  throw new LoadstoneError('unsupported', `TensorFlow.js has no layers for ${what}`);
}

export interface Builder {
  readonly layers: Layer[];
  /** A new layer called on `inputs`. */
  add(className: string, config: JsonObject, inputs: readonly Made[], sample: Made['sample'], weights?: Weights): Made;
  /** A layer that it has, under a name of its own. */
  copy(layer: Layer, inputs: readonly Made[], sample: Made['sample']): Made;
  /** A new layer that is called several times. */
  shared(
    className: string,
    config: JsonObject,
    weights?: Weights,
  ): (inputs: readonly Made[], sample: Made['sample']) => Made;
}

export type Weights = { readonly [name: string]: Stored };

/** `name` gives names that nothing else in the whole file has. */
export function graphBuilder(like: Layer, name: (className: string) => string): Builder {
  const layers: Layer[] = [];
  const make = (className: string, config: JsonObject, weights: Weights, calls: Call[]): Layer => {
    const plain = plainLayer(name(className), className, config, {
      ...like,
      dtype: { name: 'float32', compute: 'float32', variable: 'float32' },
    });
    const variables = Object.entries(weights).map(([key, { ref, shape }]) => {
      return { name: key, shape, trainable: !key.startsWith('moving_'), tensor: { ...ref, shape } };
    });
    layers.push({ ...plain, calls, weights: variables });
    return plain;
  };
  return {
    layers,
    add(className, config, inputs, sample, weights = {}) {
      const made = make(className, config, weights, inputs.length > 0 ? [callOn(inputs.map(({ at }) => at))] : []);
      return { at: { layer: made.name, node: 0, tensor: 0 }, sample };
    },
    copy(layer, inputs, sample) {
      const named = name(layer.className);
      const config = { ...layer.config, name: named };
      layers.push({ ...layer, name: named, config, calls: [callOn(inputs.map(({ at }) => at))] });
      return { at: { layer: named, node: 0, tensor: 0 }, sample };
    },
    shared(className, config, weights = {}) {
      const calls: Call[] = [];
      const made = make(className, config, weights, calls);
      return (inputs, sample) => {
        calls.push(callOn(inputs.map(({ at }) => at)));
        return { at: { layer: made.name, node: calls.length - 1, tensor: 0 }, sample };
      };
    },
  };
}

/** Several tensors go in as a list. */
export function callOn(addresses: readonly TensorAddress[]): Call {
  const tensors = addresses.map((at): CallValue => ({ kind: 'tensor', at }));
  return { args: tensors.length === 1 ? tensors : [{ kind: 'list', items: tensors }], kwargs: {} };
}

/** All sizes, or unsayable. */
export function sizesOf({ sample }: Made): readonly number[] {
  return sample.every(size => size !== null)
    ? (sample as readonly number[])
    : unsayable('this where sizes are open; declare them with --input-shape');
}

export function count(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

export function reshape(graph: Builder, x: Made, sample: Made['sample']): Made {
  if (x.sample.join() === sample.join()) return x;
  const open = sample.filter(size => size === null).length;
  if (open > 1) unsayable('a reshape with two open sizes; declare one with --input-shape');
  return graph.add('Reshape', { target_shape: sample.map(size => size ?? -1) }, [x], sample);
}

/** `order` counts from the first axis behind the batch's, 0 being that one. */
export function permute(graph: Builder, x: Made, order: readonly number[]): Made {
  if (order.every((axis, at) => axis === at)) return x;
  return graph.add(
    'Permute',
    { dims: order.map(axis => axis + 1) },
    [x],
    order.map(axis => x.sample[axis] as number | null),
  );
}

/** The order of axes in which one of them comes last, and the way back. */
export function axisLast(x: Made, axis: number): { readonly order: number[]; readonly back: number[] } {
  const axes = [...x.sample.keys()];
  const last = axes.length - 1;
  return {
    order: axes.filter(one => one !== axis).concat(axis),
    back: axes.map(one => (one < axis ? one : one === axis ? last : one - 1)),
  };
}

/** A matrix applied along one axis: slices, sums, repetitions, turns. `matrix` has a row for each place that goes in. */
export function along(graph: Builder, x: Made, axis: number, matrix: Stored): Made {
  const { order, back } = axisLast(x, axis);
  const turned = permute(graph, x, order);
  const [, width] = matrix.shape as [number, number];
  const sample = [...turned.sample.slice(0, -1), width];
  const flat = turned.sample.length === 0 ? unsayable('a sum over no axes') : turned;
  const made = graph.add('Dense', { units: width, activation: 'linear', use_bias: false }, [flat], sample, {
    kernel: matrix,
  });
  return permute(graph, made, back);
}

/** Rows by columns, given by what goes where. */
export function matrixOf(rows: number, columns: number, at: (row: number, column: number) => number): Stored {
  if (rows * columns > 1 << 24) unsayable('a matrix too large');
  const numbers = Array.from({ length: rows * columns }, (_, place) =>
    at(Math.floor(place / columns), place % columns),
  );
  return storedNumbers(numbers, [rows, columns]);
}

/** x·scale + offset. */
export function rescale(graph: Builder, x: Made, scale: number, offset: number): Made {
  return scale === 1 && offset === 0 ? x : graph.add('Rescaling', { scale, offset }, [x], x.sample);
}

/** Each place times a number plus a number, which its batch normalization does with means of zero and variances of one. */
export function affine(graph: Builder, x: Made, gamma: Stored | null, beta: Stored | null): Made {
  const rank = Math.max(gamma?.shape.length ?? 0, beta?.shape.length ?? 0);
  const onlyLast = [gamma, beta].every(one => !one || one.shape.slice(0, -1).every(size => size === 1));
  const fits = onlyLast && rank > 0 && x.sample.length <= 3 && x.sample.at(-1) !== null && x.sample.length > 0;
  const flat = fits ? x : reshape(graph, x, [count(sizesOf(x))]);
  const width = flat.sample.at(-1) as number;
  const fill = (one: Stored | null, number: number): Stored => {
    if (!one)
      return storedNumbers(
        Array.from({ length: width }, () => number),
        [width],
      );
    const whole = fits ? [width] : sizesOf(x);
    const spreadOut = spread(fits ? withShape(one, [count(one.shape)]) : one, whole);
    return withShape(spreadOut, [width]);
  };
  const weights = {
    gamma: fill(gamma, 1),
    beta: fill(beta, 0),
    moving_mean: fill(null, 0),
    moving_variance: fill(null, 1),
  };
  const config = { axis: -1, momentum: 0.99, epsilon: 0, center: true, scale: true };
  return reshape(graph, graph.add('BatchNormalization', config, [flat], flat.sample, weights), x.sample);
}

export function activation(graph: Builder, name: string, x: Made): Made {
  return graph.add('Activation', { activation: name }, [x], x.sample);
}

/** The larger of each place and zero, at most `most`. */
export function relu(graph: Builder, x: Made, most: number | null = null): Made {
  return graph.add('ReLU', { max_value: most, negative_slope: 0, threshold: 0 }, [x], x.sample);
}

/** Merges tensors place by place, those of size one stretched over the others. */
export function merge(graph: Builder, className: string, parts: readonly Made[]): Made {
  const rank = Math.max(...parts.map(({ sample }) => sample.length));
  const padded = parts.map(part => {
    const ones = Array.from({ length: rank - part.sample.length }, () => 1);
    return reshape(graph, part, [...ones, ...part.sample]);
  });
  const sample = Array.from({ length: rank }, (_, axis) => {
    const sizes = padded.map(part => part.sample[axis] as number | null);
    return sizes.find(size => size !== 1) ?? (sizes.includes(null) ? null : 1);
  });
  return graph.add(className, {}, padded, sample);
}

/** The same number everywhere in a tensor that has the batch of `like`. */
export function constantLike(graph: Builder, like: Made, number: number, sample: Made['sample']): Made {
  const sizes = sizesOf({ ...like, sample });
  const last = like.sample.at(-1) ?? 1;
  const nought = rescale(graph, like, 0, 0);
  const rows = like.sample.length > 1 ? reshape(graph, nought, [...folded(like.sample.slice(0, -1)), last]) : nought;
  const one = rows.sample.length > 1 ? graph.add('GlobalAveragePooling1D', {}, [rows], [last]) : rows;
  const flat = reshape(graph, one, [last]);
  const spreadOut = along(
    graph,
    flat,
    0,
    matrixOf(last, count(sizes), () => 0),
  );
  return rescale(graph, reshape(graph, spreadOut, sizes), 1, number);
}

/** Axes of size one repeated until they stand against a tensor of that shape, whose batch axis may be missing. */
export function stretched(graph: Builder, x: Made, shape: readonly (number | null)[]): Made {
  const behind = shape.length > x.sample.length ? shape.slice(1) : shape;
  const lead = x.sample.length - behind.length;
  return behind.reduce((made: Made, size, at) => {
    if (size === null || size === 1 || made.sample[lead + at] !== 1) return made;
    return along(
      graph,
      made,
      lead + at,
      matrixOf(1, size, () => 1),
    );
  }, x);
}

/** Axes made one. */
export function folded(sizes: Made['sample']): (number | null)[] {
  return [sizes.includes(null) ? null : count(sizes as number[])];
}
