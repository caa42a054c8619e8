/** Host kernels of distinct elements, positions of what is not 0, and beam search. */

import { LoadstoneError } from '../../findings/errors.ts';
import { unpackNumbers } from '../../numbers/pack.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { type Kernel, type Kernels, result, stridesOf } from './kernel.ts';
import { movementKernels } from './movement.ts';

const nonzero: Kernel = (node, [x]) => {
  const places: number[] = [];
  Array.from(x!.data as ArrayLike<number | bigint | string>).forEach((value, at) => {
    if (value !== 0 && value !== 0n && value !== '') places.push(at);
  });
  const strides = stridesOf(x!.shape);
  const rows = x!.shape.map((size, axis) => places.map(place => Math.floor(place / strides[axis]!) % size));
  return [result(node, [x!.shape.length, places.length], rows.flat())];
};

/** Slices along an axis as keys of what they hold, and how they compare. */
function slicesOf(x: Tensor, axis: number) {
  const count = x.shape[axis]!;
  const step = stridesOf(x.shape)[axis]!;
  const outer = elementCount(x.shape.slice(0, axis));
  const values = x.dtype === 'string' ? (x.data as string[]) : unpackNumbers(x);
  return Array.from({ length: count }, (_, at) => {
    const items: (number | string)[] = [];
    for (let row = 0; row < outer; row += 1)
      for (let inner = 0; inner < step; inner += 1) items.push(values[(row * count + at) * step + inner]!);
    return items;
  });
}

function compareLists(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const at = a.findIndex((item, index) => item !== b[index]);
  if (at < 0) return 0;
  return a[at]! < b[at]! ? -1 : 1;
}

const unique: Kernel = (node, [x]) => {
  const { axis, sorted, size, fillValue } = node.attributes as {
    axis: number;
    sorted: boolean;
    size: number | null;
    fillValue: number | null;
  };
  const slices = slicesOf(x!, axis);
  const firsts = new Map<string, number>();
  slices.forEach((slice, at) => {
    const key = JSON.stringify(slice);
    if (!firsts.has(key)) firsts.set(key, at);
  });
  const order = [...firsts.values()];
  if (sorted) order.sort((a, b) => compareLists(slices[a]!, slices[b]!));
  const rank = new Map(order.map((first, at) => [JSON.stringify(slices[first]), at]));
  const inverse = slices.map(slice => rank.get(JSON.stringify(slice))!);
  const counts = order.map((_, at) => inverse.filter(place => place === at).length);
  const limit = size ?? order.length;
  const kept = order.slice(0, limit);
  const missing = limit - kept.length;
  const picked = takeSlices(x!, axis, [...kept, ...new Array<number>(missing).fill(kept[0] ?? 0)]);
  return [
    fillValue === null || missing === 0 ? picked : filled(picked, axis, kept.length, fillValue),
    result(node, [limit], [...kept, ...new Array<number>(missing).fill(kept[0] ?? 0)], 1),
    result(node, [slices.length], inverse, 2),
    result(node, [limit], [...counts.slice(0, limit), ...new Array<number>(missing).fill(0)], 3),
  ];
};

function takeSlices(x: Tensor, axis: number, places: readonly number[]): Tensor {
  const indices: Tensor = { dtype: 'int32', shape: [places.length], data: Int32Array.from(places) };
  return movementKernels.gather!({ attributes: { axis } } as never, [x, indices], () => [])[0]!;
}

/** Slices from a place on overwritten with a value. */
function filled(x: Tensor, axis: number, from: number, value: number): Tensor {
  const step = stridesOf(x.shape)[axis]!;
  const data = x.data.slice() as unknown as (number | bigint)[];
  for (let at = 0; at < data.length; at += 1) {
    if (Math.floor(at / step) % x.shape[axis]! >= from) data[at] = typeof data[at] === 'bigint' ? BigInt(value) : value;
  }
  return { ...x, data: data as never };
}

/** Logarithms of the probabilities that a prefix ends in a blank, or in its last label. */
interface Beam {
  readonly labels: readonly number[];
  blank: number;
  label: number;
}

const addLogs = (a: number, b: number) =>
  a === -Infinity ? b : b === -Infinity ? a : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
const scoreOf = ({ blank, label }: Beam) => addLogs(blank, label);

/** More beams than anybody asks for; each costs time at every step. */
const WIDEST_BEAM = 10_000;

/** Prefix beam search over logits (batch, steps, classes), as TensorFlow's ctc_beam_search_decoder. */
const ctcBeamSearch: Kernel = (node, [x, lengths]) => {
  const { beamWidth, topPaths, blank } = node.attributes as { beamWidth: number; topPaths: number; blank: number };
  if (beamWidth > WIDEST_BEAM)
    throw new LoadstoneError('limit', `a beam of ${beamWidth} is wider than ${WIDEST_BEAM}`, { where: node.scope });
  const [batch, steps, classes] = x!.shape as [number, number, number];
  const values = unpackNumbers(x!);
  const decoded = new Float64Array(topPaths * batch * steps).fill(-1);
  const scores = new Float64Array(batch * topPaths);
  for (let sample = 0; sample < batch; sample += 1) {
    let beams: Beam[] = [{ labels: [], blank: 0, label: -Infinity }];
    for (let step = 0; step < Math.min(Number(lengths!.data[sample]), steps); step += 1) {
      const from = (sample * steps + step) * classes;
      beams = extend(beams, logSoftmaxRow(values, from, classes), blank, beamWidth);
    }
    beams.slice(0, topPaths).forEach((beam, path) => {
      beam.labels.forEach((label, at) => {
        decoded[(path * batch + sample) * steps + at] = label;
      });
      scores[sample * topPaths + path] = scoreOf(beam);
    });
  }
  return [result(node, [topPaths, batch, steps], decoded), result(node, [batch, topPaths], scores, 1)];
};

function logSoftmaxRow(values: ArrayLike<number>, from: number, count: number): number[] {
  const row = Array.from({ length: count }, (_, at) => values[from + at]!);
  const peak = Math.max(...row);
  const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - peak), 0)) + peak;
  return row.map(value => value - total);
}

function extend(beams: readonly Beam[], logarithms: readonly number[], blank: number, width: number): Beam[] {
  const next = new Map<string, Beam>();
  const at = (labels: readonly number[]): Beam => {
    const key = labels.join();
    const known = next.get(key) ?? { labels, blank: -Infinity, label: -Infinity };
    next.set(key, known);
    return known;
  };
  for (const beam of beams) {
    const same = at(beam.labels);
    same.blank = addLogs(same.blank, scoreOf(beam) + logarithms[blank]!);
    const last = beam.labels.at(-1);
    if (last !== undefined) same.label = addLogs(same.label, beam.label + logarithms[last]!);
    logarithms.forEach((logarithm, label) => {
      if (label === blank) return;
      const longer = at([...beam.labels, label]);
      longer.label = addLogs(longer.label, (label === last ? beam.blank : scoreOf(beam)) + logarithm);
    });
  }
  return [...next.values()].sort((a, b) => scoreOf(b) - scoreOf(a)).slice(0, width);
}

export const setKernels: Kernels = { nonzero, unique, ctcBeamSearch };
