/** Moving, cutting and gathering along axes in terms of layers: most of it is a matrix applied along one axis. */

import type { OpNode } from '../../ops/types.ts';
import { isStored, type Value } from './arithmetic.ts';
import { zeroBorders } from './borders.ts';
import { not, positive } from './comparisons.ts';
import {
  activation,
  along,
  axisLast,
  type Builder,
  count,
  type Made,
  matrixOf,
  merge,
  permute,
  rescale,
  reshape,
  sizesOf,
  stretched,
  unsayable,
} from './graph.ts';

type Rule = (node: OpNode, x: Made, graph: Builder, inputs: readonly (() => Value)[]) => Made | readonly Made[];

function numbers(node: OpNode, name: string): number[] {
  return [...((node.attributes[name] ?? []) as readonly number[])];
}

/** Counted behind the batch axis, which stays what it is. */
function axisOf(axis: number, x: Made): number {
  const positive = axis < 0 ? axis + x.sample.length + 1 : axis;
  return positive === 0 ? unsayable('work along the batch') : positive - 1;
}

function sizeAt(x: Made, axis: number): number {
  return x.sample[axis] ?? unsayable('work along an axis whose size is open; declare it with --input-shape');
}

/** Places along an axis that are taken, in order; −1 is a zero. */
export function taken(graph: Builder, x: Made, axis: number, places: readonly number[]): Made {
  const size = sizeAt(x, axis);
  if (places.length === size && places.every((place, at) => place === at)) return x;
  return along(
    graph,
    x,
    axis,
    matrixOf(size, places.length, (row, column) => (places[column] === row ? 1 : 0)),
  );
}

function sampleOf(node: OpNode, index = 0): (number | null)[] {
  const shape = node.outputs[index]?.shape ?? [];
  return shape[0] === null ? [...shape.slice(1)] : unsayable('a result that has no batch axis');
}

const reshaping: Rule = (node, x, graph) => {
  const sample = withInferred(sampleOf(node), x);
  const [before, after] = [x.sample, sample].map(one => count(one.map(size => size ?? 1)));
  const open = (one: Made['sample']) => one.filter(size => size === null).length;
  if (before !== after || open(x.sample) !== open(sample)) unsayable('a reshape that mixes the samples of a batch');
  return reshape(graph, x, sample);
};

/** A size that the operation was to work out, where all that goes in is known. */
function withInferred(sample: (number | null)[], x: Made): (number | null)[] {
  if (x.sample.includes(null) || sample.filter(size => size === null).length !== 1) return sample;
  const known = count(sample.map(size => size ?? 1));
  return sample.map(size => size ?? count(x.sample as number[]) / known);
}

const slice: Rule = (node, x, graph) => {
  if (node.inputs.length > 1) unsayable('bounds that are tensors');
  const [axes, starts, ends, steps] = ['axes', 'starts', 'ends', 'steps'].map(name => numbers(node, name)) as [
    number[],
    number[],
    number[],
    number[],
  ];
  return axes.reduce((part, whole, at) => {
    if (whole === 0) {
      const all = starts[at] === 0 && (ends[at] as number) > 1e9 && steps[at] === 1;
      return all ? part : unsayable('a slice of the batch');
    }
    const axis = axisOf(whole, x);
    return taken(
      graph,
      part,
      axis,
      placesOf(sizeAt(part, axis), starts[at] as number, ends[at] as number, steps[at] as number),
    );
  }, x);
};

/** As Python slices: negative bounds count from the end. */
function placesOf(size: number, start: number, end: number, step: number): number[] {
  const bound = (value: number, low: number, high: number) =>
    Math.min(high, Math.max(low, value < 0 ? value + size : value));
  const places: number[] = [];
  if (step > 0) for (let at = bound(start, 0, size); at < bound(end, 0, size); at += step) places.push(at);
  else
    for (let at = bound(start, -1, size - 1); at > (end < -size ? -1 : bound(end, -1, size - 1)); at += step)
      places.push(at);
  return places;
}

const pad: Rule = (node, x, graph, inputs) => {
  const fill = inputs[1]?.();
  if (inputs.length > 2 || (fill && !(isStored(fill) && fill.now?.length === 1))) unsayable('padding by a tensor');
  const by = fill && isStored(fill) ? (fill.now?.[0] as number) : 0;
  return rescale(graph, padded(node, rescale(graph, x, 1, -by), graph), 1, by);
};

function padded(node: OpNode, x: Made, graph: Builder): Made {
  const [before, after] = [numbers(node, 'before'), numbers(node, 'after')];
  const mode = String(node.attributes.mode);
  const pairs = before.map((width, at) => [width, after[at] ?? 0] as const);
  const inner = pairs.slice(1, -1);
  const plain = mode === 'constant' && [pairs[0], pairs.at(-1)].every(pair => pair?.every(width => width === 0));
  if (plain && inner.length > 0 && inner.length < 4) return zeroBorders(graph, x, inner);
  return before.reduce((part, lead, whole) => {
    const trail = after[whole] as number;
    if (lead === 0 && trail === 0) return part;
    const axis = axisOf(whole, x);
    const size = sizeAt(part, axis);
    const places = Array.from({ length: lead + size + trail }, (_, at) => paddedPlace(at - lead, size, mode));
    return taken(graph, part, axis, places);
  }, x);
}

