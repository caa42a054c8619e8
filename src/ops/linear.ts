/** Products of matrices and tensors. */

import type { DType } from '../numbers/dtype.ts';
import type { Dim } from '../numbers/tensor.ts';
import { multiply } from './binary.ts';
import { castTensor, toCommon, toTensor } from './convert.ts';
import { record, refuse, shapeText } from './record.ts';
import { sum } from './reduce.ts';
import { expandDims, ravel, reshape, shape, squeeze, transpose } from './shape.ts';
import { broadcastShapes, normalizeAxis } from './shapes.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** Products of 8-bit numbers are summed in 32 bits (keras.ops.matmul). */
function widened(op: string, ...xs: readonly TensorLike[]): SymbolicTensor[] {
  const tensors = toCommon(op, ...xs);
  const dtype = tensors[0]!.dtype;
  const wide: DType = dtype === 'int8' || dtype === 'bool' ? 'int32' : dtype;
  return tensors.map(tensor => castTensor(tensor, wide));
}

/** Product over the last axis of `x1` and the last but one of `x2`; axes before them broadcast; vectors as in NumPy. */
export function matmul(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [left, right] = widened('matmul', x1, x2) as [SymbolicTensor, SymbolicTensor];
  if (left.shape.length === 0 || right.shape.length === 0) refuse('matmul', 'takes no scalars');
  const inner = left.shape.at(-1)!;
  const other = right.shape.at(right.shape.length === 1 ? -1 : -2)!;
  if (inner !== null && other !== null && inner !== other) {
    refuse(
      'matmul',
      `shapes ${shapeText(left.shape)} and ${shapeText(right.shape)} do not fit: ${inner} is not ${other}`,
    );
  }
  const before = broadcastShapes('matmul', left.shape.slice(0, -2), right.shape.slice(0, -2));
  const rows: Dim[] = left.shape.length === 1 ? [] : [left.shape.at(-2)!];
  const columns: Dim[] = right.shape.length === 1 ? [] : [right.shape.at(-1)!];
  return record('matmul', [left, right], {}, { shape: [...before, ...rows, ...columns], dtype: left.dtype });
}

/** Einstein's sum convention, with `...` for axes that broadcast. */
export function einsum(subscripts: string, ...operands: readonly TensorLike[]): SymbolicTensor {
  const tensors = widened('einsum', ...operands);
  const { inputs, output } = parseSubscripts(
    subscripts,
    tensors.map(tensor => tensor.shape.length),
  );
  const sizes = new Map<string, Dim>();
  inputs.forEach((labels, at) => {
    labels.forEach((label, axis) => {
      const size = tensors[at]!.shape[axis]!;
      const known = sizes.get(label);
      const broadcasts = label.length > 1;
      if (known === undefined || known === null || (broadcasts && known === 1)) sizes.set(label, size ?? known ?? null);
      else if (size !== null && size !== known && !(broadcasts && size === 1)) {
        refuse('einsum', `"${label}" in "${subscripts}" is ${known} and ${size}`);
      }
    });
  });
  const found = output.map(label =>
    sizes.has(label) ? sizes.get(label)! : refuse('einsum', `no operand has "${label}"`),
  );
  return record('einsum', tensors, { inputs, output }, { shape: found, dtype: tensors[0]!.dtype });
}

/** Labels of every axis; those under an ellipsis are `...0` (the last), `...1` and so on. */
export function parseSubscripts(
  subscripts: string,
  ranks: readonly number[],
): { readonly inputs: readonly (readonly string[])[]; readonly output: readonly string[] } {
  const [left, right] = subscripts.replaceAll(' ', '').split('->') as [string, string | undefined];
  const terms = left.split(',');
  if (terms.length !== ranks.length)
    refuse('einsum', `"${subscripts}" wants ${terms.length} operands, got ${ranks.length}`);
  const inputs = terms.map((term, at) => labels(term, ranks[at]!, subscripts));
  const widest = Math.max(0, ...inputs.map(list => list.filter(label => label.length > 1).length));
  if (right !== undefined)
    return {
      inputs,
      output: labels(right, right.replace('...', '').length + (right.includes('...') ? widest : 0), subscripts),
    };
  const flat = inputs.flat();
  const once = [...new Set(flat)].filter(
    label => label.length === 1 && flat.filter(other => other === label).length === 1,
  );
  return { inputs, output: [...ellipsis(widest), ...once.sort()] };
}

function ellipsis(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `...${count - 1 - at}`);
}

function labels(term: string, rank: number, subscripts: string): string[] {
  const [before, after] = term.split('...') as [string, string | undefined];
  if (after === undefined) {
    if (before.length !== rank) refuse('einsum', `"${term}" in "${subscripts}" meets a tensor of ${rank} axes`);
    return [...before];
  }
  const hidden = rank - before.length - after.length;
  if (hidden < 0) refuse('einsum', `"${term}" in "${subscripts}" meets a tensor of ${rank} axes`);
  return [...before, ...ellipsis(hidden), ...after];
}

/** NumPy's dot: over the last axis of `x1` and the last but one of `x2`, every combination of the other axes. */
export function dot(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [left, right] = toCommon('dot', x1, x2) as [SymbolicTensor, SymbolicTensor];
  if (left.shape.length === 0 || right.shape.length === 0) return multiply(left, right);
  if (right.shape.length <= 2) return matmul(left, right);
  return tensordot(left, right, { axes: [[-1], [-2]] });
}

