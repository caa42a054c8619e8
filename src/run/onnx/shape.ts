/** ONNX forms of operations on shapes, and of taking and putting parts. */

import type { Dim, Shape } from '../../numbers/tensor.ts';
import { isSizeOf } from '../../ops/shapes.ts';
import type { OpNode } from '../../ops/types.ts';
import type { Value } from './builder.ts';
import { layoutOf, movedItems } from './layout.ts';
import type { Lowering, Rule } from './lowering.ts';

const reshape: Rule = (node, lowering) => {
  const [x, ...dynamic] = node.inputs;
  const known = node.attributes.shape as Shape;
  const [target, rest] = withoutDynamic(node, known);
  const sizes = rest ? lowering.sizes(known, dynamic) : lowering.int64(target);
  return [{ plain: lowering.emit('Reshape', [lowering.plain(x!), sizes], {}, { typed: [0] }) }];
};

/**
 * The target with unknown sizes as 0 (ONNX: as in the input) or -1 (ONNX: what is left), where that says the same;
 * else true for "compute the sizes".
 */
function withoutDynamic(node: OpNode, known: Shape): readonly [number[], boolean] {
  const [x, ...dynamic] = node.inputs;
  if (known.includes(0)) return [[], true];
  const rest = [...dynamic];
  const copied = known.map<Dim>((size, axis) => {
    if (size !== null) return size;
    const given = rest.shift()!;
    return axis < x!.shape.length && isSizeOf(given, x!, axis) ? 0 : null;
  });
  const open = copied.filter(size => size === null).length;
  if (open > 1 || (open === 1 && copied.includes(-1))) return [[], true];
  return [copied.map(size => size ?? -1), false];
}

const transpose: Rule = (node, lowering) => {
  const x = node.inputs[0]!;
  const axes = node.attributes.axes as readonly number[];
  if (!lowering.isChannelsFirst(x)) return [{ plain: lowering.transpose(lowering.plain(x), axes) }];
  const moved = movedItems(axes.map((_, axis) => axis));
  return [
    {
      plain: lowering.transpose(
        lowering.channelsFirst(x),
        axes.map(axis => moved.indexOf(axis)),
      ),
    },
  ];
};

const concatenate: Rule = (node, lowering) => {
  const layout = layoutOf(lowering, ...node.inputs);
  const axis = layout.axis(node.attributes.axis as number, node.outputs[0]!.shape.length);
  return [layout.result(lowering.emit('Concat', node.inputs.map(layout.value), { axis }))];
};

const split: Rule = (node, lowering) => {
  const x = node.inputs[0]!;
  const layout = layoutOf(lowering, x);
  const axis = layout.axis(node.attributes.axis as number, x.shape.length);
  const sizes = node.attributes.sizes as readonly number[] | undefined;
  const count = node.outputs.length;
  const value = layout.value(x);
  const parts = sizes
    ? lowering.emitAll('Split', [value, lowering.int64(sizes)], { axis }, { typed: [0], outputs: count })
    : lowering.emitAll('Split', [value], { axis, num_outputs: count }, { outputs: count });
  return parts.map(layout.result);
};

const slice: Rule = (node, lowering) => {
  const [x, ...dynamic] = node.inputs;
  const layout = layoutOf(lowering, x!);
  const { axes, starts, ends, steps } = node.attributes as {
    axes: readonly number[];
    starts: Shape;
    ends: Shape;
    steps: readonly number[];
  };
  const unknownStarts = starts.filter(start => start === null).length;
  const bounds = [
    lowering.sizes(starts, dynamic.slice(0, unknownStarts)),
    lowering.sizes(ends, dynamic.slice(unknownStarts)),
    lowering.int64(axes.map(axis => layout.axis(axis, x!.shape.length))),
    lowering.int64(steps),
  ];
  return [layout.result(lowering.emit('Slice', [layout.value(x!), ...bounds], {}, { typed: [0] }))];
};

const pad: Rule = (node, lowering) => {
  const [x, value, ...dynamic] = node.inputs;
  // Sizes that are tensors stand in the order of the axes as Keras has them.
  const layout = dynamic.length === 0 ? layoutOf(lowering, x!) : layoutOf(lowering);
  const { mode, before, after } = node.attributes as { mode: string; before: Shape; after: Shape };
  const counts = lowering.sizes([...layout.items(before), ...layout.items(after)], dynamic);
  const inputs = mode === 'constant' ? [layout.value(x!), counts, lowering.plain(value!)] : [layout.value(x!), counts];
  return [layout.result(lowering.emit('Pad', inputs, { mode }, { typed: mode === 'constant' ? [0, 2] : [0] }))];
};