function paddedPlace(place: number, size: number, mode: string): number {
  if (place >= 0 && place < size) return place;
  if (mode === 'constant') return -1;
  if (mode === 'reflect') return place < 0 ? -place : 2 * size - 2 - place;
  if (mode === 'symmetric') return place < 0 ? -place - 1 : 2 * size - 1 - place;
  return unsayable(`padding of the kind ${mode}`);
}

/** Axes that are reduced last, and made one. */
function gathered(node: OpNode, x: Made, graph: Builder): { readonly flat: Made; readonly kept: Made['sample'] } {
  const axes = numbers(node, 'axes').map(axis => axisOf(axis, x));
  const kept = [...x.sample.keys()].filter(axis => !axes.includes(axis));
  const turned = permute(graph, x, [...kept, ...axes]);
  const sizes = kept.map(axis => x.sample[axis] as number | null);
  const reduced = axes.reduce((product, axis) => product * sizeAt(x, axis), 1);
  return { flat: reshape(graph, turned, [...sizes, reduced]), kept: sizes };
}

function keeping(node: OpNode, _x: Made, graph: Builder, made: Made): Made {
  return reshape(graph, made, sampleOf(node));
}

const summing =
  (weight: (size: number) => number): Rule =>
  (node, x, graph) => {
    const { flat, kept } = gathered(node, x, graph);
    const size = flat.sample.at(-1) as number;
    const made = along(
      graph,
      flat,
      flat.sample.length - 1,
      matrixOf(size, 1, () => weight(size)),
    );
    return keeping(node, x, graph, kept.length === 0 ? made : reshape(graph, made, kept));
  };

const greatest =
  (sign: 1 | -1): Rule =>
  (node, x, graph) => {
    const { flat, kept } = gathered(node, rescaled(graph, x, sign), graph);
    if (kept.includes(null)) unsayable('this where sizes are open; declare them with --input-shape');
    const steps = reshape(graph, flat, [count(kept as number[]), flat.sample.at(-1) as number]);
    const turned = permute(graph, steps, [1, 0]);
    const found = graph.add('GlobalMaxPooling1D', {}, [turned], [turned.sample[1] as number]);
    const whole = rescaled(graph, found, sign);
    return keeping(node, x, graph, kept.length === 0 ? whole : reshape(graph, whole, kept));
  };

/** How many places stand before the first that none exceeds. */
function extreme(sign: 1 | -1): Rule {
  return (node, x, graph) => {
    const axis = axisOf(node.attributes.axis as number, x);
    const size = sizeAt(x, axis);
    const last = x.sample.length - 1;
    const signed = rescaled(graph, x, sign);
    const turned = permute(graph, signed, axisLast(x, axis).order);
    const rows = sizesOf(turned).slice(0, last);
    const steps = permute(graph, reshape(graph, turned, [count(rows), size]), [1, 0]);
    const most = graph.add('GlobalMaxPooling1D', {}, [steps], [count(rows)]);
    const below = merge(graph, 'Add', [reshape(graph, most, [...rows, 1]), rescale(graph, turned, -1, 0)]);
    const reached = not(graph, positive(graph, below));
    const upTo = along(
      graph,
      reached,
      last,
      matrixOf(size, size, (row, column) => (row <= column ? 1 : 0)),
    );
    const before = not(graph, positive(graph, rescale(graph, upTo, 1, -0.5)));
    return reshape(
      graph,
      along(
        graph,
        before,
        last,
        matrixOf(size, 1, () => 1),
      ),
      sampleOf(node),
    );
  };
}

function rescaled(graph: Builder, x: Made, sign: 1 | -1): Made {
  return rescale(graph, x, sign, 0);
}

const alongLast =
  (apply: (x: Made, graph: Builder) => Made): Rule =>
  (node, x, graph) => {
    const axis = axisOf(node.attributes.axis as number, x);
    const { order, back } = axisLast(x, axis);
    return permute(graph, apply(permute(graph, x, order), graph), back);
  };

const splitting: Rule = (node, x, graph) => {
  const axis = axisOf(node.attributes.axis as number, x);
  let from = 0;
  return numbers(node, 'sizes').map(size => {
    const places = Array.from({ length: size }, (_, at) => from + at);
    from += size;
    return taken(graph, x, axis, places);
  });
};