/** Sum of products over the given axes of both tensors; a number n means the last n and the first n. */
export function tensordot(
  x1: TensorLike,
  x2: TensorLike,
  { axes = 2 }: { axes?: number | readonly [number | readonly number[], number | readonly number[]] } = {},
): SymbolicTensor {
  const [left, right] = toCommon('tensordot', x1, x2) as [SymbolicTensor, SymbolicTensor];
  const pair: readonly (readonly number[])[] =
    typeof axes === 'number'
      ? [
          Array.from({ length: axes }, (_, at) => left.shape.length - axes + at),
          Array.from({ length: axes }, (_, at) => at),
        ]
      : axes.map(side => [side].flat() as number[]);
  const [over, against] = [left, right].map((x, at) =>
    pair[at]!.map(axis => normalizeAxis('tensordot', axis, x.shape.length)),
  ) as [number[], number[]];
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const first = left.shape.map((_, axis) => letters[axis]!);
  const second = right.shape.map((_, axis) =>
    against.includes(axis) ? first[over[against.indexOf(axis)]!]! : letters[left.shape.length + axis]!,
  );
  const kept = [
    ...first.filter((_, axis) => !over.includes(axis)),
    ...second.filter((_, axis) => !against.includes(axis)),
  ];
  return einsum(`${first.join('')},${second.join('')}->${kept.join('')}`, left, right);
}

/** Product of every element of one with every element of the other. */
export function outer(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  return multiply(expandDims(ravel(x1), 1), expandDims(ravel(x2), 0));
}

/** Sum of products over the last axes. */
export function inner(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  const [left, right] = toCommon('inner', x1, x2) as [SymbolicTensor, SymbolicTensor];
  if (left.shape.length === 0 || right.shape.length === 0) return multiply(left, right);
  return tensordot(left, right, { axes: [-1, -1] });
}

/** Sum of products of all elements. */
export function vdot(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  return sum(multiply(ravel(x1), ravel(x2)));
}

/** Kronecker product. */
export function kron(x1: TensorLike, x2: TensorLike): SymbolicTensor {
  let [left, right] = toCommon('kron', x1, x2) as [SymbolicTensor, SymbolicTensor];
  while (left.shape.length < right.shape.length) left = expandDims(left, 0);
  while (right.shape.length < left.shape.length) right = expandDims(right, 0);
  const rank = left.shape.length;
  const spread = expandDims(
    left,
    Array.from({ length: rank }, (_, at) => 2 * at + 1),
  );
  const fill = expandDims(
    right,
    Array.from({ length: rank }, (_, at) => 2 * at),
  );
  const [outerSizes, innerSizes] = [shape(left), shape(right)];
  return reshape(
    multiply(spread, fill),
    outerSizes.map((size, at) => multiplySizes(size, innerSizes[at]!)),
  );
}

function multiplySizes(a: number | SymbolicTensor, b: number | SymbolicTensor): number | SymbolicTensor {
  return typeof a === 'number' && typeof b === 'number' ? a * b : multiply(a, b);
}

/** Cross product of vectors of 3 (or 2) along the last axis. */
export function cross(
  x1: TensorLike,
  x2: TensorLike,
  {
    axisa = -1,
    axisb = -1,
    axisc = -1,
    axis = null,
  }: { axisa?: number; axisb?: number; axisc?: number; axis?: number | null } = {},
): SymbolicTensor {
  const [a, b] = crossOperands(x1, x2, axis ?? axisa, axis ?? axisb);
  const component = (x: readonly SymbolicTensor[], at: number) => x[at] ?? toTensor(0, x[0]!.dtype);
  const minor = (i: number, j: number) =>
    record(
      'subtract',
      [multiply(component(a, i), component(b, j)), multiply(component(a, j), component(b, i))],
      {},
      {
        shape: broadcastShapes('cross', a[0]!.shape, b[0]!.shape),
        dtype: a[0]!.dtype,
      },
    );
  if (a.length === 2 && b.length === 2) return minor(0, 1);
  const parts = [minor(1, 2), minor(2, 0), minor(0, 1)];
  const rank = parts[0]!.shape.length + 1;
  const at = normalizeAxis('cross', axis ?? axisc, rank);
  const joined = record(
    'concatenate',
    parts.map(part => expandDims(part, rank - 1)),
    { axis: rank - 1 },
    {
      shape: [...parts[0]!.shape, 3],
      dtype: parts[0]!.dtype,
    },
  );
  const order = Array.from({ length: rank - 1 }, (_, index) => index);
  order.splice(at, 0, rank - 1);
  return transpose(joined, { axes: order });
}

function crossOperands(
  x1: TensorLike,
  x2: TensorLike,
  axisA: number,
  axisB: number,
): [SymbolicTensor[], SymbolicTensor[]] {
  const [left, right] = toCommon('cross', x1, x2) as [SymbolicTensor, SymbolicTensor];
  const parts = (x: SymbolicTensor, axis: number) => {
    const at = normalizeAxis('cross', axis, x.shape.length);
    const count = x.shape[at];
    if (count !== 2 && count !== 3)
      refuse('cross', `vectors have ${count ?? 'an unknown number of'} components, not 2 or 3`);
    return Array.from({ length: count }, (_, index) =>
      squeeze(
        record(
          'slice',
          [x],
          { axes: [at], starts: [index], ends: [index + 1], steps: [1] },
          {
            shape: x.shape.map((size, other) => (other === at ? 1 : size)),
            dtype: x.dtype,
          },
        ),
        { axis: at },
      ),
    );
  };
  return [parts(left, axisA), parts(right, axisB)];
}