const expand: Rule = (node, lowering) => {
  const [x, ...dynamic] = node.inputs;
  const sizes = lowering.sizes(node.attributes.shape as Shape, dynamic);
  return [{ plain: lowering.emit('Expand', [lowering.plain(x!), sizes], {}, { typed: [0] }) }];
};

const tile: Rule = (node, lowering) => {
  const [x, ...dynamic] = node.inputs;
  const layout = dynamic.length === 0 ? layoutOf(lowering, x!) : layoutOf(lowering);
  const repeats = lowering.sizes(layout.items(node.attributes.repeats as Shape), dynamic);
  return [layout.result(lowering.emit('Tile', [layout.value(x!), repeats], {}, { typed: [0] }))];
};

const onAxes =
  (operator: string): Rule =>
  (node, lowering) => [
    {
      plain: lowering.emit(
        operator,
        [lowering.plain(node.inputs[0]!), lowering.int64(node.attributes.axes as readonly number[])],
        {},
        { typed: [0] },
      ),
    },
  ];

/** One size of a tensor as an int32 scalar. */
const dim: Rule = (node, lowering) => {
  const x = node.inputs[0]!;
  const layout = layoutOf(lowering, x);
  const axis = layout.axis(node.attributes.axis as number, x.shape.length);
  const [size] = lowering.graph.node('Shape', [layout.value(x)], ['int64'], { start: axis, end: axis + 1 });
  return [{ plain: lowering.cast(scalarOf(size!, lowering), 'int32') }];
};

function scalarOf(value: Value, lowering: Lowering): Value {
  return lowering.emit('Reshape', [value, lowering.int64([])], {}, { typed: [0] });
}

const size: Rule = (node, lowering) => {
  const [count] = lowering.graph.node('Size', [lowering.plain(node.inputs[0]!)], ['int64']);
  return [{ plain: lowering.cast(count!, 'int32') }];
};

const gather: Rule = (node, lowering) => {
  const [x, indices] = node.inputs.map(input => lowering.plain(input)) as [Value, Value];
  return [{ plain: lowering.emit('Gather', [x, indices], { axis: node.attributes.axis as number }, { typed: [0] }) }];
};

const takeAlongAxis: Rule = (node, lowering) => {
  const [x, indices] = node.inputs;
  const axis = node.attributes.axis as number;
  let wanted = lowering.plain(indices!);
  const fits = x!.shape.every((size, at) => at === axis || (size !== null && size === indices!.shape[at]));
  if (!fits) {
    const [whole] = lowering.graph.node('Shape', [lowering.plain(x!)], ['int64']);
    const mask = lowering.int64(x!.shape.map((_, at) => (at === axis ? 0 : 1)));
    const along = lowering.int64(x!.shape.map((_, at) => (at === axis ? 1 : 0)));
    const target = lowering.emit('Add', [lowering.emit('Mul', [whole!, mask]), along]);
    wanted = lowering.emit('Expand', [wanted, target], {}, { typed: [0] });
  }
  return [{ plain: lowering.emit('GatherElements', [lowering.plain(x!), wanted], { axis }, { typed: [0] }) }];
};

const gatherNd: Rule = (node, lowering) => {
  const [x, indices] = node.inputs.map(input => lowering.plain(input)) as [Value, Value];
  const attributes = { batch_dims: node.attributes.batchDims as number };
  return [{ plain: lowering.emit('GatherND', [x, indices], attributes, { typed: [0] }) }];
};

const scatterNd: Rule = (node, lowering) => {
  const inputs = node.inputs.map(input => lowering.plain(input));
  const reduction = (node.attributes.reduction as string | null) ?? 'none';
  return [{ plain: lowering.emit('ScatterND', inputs, { reduction }, { typed: [0, 2] }) }];
};

const arange: Rule = (node, lowering) => [
  {
    plain: lowering.emit(
      'Range',
      node.inputs.map(input => lowering.plain(input)),
    ),
  },
];

export const shapeRules: { readonly [op: string]: Rule } = {
  reshape,
  transpose,
  concatenate,
  split,
  slice,
  pad,
  broadcastTo: expand,
  tile,
  expandDims: onAxes('Unsqueeze'),
  squeeze: onAxes('Squeeze'),
  dim,
  size,
  gather,
  takeAlongAxis,
  gatherNd,
  scatterNd,
  arange,
};
