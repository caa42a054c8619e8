/** ONNX forms of resampling. */

import type { Shape } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { Lowering, Rule } from './lowering.ts';

/** ONNX's names for which places correspond, and for which cell is the nearest: TensorFlow takes the floor. */
const places = {
  middle: { coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' },
  corner: { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
} as const;

const resample: Rule = (node, lowering) => {
  const { mode, place } = node.attributes as { mode: 'nearest' | 'linear'; place: 'middle' | 'corner' };
  const layout = layoutOf(lowering, node.inputs[0]!);
  const factors = wholeFactors(node);
  const scales =
    factors &&
    lowering.graph.constant({
      dtype: 'float32',
      shape: [factors.length],
      data: Float32Array.from(layout.items(factors)),
    });
  const sizes = factors ? null : sizesOf(node, layout, lowering);
  const inputs = [layout.value(node.inputs[0]!), null, scales, ...(sizes ? [sizes] : [])];
  return [layout.result(lowering.emit('Resize', inputs, { mode, ...places[place] }, { typed: [0] }))];
};

/** How many times larger each axis becomes, where all are whole numbers: then no size has to be known. */
function wholeFactors(node: OpNode): readonly number[] | null {
  const { shape } = node.inputs[0]!;
  const wanted = node.outputs[0]!.shape;
  const spatial = (node.attributes.channelsFirst ? 2 : 1) as number;
  const factors = shape.map((size, axis) => {
    const isSpatial = axis >= spatial && axis < spatial + shape.length - 2;
    if (!isSpatial) return 1;
    return size === null || wanted[axis] === null ? null : wanted[axis]! / size;
  });
  return factors.every((factor): factor is number => factor !== null && Number.isInteger(factor)) ? factors : null;
}

/** Sizes of all axes in the layout's order; ONNX Runtime moves axes wrongly where only some are named. */
function sizesOf(node: OpNode, layout: Layout, lowering: Lowering) {
  const rest: SymbolicTensor[] = node.inputs.slice(1);
  const sizes = layout.items((node.attributes.sizes as Shape).map(size => size ?? rest.shift()!));
  return lowering.sizes(
    sizes.map(size => (typeof size === 'number' ? size : null)),
    sizes.filter(size => typeof size !== 'number'),
  );
}

export const resampleRules: { readonly [op: string]: Rule } = { resample };
