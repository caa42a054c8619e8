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

const kernels: { readonly [type: string]: 'triangle' | 'cubic' | 'lanczos3' | 'lanczos5' } = {
  triangle: 'triangle',
  keyscubic: 'cubic',
  lanczos3: 'lanczos3',
  lanczos5: 'lanczos5',
};

/** What `tf.image.resize` with antialiasing comes to. */
const scaleAndTranslate: Lowering = node => {
  const type = node.attributes.text('kernel_type', 'lanczos3');
  const kernel = kernels[type];
  if (!kernel) throw unsupported(node.where, `${node.op} with the kernel ${type}`);
  const antialias = node.attributes.bool('antialias', true);
  const [rows, columns] = node.numbers(1);
  return ops.scaleAndTranslate(node.x(0), [0, rows!, columns!, 0], node.x(2), node.x(3), [1, 2], kernel, { antialias });
};

/** Pictures brought away from their own mean by a factor, channel by channel. */
const adjustContrast: Lowering = node => {
  const mean = ops.mean(node.x(0), { axis: [-3, -2], keepdims: true });
  return ops.add(ops.multiply(ops.subtract(node.x(0), mean), node.x(1)), mean);
};

/** Rectangles of pictures, each brought to one size between its corners; what lies outside has one value. */
const cropAndResize: Lowering = node => {
  const method = node.attributes.text('method', 'bilinear');
  const outside = node.attributes.float('extrapolation_value', 0);
  const x = ops.cast(node.x(0), 'float32');
  const corners = ops.unstack(node.x(1), { num: 4, axis: 1 });
  const [rows, columns] = ops.shape(x).slice(1, 3) as [SizeLike, SizeLike];
  const [height, width] = node.numbers(3) as [number, number];
  const ys = ops.expandDims(placesBetween(corners[0]!, corners[2]!, rows, height), 2);
  const xs = ops.expandDims(placesBetween(corners[1]!, corners[3]!, columns, width), 1);
  const at = (y: SymbolicTensor, z: SymbolicTensor) => cellsAt(x, node.x(2), y, z, [rows, columns]);
  const inside = ops.expandDims(ops.logicalAnd(isWithin(ys, rows), isWithin(xs, columns)), -1);
  if (method === 'nearest') return ops.where(inside, at(ops.round(ys), ops.round(xs)), outside);
  const [top, left] = [ops.floor(ys), ops.floor(xs)];
  const [bottom, right] = [ops.ceil(ys), ops.ceil(xs)];
  const mix = (a: SymbolicTensor, b: SymbolicTensor, part: SymbolicTensor) =>
    ops.add(a, ops.multiply(ops.subtract(b, a), ops.expandDims(part, -1)));
  const across = ops.subtract(xs, left);
  const upper = mix(at(top, left), at(top, right), across);
  const lower = mix(at(bottom, left), at(bottom, right), across);
  return ops.where(inside, mix(upper, lower, ops.subtract(ys, top)), outside);
};

/** Places along one axis for each rectangle; a single one lies in its middle. */
function placesBetween(from: SymbolicTensor, to: SymbolicTensor, size: SizeLike, count: number): SymbolicTensor {
  const last = ops.subtract(ops.cast(ops.convertToTensor(size), 'float32'), 1);
  const [start, stop] = [from, to].map(x => ops.expandDims(ops.multiply(x, last), 1)) as [
    SymbolicTensor,
    SymbolicTensor,
  ];
  if (count === 1) return ops.multiply(0.5, ops.add(start, stop));
  const line = ops.expandDims(ops.divide(ops.arange(0, { stop: count, dtype: 'float32' }), count - 1), 0);
  return ops.add(start, ops.multiply(ops.subtract(stop, start), line));
}

function isWithin(places: SymbolicTensor, size: SizeLike): SymbolicTensor {
  const last = ops.subtract(ops.cast(ops.convertToTensor(size), 'float32'), 1);
  return ops.logicalAnd(ops.greaterEqual(places, 0), ops.lessEqual(places, last));
}

/** The cells of pictures at rows (N, h, 1) and columns (N, 1, w). */
function cellsAt(
  x: SymbolicTensor,
  pictures: SymbolicTensor,
  ys: SymbolicTensor,
  xs: SymbolicTensor,
  sizes: readonly SizeLike[],
): SymbolicTensor {
  const whole = [ys, xs].map((places, axis) => {
    const last = ops.subtract(ops.cast(ops.convertToTensor(sizes[axis]!), 'float32'), 1);
    return ops.cast(ops.minimum(ops.maximum(places, 0), last), 'int32');
  }) as [SymbolicTensor, SymbolicTensor];
  const picture = ops.reshape(ops.cast(pictures, 'int32'), [-1, 1, 1]);
  const zeros = ops.zerosLike(ops.add(whole[0], whole[1]));
  const vectors = [picture, ...whole].map(part => ops.add(part, zeros));
  return ops.gatherNd(x, ops.stack(vectors, { axis: -1 }));
}

/** Pictures with hue or saturation changed, the rest as it was. */
const adjustColour =
  (
    change: (hue: SymbolicTensor, saturation: SymbolicTensor, by: SymbolicTensor) => readonly SymbolicTensor[],
  ): Lowering =>
  node => {
    const parts = ops.unstack(ops.rgbToHsv(node.x(0), { dataFormat: 'channels_last' }), { num: 3, axis: -1 });
    const [hue, saturation] = change(parts[0]!, parts[1]!, node.x(1));
    return ops.hsvToRgb(ops.stack([hue!, saturation!, parts[2]!], { axis: -1 }), { dataFormat: 'channels_last' });
  };

const fillModes = { CONSTANT: 'constant', NEAREST: 'nearest', WRAP: 'wrap', REFLECT: 'reflect' } as const;

/** Pictures seen through a projection of the plane, each its own or all the same. */
const projectiveTransform: Lowering = node => {
  const mode = node.attributes.text('fill_mode', 'CONSTANT');
  const fillMode = fillModes[mode as keyof typeof fillModes];
  if (!fillMode) throw unsupported(node.where, `${node.op} with the fill mode ${mode}`);
  return ops.affineTransform(node.x(0), node.x(1), {
    interpolation: node.attributes.text('interpolation') === 'NEAREST' ? 'nearest' : 'bilinear',
    fillMode,
    fillValue: node.inputs.length > 3 ? node.x(3) : 0,
    dataFormat: 'channels_last',
    size: node.sizes(2) as readonly [SizeLike, SizeLike],
  });
};

export const images: LoweringTable = {
  ImageProjectiveTransformV2: projectiveTransform,
  ImageProjectiveTransformV3: projectiveTransform,
  RGBToHSV: node => ops.rgbToHsv(node.x(0), { dataFormat: 'channels_last' }),
  HSVToRGB: node => ops.hsvToRgb(node.x(0), { dataFormat: 'channels_last' }),
  AdjustContrastv2: adjustContrast,
  AdjustHue: adjustColour((hue, saturation, by) => [ops.mod(ops.add(hue, by), 1), saturation]),
  AdjustSaturation: adjustColour((hue, saturation, by) => [hue, ops.clip(ops.multiply(saturation, by), 0, 1)]),
  ScaleAndTranslate: scaleAndTranslate,
  CropAndResize: cropAndResize,
  ResizeNearestNeighbor: nearest,
  ResizeBilinear: resizeBy('bilinear_legacy', 'bilinear'),
  ResizeBicubic: resizeBy(null, 'bicubic'),
  ResizeArea: node => resize(node.x(0), node.sizes(1), { ...options, interpolation: 'area' }, ops),
};
