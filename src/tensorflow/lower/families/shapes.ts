/** Operations that ask for shapes, compute with them and change them. Small vectors of sizes are followed through all of these. */

import { isStatic, type Shape } from '../../../numbers/tensor.ts';
import * as ops from '../../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../../ops/types.ts';
import { castTo, dtypeOf, type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { withElements } from '../follow.ts';
import { productOfSizes } from '../sizes.ts';
import { elementsValue, followedCount, knownScalar, type TensorValue, tensorValue, type Value } from '../value.ts';

function outType(node: OpView): 'int32' | 'int64' {
  return node.attributes.has('out_type') && node.attributes.dtype('out_type') === 'int64' ? 'int64' : 'int32';
}

function shapeValue(x: SymbolicTensor, node: OpView): TensorValue {
  return elementsValue(ops.shape(x), [x.shape.length], outType(node));
}

const reshape: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const made = ops.reshape(tensor, node.sizes(1));
  return withElements(made, elements);
};

const expandDims: Lowering = node => {
  const { tensor, elements } = node.value(0);
  return withElements(ops.expandDims(tensor, node.number(1)), elements);
};

const squeeze: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const axes = node.attributes.ints(node.attributes.has('squeeze_dims') ? 'squeeze_dims' : 'axis');
  return withElements(ops.squeeze(tensor, { axis: axes.length > 0 ? axes : null }), elements);
};

const transpose: Lowering = node => ops.transpose(node.x(0), { axes: node.numbers(1) });

/** All elements of values one after another, where every one is followed. */
function joined(values: readonly TensorValue[]): readonly SizeLike[] | null {
  return values.every(value => value.elements !== null) ? values.flatMap(value => value.elements!) : null;
}

const pack: Lowering = node => {
  const values = node.inputs.map((_, index) => node.value(index));
  const axis = node.attributes.int('axis', 0);
  const made = ops.stack(
    values.map(value => value.tensor),
    { axis },
  );
  return withElements(castTo(node, made, 'T'), axis === 0 ? joined(values) : null);
};

const unpack: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const axis = node.attributes.int('axis', 0);
  const num = node.attributes.int('num');
  if (elements && tensor.shape.length === 1) return elements.map(element => elementsValue([element], [], tensor.dtype));
  return ops.unstack(tensor, { num, axis });
};

const concat =
  (axisFirst: boolean): Lowering =>
  node => {
    const count = node.inputs.length - 1;
    const axis = node.number(axisFirst ? 0 : count);
    const values = Array.from({ length: count }, (_, index) => node.value(axisFirst ? index + 1 : index));
    const made = ops.concatenate(
      values.map(value => value.tensor),
      { axis },
    );
    return withElements(castTo(node, made, 'T'), made.shape.length === 1 ? joined(values) : null);
  };

const split: Lowering = node => ops.split(node.x(1), node.attributes.int('num_split'), { axis: node.number(0) });

/** Sizes of the parts; one of them may be -1 and is what remains. */
const splitV: Lowering = node => {
  const x = node.x(0);
  const [sizes, axis] = [[...node.numbers(1)], node.number(2)];
  const along = axis < 0 ? axis + x.shape.length : axis;
  const open = sizes.indexOf(-1);
  if (open >= 0) {
    const total = x.shape[along];
    if (total === null || total === undefined) throw unsupported(node.where, 'SplitV of an axis of unknown size');
    sizes[open] = total - sizes.reduce((sum, size) => sum + size, 1);
  }
  let from = 0;
  return sizes.map(size => {
    const start = from;
    from += size;
    return ops.stridedSlice(x, { axes: [along], starts: [start], stops: [from] });
  });
};

const fill: Lowering = node => {
  const sizes = node.sizes(0);
  const value = node.value(1);
  const made = ops.broadcastTo(value.tensor, sizes);
  const count = followedCount(made.shape);
  const element = value.elements?.[0];
  const known = count !== null && element !== undefined ? new Array<SizeLike>(count).fill(element) : null;
  return withElements(made, known);
};

const range: Lowering = node => {
  const [start, limit, delta] = [0, 1, 2].map(index => node.value(index)) as [TensorValue, TensorValue, TensorValue];
  const dtype = start.tensor.dtype;
  const [from, to, by] = [start, limit, delta].map(value => knownScalar(value) ?? value.tensor) as [
    SizeLike,
    SizeLike,
    SizeLike,
  ];
  if (typeof from === 'number' && typeof to === 'number' && typeof by === 'number' && by !== 0) {
    const count = Math.max(0, Math.ceil((to - from) / by));
    if (count <= 64)
      return elementsValue(
        Array.from({ length: count }, (_, at) => from + at * by),
        [count],
        dtype,
      );
  }
  return ops.arange(from, { stop: to, step: by, dtype });
};

/** The shape that shapes broadcast to, axis by axis. */
const broadcastArgs: Lowering = node => {
  const [a, b] = [node.sizes(0), node.sizes(1)];
  const rank = Math.max(a.length, b.length);
  const sizes = Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    return right === 1 || (typeof left === 'number' && left !== 1) ? left : right;
  });
  return elementsValue(sizes, [rank], node.x(0).dtype);
};

const rank = (node: OpView): Value => elementsValue([node.x(0).shape.length], [], 'int32');

const size = (node: OpView): Value => {
  const x = node.x(0);
  const count = isStatic(x.shape) ? productOfSizes(x.shape) : productOfSizes(ops.shape(x));
  return elementsValue([count], [], outType(node));
};

const linspace: Lowering = node => {
  const num = node.number(2);
  return castTo(node, ops.linspace(node.x(0), node.x(1), { num }), 'T');
};

/** Sizes that the node promises, where tracing does not know them. */
const ensureShape: Lowering = node => {
  const promised = node.attributes.shape('shape');
  const { tensor, elements } = node.value(0);
  return tensorValue(promised === null ? tensor : withSizes(tensor, promised), elements);
};

/** The same tensor with unknown sizes taken from `shape`. */
export function withSizes(x: SymbolicTensor, shape: Shape): SymbolicTensor {
  if (shape.length !== x.shape.length || !x.shape.includes(null)) return x;
  return { ...x, shape: x.shape.map((known, axis) => known ?? shape[axis]!) };
}

const invertPermutation: Lowering = node => {
  const order = node.numbers(0);
  return elementsValue(
    order.map((_, at) => order.indexOf(at)),
    [order.length],
    node.x(0).dtype,
  );
};

export const shapes: LoweringTable = {
  Shape: node => shapeValue(node.x(0), node),
  ShapeN: node => node.xs().map(x => shapeValue(x, node)),
  Rank: rank,
  Size: size,
  Reshape: reshape,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Transpose: transpose,
  ConjugateTranspose: transpose,
  InvertPermutation: invertPermutation,
  Pack: pack,
  Unpack: unpack,
  Concat: concat(true),
  ConcatV2: concat(false),
  Split: split,
  SplitV: splitV,
  Tile: node => ops.tile(node.x(0), node.sizes(1)),
  BroadcastTo: node => ops.broadcastTo(node.x(0), node.sizes(1)),
  BroadcastArgs: broadcastArgs,
  Fill: fill,
  Range: range,
  LinSpace: linspace,
  EnsureShape: ensureShape,
  Empty: node => ops.zeros(node.sizes(0), { dtype: dtypeOf(node, 'dtype') }),
};
