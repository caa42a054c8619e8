/** Resizing of pictures. Which cell stands for which place is told by two attributes of TF1, or both being off. */

import { type Interpolation, resize } from '../../../layers/resize.ts';
import * as ops from '../../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringTable, unsupported } from '../define.ts';

const options = { dataFormat: 'channels_last', antialias: false } as const;

const resizeBy =
  (legacy: Interpolation | null, today: Interpolation): Lowering =>
  node => {
    const size = node.sizes(1);
    if (node.attributes.bool('align_corners', false)) throw unsupported(node.where, `${node.op} with align_corners`);
    if (node.attributes.bool('half_pixel_centers', false))
      return resize(node.x(0), size, { ...options, interpolation: today }, ops);
    if (legacy === null) throw unsupported(node.where, `${node.op} without half_pixel_centers`);
    return resize(node.x(0), size, { ...options, interpolation: legacy }, ops);
  };

/** Nearest cells as TF1 has them: ⌊i·from/to⌋. */
const nearest: Lowering = (node, context) => {
  if (node.attributes.bool('half_pixel_centers', false)) return resizeBy(null, 'nearest')(node, context);
  if (node.attributes.bool('align_corners', false)) throw unsupported(node.where, `${node.op} with align_corners`);
  return node.sizes(1).reduce<SymbolicTensor>((x, to, at) => {
    const from = ops.shape(x)[1 + at]!;
    return ops.take(x, cells(from, to), { axis: 1 + at });
  }, node.x(0));
};

function cells(from: SizeLike, to: SizeLike): SymbolicTensor {
  const step = ops.divide(ops.cast(from, 'float32'), ops.cast(to, 'float32'));
  const places = ops.floor(ops.multiply(ops.arange(0, { stop: to, dtype: 'float32' }), step));
  return ops.minimum(ops.cast(places, 'int32'), ops.subtract(ops.cast(from, 'int32'), 1));
}

export const images: LoweringTable = {
  ResizeNearestNeighbor: nearest,
  ResizeBilinear: resizeBy('bilinear_legacy', 'bilinear'),
  ResizeBicubic: resizeBy(null, 'bicubic'),
  ResizeArea: node => resize(node.x(0), node.sizes(1), { ...options, interpolation: 'area' }, ops),
};
