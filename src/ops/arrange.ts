/** Rearranging: padding, rolling, turning, stacking, diagonals. */

import { add, multiply, where } from './binary.ts';
import { commonDtype, toTensor } from './convert.ts';
import { eye } from './create.ts';
import { arange, flip, stridedSlice, take } from './index-by.ts';
import { record, refined, refuse, type Spec } from './record.ts';
import { sum } from './reduce.ts';
import { concatenate, expandDims, moveaxis, ravel, reshape, shape, split, transpose } from './shape.ts';
import { knownSize, normalizeAxis, splitSizes } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

export type PadMode = 'constant' | 'reflect' | 'symmetric' | 'edge' | 'wrap';

type PadWidth = SizeLike | readonly [SizeLike, SizeLike] | readonly (readonly [SizeLike, SizeLike])[];

/** Cells before and after for every axis, out of NumPy's three ways to say it. */
function padPairs(width: PadWidth, rank: number): (readonly [SizeLike, SizeLike])[] {
  const isPair = (item: unknown): item is readonly [SizeLike, SizeLike] =>
    Array.isArray(item) && item.length === 2 && !Array.isArray(item[0]);
  if (!Array.isArray(width)) return Array.from({ length: rank }, () => [width as SizeLike, width as SizeLike] as const);
  if (isPair(width)) return Array.from({ length: rank }, () => width);
  const pairs = width as readonly (readonly [SizeLike, SizeLike])[];
  return pairs.length === 1 ? Array.from({ length: rank }, () => pairs[0]!) : [...pairs];
}