const gathering: Rule = (node, x, graph, inputs) => {
  const indices = inputs[1]?.();
  if (!isStored(indices) || !indices.now || indices.shape.length > 1) return unsayable('indices that are tensors');
  const axis = axisOf(node.attributes.axis as number, x);
  const size = sizeAt(x, axis);
  const made = taken(
    graph,
    x,
    axis,
    indices.now.map(place => (place < 0 ? place + size : place)),
  );
  return reshape(graph, made, sampleOf(node));
};

const tiling: Rule = (node, x, graph) => {
  if (node.inputs.length > 1) unsayable('counts that are tensors');
  return numbers(node, 'repeats').reduce((part, times, whole) => {
    if (times === 1) return part;
    const axis = axisOf(whole, x);
    const size = sizeAt(part, axis);
    return taken(
      graph,
      part,
      axis,
      Array.from({ length: size * times }, (_, at) => at % size),
    );
  }, x);
};

const resampling: Rule = (node, x, graph) => {
  const sizes = numbers(node, 'sizes');
  const { mode, place } = node.attributes as { mode: string; place: string };
  if (!/^(nearest|linear)$/.test(mode)) unsayable(`resizing of the kind ${mode}`);
  return sizes.reduce((part: Made, size, whole) => {
    if (size === null || whole === 0) return part;
    const axis = axisOf(whole, x);
    const before = sizeAt(part, axis);
    if (before === size) return part;
    return along(graph, part, axis, resizeMatrix(before, size, mode, place));
  }, x);
};

function resizeMatrix(before: number, after: number, mode: string, place: string) {
  const middle = place === 'middle';
  const source = (at: number) => (middle ? ((at + 0.5) * before) / after - 0.5 : (at * before) / after);
  return matrixOf(before, after, (row, column) => {
    if (mode === 'nearest') {
      const nearest = middle ? Math.floor(((column + 0.5) * before) / after) : Math.floor(source(column) + 1e-9);
      return Math.min(before - 1, nearest) === row ? 1 : 0;
    }
    const at = Math.min(before - 1, Math.max(0, source(column)));
    return Math.max(0, 1 - Math.abs(at - row));
  });
}

const rules: Readonly<Record<string, Rule>> = {
  reshape: reshaping,
  expandDims: reshaping,
  squeeze: reshaping,
  transpose: (node, x, graph) => {
    const [first, ...axes] = numbers(node, 'axes');
    return first === 0
      ? permute(
          graph,
          x,
          axes.map(axis => axis - 1),
        )
      : unsayable('a turn of the batch');
  },
  slice,
  pad,
  sum: summing(() => 1),
  mean: summing(size => 1 / size),
  max: greatest(1),
  any: greatest(1),
  min: greatest(-1),
  all: greatest(-1),
  argmax: extreme(1),
  argmin: extreme(-1),
  softmax: alongLast((x, graph) => graph.add('Softmax', { axis: -1 }, [x], x.sample)),
  logSoftmax: alongLast((x, graph) => activation(graph, 'log_softmax', x)),
  split: splitting,
  gather: gathering,
  broadcastTo: (node, x, graph) => {
    const made = stretched(graph, x, node.outputs[0]?.shape ?? []);
    return made.sample.length + 1 === node.outputs[0]?.shape.length
      ? made
      : unsayable('axes that come before the batch');
  },
  tile: tiling,
  resample: resampling,
  flip: (node, x, graph) =>
    numbers(node, 'axes').reduce((part, whole) => {
      const axis = axisOf(whole, x);
      const size = sizeAt(part, axis);
      return taken(
        graph,
        part,
        axis,
        Array.from({ length: size }, (_, at) => size - 1 - at),
      );
    }, x),
  cumsum: (node, x, graph) => {
    const axis = axisOf(node.attributes.axis as number, x);
    const size = sizeAt(x, axis);
    return along(
      graph,
      x,
      axis,
      matrixOf(size, size, (row, column) => (row <= column ? 1 : 0)),
    );
  },
};

export function arrangement(
  node: OpNode,
  inputs: readonly (() => Value)[],
  graph: Builder,
): Made | readonly Made[] | null {
  if (node.op === 'concatenate') return concatenation(node, inputs, graph);
  const rule = rules[node.op];
  if (!rule) return null;
  const x = inputs[0]?.();
  return x && !isStored(x) ? rule(node, x, graph, inputs) : null;
}

function concatenation(node: OpNode, inputs: readonly (() => Value)[], graph: Builder): Made {
  const parts = inputs.map(input => input());
  if (parts.some(isStored)) unsayable('a constant beside tensors');
  const made = parts as Made[];
  const axis = axisOf(node.attributes.axis as number, made[0] as Made);
  const seen = new Set<string>();
  const apart = made.map(part => {
    const key = `${part.at.layer} ${part.at.tensor}`;
    const again = seen.has(key);
    seen.add(key);
    return again ? activation(graph, 'linear', part) : part;
  });
  if (apart.length === 1) return apart[0] as Made;
  return graph.add('Concatenate', { axis: axis + 1 }, apart, sampleOf(node));
}