/** Cells added around: a constant, or what stands at the edges (mirrored, mirrored with the edge, repeated). */
export function pad(
  x: TensorLike,
  padWidth: PadWidth,
  { mode = 'constant', constantValues = null }: { mode?: PadMode; constantValues?: TensorLike | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const pairs = padPairs(padWidth, given.shape.length);
  if (pairs.length !== given.shape.length) refuse('pad', `${pairs.length} pairs for ${given.shape.length} axes`);
  if (pairs.flat().every(count => count === 0)) return given;
  if (mode === 'symmetric') return padSymmetric(given, pairs);
  const value = toTensor(constantValues ?? 0, given.dtype);
  const { known, dynamic } = splitSizes([...pairs.map(pair => pair[0]), ...pairs.map(pair => pair[1])]);
  const rank = given.shape.length;
  const [before, after] = [known.slice(0, rank), known.slice(rank)];
  const found: Spec = {
    shape: given.shape.map((size, axis) =>
      size === null || before[axis] === null || after[axis] === null ? null : size + before[axis]! + after[axis]!,
    ),
    dtype: given.dtype,
  };
  return record('pad', [given, value, ...dynamic], { mode, before, after }, found);
}

/** Mirrors with the edge itself doubled: pieces cut off, flipped and put before and after. */
function padSymmetric(x: SymbolicTensor, pairs: readonly (readonly [SizeLike, SizeLike])[]): SymbolicTensor {
  return pairs.reduce<SymbolicTensor>((partial, [before, after], axis) => {
    if (before === 0 && after === 0) return partial;
    const [first, last] = [before, after].map(
      size => knownSize(size) ?? refuse('pad', 'symmetric padding needs known sizes'),
    ) as [number, number];
    const head = stridedSlice(partial, { axes: [axis], starts: [0], stops: [first] });
    const tail = last === 0 ? null : stridedSlice(partial, { axes: [axis], starts: [-last], stops: [null] });
    const parts = [...(first > 0 ? [flip(head, { axis })] : []), partial, ...(tail ? [flip(tail, { axis })] : [])];
    return concatenate(parts, { axis });
  }, x);
}

/** Elements moved along `axis`; what leaves at one end comes in at the other. Without axis, of the flattened tensor. */
export function roll(
  x: TensorLike,
  shift: number | readonly number[],
  { axis = null }: { axis?: number | readonly number[] | null } = {},
): SymbolicTensor {
  const given = toTensor(x);
  if (axis === null) return reshape(rollOne(ravel(given), [shift].flat()[0] as number, 0), shape(given));
  const axes = [axis].flat() as number[];
  const shifts = [shift].flat() as number[];
  return axes.reduce<SymbolicTensor>(
    (partial, at, index) =>
      rollOne(partial, shifts[index] ?? shifts[0]!, normalizeAxis('roll', at, given.shape.length)),
    given,
  );
}

function rollOne(x: SymbolicTensor, shift: number, axis: number): SymbolicTensor {
  const size = x.shape[axis] ?? null;
  const by = size === null || size === 0 ? shift : ((shift % size) + size) % size;
  if (by === 0) return x;
  const cut = -by;
  const parts = [
    stridedSlice(x, { axes: [axis], starts: [cut], stops: [null] }),
    stridedSlice(x, { axes: [axis], starts: [0], stops: [cut] }),
  ];
  const rolled = concatenate(parts, { axis });
  return refined(rolled, x.shape);
}

/** Turned by 90°, `k` times, from the first of the two axes towards the second. */
export function rot90(
  array: TensorLike,
  { k = 1, axes = [0, 1] }: { k?: number; axes?: readonly [number, number] } = {},
): SymbolicTensor {
  const given = toTensor(array);
  const [first, second] = axes.map(axis => normalizeAxis('rot90', axis, given.shape.length)) as [number, number];
  const turns = ((k % 4) + 4) % 4;
  if (turns === 0) return given;
  if (turns === 2) return flip(given, { axis: [first, second] });
  const order = given.shape.map((_, axis) => (axis === first ? second : axis === second ? first : axis));
  if (turns === 1) return transpose(flip(given, { axis: second }), { axes: order });
  return flip(transpose(given, { axes: order }), { axis: second });
}

export const fliplr = (x: TensorLike): SymbolicTensor => flip(x, { axis: 1 });
export const flipud = (x: TensorLike): SymbolicTensor => flip(x, { axis: 0 });

/** `x1` and `x2` one after the other (flattened where `axis` is null). */
export function append(x1: TensorLike, x2: TensorLike, { axis = null }: { axis?: number | null } = {}): SymbolicTensor {
  return axis === null ? concatenate([ravel(x1), ravel(x2)]) : concatenate([x1, x2], { axis });
}

function atLeast(x: TensorLike, rank: number): SymbolicTensor {
  let given = toTensor(x);
  while (given.shape.length < rank) given = expandDims(given, given.shape.length === 2 ? 2 : 0);
  return given;
}

/** Side by side: along the second axis, or the first of vectors. */
export function hstack(xs: readonly TensorLike[]): SymbolicTensor {
  const tensors = xs.map(x => atLeast(x, 1));
  return concatenate(tensors, { axis: tensors[0]!.shape.length === 1 ? 0 : 1 });
}

/** One above the other: along the first axis. */
export function vstack(xs: readonly TensorLike[]): SymbolicTensor {
  return concatenate(
    xs.map(x => atLeast(x, 2)),
    { axis: 0 },
  );
}

/** Behind one another: along the third axis. */
export function dstack(xs: readonly TensorLike[]): SymbolicTensor {
  return concatenate(
    xs.map(x => {
      const given = atLeast(x, 2);
      return given.shape.length === 2 ? expandDims(given, 2) : given;
    }),
    { axis: 2 },
  );
}

type Sections = number | readonly number[];

export const vsplit = (x: TensorLike, sections: Sections): readonly SymbolicTensor[] => split(x, sections, { axis: 0 });
export const hsplit = (x: TensorLike, sections: Sections): readonly SymbolicTensor[] =>
  split(x, sections, { axis: toTensor(x).shape.length === 1 ? 0 : 1 });
export const dsplit = (x: TensorLike, sections: Sections): readonly SymbolicTensor[] => split(x, sections, { axis: 2 });

/** Parts along `axis`; a number of parts need not divide the size, the first ones are then one longer. */
export function arraySplit(
  x: TensorLike,
  sections: Sections,
  { axis = 0 }: { axis?: number } = {},
): readonly SymbolicTensor[] {
  const given = toTensor(x);
  const size = given.shape[normalizeAxis('arraySplit', axis, given.shape.length)];
  if (typeof sections !== 'number' || size === null || size === undefined) return split(given, sections, { axis });
  const longer = size % sections;
  const short = Math.floor(size / sections);
  const cuts = Array.from({ length: sections - 1 }, (_, at) => (at + 1) * short + Math.min(at + 1, longer));
  return split(given, cuts, { axis });
}

/** The diagonal of two axes, as the last axis. */
export function diagonal(
  x: TensorLike,
  { offset = 0, axis1 = 0, axis2 = 1 }: { offset?: number; axis1?: number; axis2?: number } = {},
): SymbolicTensor {
  const given = toTensor(x);
  const rank = given.shape.length;
  const axes = [normalizeAxis('diagonal', axis1, rank), normalizeAxis('diagonal', axis2, rank)];
  const moved = moveaxis(given, axes, [rank - 2, rank - 1]);
  const [rows, columns] = moved.shape.slice(-2);
  if (rows === null || rows === undefined || columns === null || columns === undefined)
    return refuse('diagonal', 'the sizes must be known');
  const [down, right] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const length = Math.max(0, Math.min(rows - down, columns - right));
  const flat = reshape(moved, [...shape(moved).slice(0, -2), rows * columns]);
  const places = Array.from({ length }, (_, at) => (at + down) * columns + at + right);
  return take(flat, toTensor(places, 'int32'), { axis: -1 });
}

/** The diagonal of a matrix, or a matrix with a vector on its diagonal. */
export function diag(x: TensorLike, { k = 0 }: { k?: number } = {}): SymbolicTensor {
  const given = toTensor(x);
  if (given.shape.length === 2) return diagonal(given, { offset: k });
  if (given.shape.length !== 1) return refuse('diag', `takes one or two axes, not ${given.shape.length}`);
  const matrix = multiply(eye(shape(given)[0]!, { dtype: given.dtype }), expandDims(given, 1));
  return pad(matrix, [
    [Math.max(-k, 0), Math.max(k, 0)],
    [Math.max(k, 0), Math.max(-k, 0)],
  ]);
}

/** A matrix with all elements on its diagonal. */
export function diagflat(x: TensorLike, { k = 0 }: { k?: number } = {}): SymbolicTensor {
  return diag(ravel(x), { k });
}

/** Sum of a diagonal. */
export function trace(
  x: TensorLike,
  options: { offset?: number; axis1?: number; axis2?: number } = {},
): SymbolicTensor {
  return sum(diagonal(x, options), { axis: -1 });
}

/** Index vectors of a flat position in a tensor of the given sizes. */
export function unravelIndex(indices: TensorLike, sizes: readonly number[]): readonly SymbolicTensor[] {
  const given = toTensor(indices);
  const total = sizes.reduce((left, right) => left * right, 1);
  const counted = record(
    'where',
    [
      record('less', [given, toTensor(0, given.dtype)], {}, { shape: given.shape, dtype: 'bool' }),
      add(given, total),
      given,
    ],
    {},
    given,
  );
  return sizes.map((size, axis) => {
    const stride = sizes.slice(axis + 1).reduce((left, right) => left * right, 1);
    const steps = record('floorDivide', [counted, toTensor(stride, given.dtype)], {}, given);
    return record('mod', [steps, toTensor(size, given.dtype)], {}, given);
  });
}

/** The windows of `sequenceLength` along the last axis, every `sequenceStride`, as a new axis. */
export function extractSequences(x: TensorLike, sequenceLength: number, sequenceStride: number): SymbolicTensor {
  const given = toTensor(x);
  const size = given.shape.at(-1)!;
  const inside = toTensor(
    Array.from({ length: sequenceLength }, (_, at) => at),
    'int32',
  );
  const count =
    size === null
      ? add(
          record(
            'floorDivide',
            [add(shape(given).at(-1)!, -sequenceLength), toTensor(sequenceStride, 'int32')],
            {},
            { shape: [], dtype: 'int32' },
          ),
          1,
        )
      : Math.floor((size - sequenceLength) / sequenceStride) + 1;
  const starts = multiply(arange(count), sequenceStride);
  return take(given, add(expandDims(starts, 1), inside), { axis: -1 });
}

/** einops-style rearrangement: `"b (h w) c -> b h w c"` with sizes for names that cannot be told. */
export function rearrange(
  tensor: TensorLike,
  pattern: string,
  sizes: { readonly [name: string]: number } = {},
): SymbolicTensor {
  const given = toTensor(tensor);
  const [left, right] = pattern.split('->').map(side => parsePattern(side)) as [string[][], string[][]];
  if (left.length !== given.shape.length)
    refuse('rearrange', `"${pattern}" names ${left.length} axes of ${given.shape.length}`);
  const known = new Map<string, SizeLike>(Object.entries(sizes));
  left.forEach((group, axis) => {
    const open = group.filter(name => !known.has(name));
    if (open.length > 1) refuse('rearrange', `the sizes of ${open.join(', ')} are not known`);
    const rest = group.filter(name => known.has(name)).reduce((total, name) => total * (known.get(name) as number), 1);
    if (open.length === 0) return;
    const size = shape(given)[axis]!;
    known.set(
      open[0]!,
      typeof size === 'number'
        ? size / rest
        : rest === 1
          ? size
          : record('floorDivide', [size, toTensor(rest, 'int32')], {}, { shape: [], dtype: 'int32' }),
    );
  });
  const names = left.flat();
  const apart = reshape(
    given,
    names.map(name => known.get(name)!),
  );
  const moved = transpose(apart, { axes: right.flat().map(name => names.indexOf(name)) });
  return reshape(
    moved,
    right.map(group => group.map(name => known.get(name)!).reduce((a, b) => multiplySize(a, b), 1)),
  );
}

function parsePattern(side: string): string[][] {
  return [...side.matchAll(/\(([^)]*)\)|(\S+)/g)].map(match =>
    match[1] === undefined ? [match[2]!] : match[1].split(/\s+/).filter(Boolean),
  );
}

/** Product of two sizes: a number where both are. */
export function multiplySize(a: SizeLike, b: SizeLike): SizeLike {
  return typeof a === 'number' && typeof b === 'number' ? a * b : multiply(a, b);
}

/** Sum of two sizes: a number where both are. */
export function addSize(a: SizeLike, b: SizeLike): SizeLike {
  return typeof a === 'number' && typeof b === 'number' ? a + b : add(a, b);
}

/** The first of several conditions that holds chooses among values; `default` where none does. */
export function select(
  condlist: readonly TensorLike[],
  choicelist: readonly TensorLike[],
  { default: fallback = 0 }: { default?: TensorLike } = {},
): SymbolicTensor {
  const dtype = commonDtype('select', fallback, ...choicelist);
  return condlist.reduceRight<SymbolicTensor>(
    (otherwise, condition, at) => where(condition, toTensor(choicelist[at]!, dtype), otherwise),
    toTensor(fallback, dtype),
  );
}
