/** `tf.image.*`: what is arithmetic on pictures (tensorflow/python/ops/image_ops_impl.py). */

import type { SymbolicTensor } from '../../ops/index.ts';
import { refuse } from '../machine/refuse.ts';
import { tensorflowMajor } from '../machine/session.ts';
import { pyTensor, pyText, type Value } from '../machine/values.ts';
import { ofOne, refuseRandom } from './common.ts';
import { type Allowed, type Arguments, allow } from './define.ts';

/** Axis of rows: pictures come alone or in batches. */
const rowAxis = (x: SymbolicTensor) => x.shape.length - 3;

function flipped(axisOf: (x: SymbolicTensor) => number): Allowed {
  return ofOne((ops, x) => ops.flip(x, { axis: [axisOf(x)] }), 'image name | images:image');
}

const resizeAliases = '| image:images';

export const imageRows: Readonly<Record<string, Allowed>> = {
  'image.flip_left_right': flipped(x => rowAxis(x) + 1),
  'image.flip_up_down': flipped(rowAxis),
  'image.transpose image.transpose_image': ofOne((ops, x) => ops.swapaxes(x, rowAxis(x), rowAxis(x) + 1), 'image name'),
  'image.rot90': allow('image k name', given => rotate(given)),
  'image.rgb_to_grayscale': allow('images name', given => {
    const { ops } = given;
    const weights = ops.constant([[0.2989], [0.587], [0.114]], 'float32');
    const x = given.tensor('images');
    return pyTensor(ops.cast(ops.matmul(ops.cast(x, 'float32'), weights), x.dtype));
  }),
  'image.grayscale_to_rgb': ofOne((ops, x) => ops.tile(x, [...x.shape.slice(1).map(() => 1), 3]), 'images name'),
  'image.central_crop': allow('image central_fraction', given => centralCrop(given)),
  'image.crop_to_bounding_box': allow('image offset_height offset_width target_height target_width', given =>
    pyTensor(crop(given, given.tensor('image'), bounds(given))),
  ),
  'image.pad_to_bounding_box': allow('image offset_height offset_width target_height target_width', given => {
    const x = given.tensor('image');
    const [rows, columns] = pictureSize(x);
    const { top, left, height, width } = bounds(given);
    return pyTensor(padded(given, x, [top, height - top - rows], [left, width - left - columns]));
  }),
  'image.resize_with_crop_or_pad image.resize_image_with_crop_or_pad': allow(
    'image target_height target_width',
    given => cropOrPad(given),
  ),
  'image.resize image.resize_v2': allow(
    `images size method preserve_aspect_ratio antialias name ${resizeAliases}`,
    given =>
      resize(
        given,
        given.value('method'),
        tensorflowMajor(given.session, 'tf.image.resize') === 1 ? 'corner' : 'centre',
      ),
  ),
  'image.resize_images': allow(`images size method align_corners preserve_aspect_ratio name ${resizeAliases}`, given =>
    resize(given, given.value('method'), firstSampling(given)),
  ),
  'image.resize_bilinear': allow(`images size align_corners name half_pixel_centers ${resizeAliases}`, given =>
    resize(given, pyText('bilinear'), firstSampling(given)),
  ),
  'image.resize_nearest_neighbor': allow(`images size align_corners name half_pixel_centers ${resizeAliases}`, given =>
    resize(given, pyText('nearest'), firstSampling(given)),
  ),
  'image.per_image_standardization': allow('image', given => {
    const { ops } = given;
    const x = ops.cast(given.tensor('image'), 'float32');
    const axis = [-1, -2, -3];
    const sizes = x.shape.slice(-3);
    if (sizes.includes(null)) return refuse('tf.image.per_image_standardization of pictures of unknown size');
    const pixels = sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
    const spread = ops.maximum(ops.std(x, { axis, keepdims: true }), 1 / Math.sqrt(pixels));
    return pyTensor(ops.divide(ops.subtract(x, ops.mean(x, { axis, keepdims: true })), spread));
  }),
  'image.adjust_brightness': allow('image delta', given =>
    pyTensor(given.ops.add(floating(given, 'image'), given.number('delta'))),
  ),
  'image.adjust_gamma': allow('image gamma gain', given =>
    pyTensor(
      given.ops.multiply(given.number('gain', 1), given.ops.power(floating(given, 'image'), given.number('gamma', 1))),
    ),
  ),
  'image.adjust_contrast': allow('images contrast_factor', given => {
    const { ops } = given;
    const x = floating(given, 'images');
    const mean = ops.mean(x, { axis: [-3, -2], keepdims: true });
    return pyTensor(ops.add(ops.multiply(ops.subtract(x, mean), given.number('contrast_factor')), mean));
  }),
  'image.convert_image_dtype': allow('image dtype saturate name', given => convertDtype(given)),
  'image.extract_patches image.extract_image_patches': allow(
    'images sizes strides rates padding name | ksizes:sizes',
    given => {
      const padding = given.text('padding').toLowerCase();
      if (padding !== 'same' && padding !== 'valid') return refuse(`padding ${padding}`);
      const inner = (name: string) => given.ints(name).slice(1, 3);
      const options = { strides: inner('strides'), dilationRate: inner('rates'), padding } as const;
      return pyTensor(given.ops.extractPatches(given.tensor('images'), inner('sizes'), options));
    },
  ),
  'image.random_flip_left_right image.random_flip_up_down image.random_brightness image.random_contrast image.random_crop image.random_hue image.random_saturation':
    refuseRandom('a function of tf.image.random_*'),
};

function floating(given: Arguments, name: string): SymbolicTensor {
  const x = given.tensor(name);
  return /float/.test(x.dtype) ? x : refuse(`pictures of dtype ${x.dtype} in tf.image`);
}

function pictureSize(x: SymbolicTensor): [number, number] {
  const [rows, columns] = x.shape.slice(-3);
  if (typeof rows !== 'number' || typeof columns !== 'number')
    return refuse('tf.image on pictures whose size is known only when the model runs');
  return [rows, columns];
}

interface Bounds {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

function bounds(given: Arguments): Bounds {
  const [top, left] = [given.int('offset_height'), given.int('offset_width')];
  return { top, left, height: given.int('target_height'), width: given.int('target_width') };
}

function crop({ ops }: Arguments, x: SymbolicTensor, { top, left, height, width }: Bounds): SymbolicTensor {
  const axis = rowAxis(x);
  return ops.stridedSlice(x, { axes: [axis, axis + 1], starts: [top, left], stops: [top + height, left + width] });
}

function padded(
  { ops }: Arguments,
  x: SymbolicTensor,
  rows: [number, number],
  columns: [number, number],
): SymbolicTensor {
  const none: [number, number] = [0, 0];
  const widths = [...x.shape.slice(0, -3).map(() => none), rows, columns, none];
  return ops.pad(x, widths, { mode: 'constant', constantValues: 0 });
}

function centralCrop(given: Arguments): Value {
  const x = given.tensor('image');
  const [rows, columns] = pictureSize(x);
  const fraction = given.number('central_fraction');
  const [top, left] = [rows, columns].map(size => Math.trunc((size - size * fraction) / 2)) as [number, number];
  return pyTensor(crop(given, x, { top, left, height: rows - 2 * top, width: columns - 2 * left }));
}

function cropOrPad(given: Arguments): Value {
  const x = given.tensor('image');
  const [rows, columns] = pictureSize(x);
  const [height, width] = [given.int('target_height'), given.int('target_width')];
  const half = (value: number) => Math.max(Math.floor(value / 2), 0);
  const cut = {
    top: half(rows - height),
    left: half(columns - width),
    height: Math.min(height, rows),
    width: Math.min(width, columns),
  };
  const cropped = crop(given, x, cut);
  const [above, before] = [half(height - rows), half(width - columns)];
  const below = height - cut.height - above;
  return pyTensor(padded(given, cropped, [above, below], [before, width - cut.width - before]));
}

function rotate(given: Arguments): Value {
  const { ops } = given;
  const x = given.tensor('image');
  const axis = rowAxis(x);
  const turns = ((given.int('k', 1) % 4) + 4) % 4;
  if (turns === 0) return pyTensor(x);
  if (turns === 2) return pyTensor(ops.flip(x, { axis: [axis, axis + 1] }));
  const swapped = ops.swapaxes(x, axis, axis + 1);
  return pyTensor(ops.flip(swapped, { axis: [turns === 1 ? axis : axis + 1] }));
}

const resizeMethods: Readonly<Record<string, string>> = {
  '0': 'bilinear',
  '1': 'nearest',
  '2': 'bicubic',
  '3': 'area',
};

/** Where a new pixel is sampled: at the old one's corner (TensorFlow 1), its centre (2), or with both ends aligned. */
export type Sampling = 'corner' | 'centre' | 'ends';

/** TensorFlow 1's functions, which later releases keep under `compat.v1`. */
function firstSampling(given: Arguments): Sampling {
  if (given.flag('align_corners')) return 'ends';
  return given.flag('half_pixel_centers') ? 'centre' : 'corner';
}

function resize(given: Arguments, method: Value | undefined, sampling: Sampling): Value {
  const named =
    method?.kind === 'string'
      ? method.value.toLowerCase()
      : resizeMethods[String(method?.kind === 'int' ? method.value : 0)];
  if (named !== 'bilinear' && named !== 'nearest') return refuse(`tf.image.resize with method ${named}`);
  if (given.flag('antialias') || given.flag('preserve_aspect_ratio')) {
    return refuse('tf.image.resize with antialias or preserve_aspect_ratio');
  }
  const [height, width] = given.ints('size');
  if (height === undefined || width === undefined) return refuse('tf.image.resize without a height and a width');
  const resized = resizePicture(given, given.tensor('images'), [height, width], named, sampling);
  return pyTensor(named === 'nearest' ? resized : given.ops.cast(resized, 'float32'));
}

/** Pictures in another size. */
export function resizePicture(
  { ops }: Arguments,
  x: SymbolicTensor,
  size: readonly [number, number],
  method: 'bilinear' | 'nearest',
  sampling: Sampling,
): SymbolicTensor {
  const [rows, columns] = pictureSize(x);
  const first = rowAxis(x);
  if (method === 'nearest') {
    const rowsTaken = ops.take(x, ops.constant(nearest(rows, size[0], sampling), 'int32'), { axis: first });
    return ops.take(rowsTaken, ops.constant(nearest(columns, size[1], sampling), 'int32'), { axis: first + 1 });
  }
  const along = (picture: SymbolicTensor, axis: number, from: number, to: number): SymbolicTensor => {
    if (from === to) return picture;
    const weights = ops.constant(resizeWeights(from, to, sampling), picture.dtype);
    return ops.moveaxis(ops.matmul(ops.moveaxis(picture, axis, -1), weights), -1, axis);
  };
  return along(along(ops.cast(x, 'float32'), first, rows, size[0]), first + 1, columns, size[1]);
}

/** The old position, in parts, that the new position `at` comes from. */
function sourceOf(at: number, from: number, to: number, sampling: Sampling): number {
  if (sampling === 'ends') return to > 1 ? (at * (from - 1)) / (to - 1) : 0;
  return sampling === 'corner' ? (at * from) / to : ((at + 0.5) * from) / to - 0.5;
}

function nearest(from: number, to: number, sampling: Sampling): number[] {
  return Array.from({ length: to }, (_, at) => {
    const source = sourceOf(at, from, to, sampling);
    const chosen = sampling === 'corner' ? Math.floor(source) : Math.floor(source + 0.5);
    return Math.min(Math.max(chosen, 0), from - 1);
  });
}

/** One column for each new position: the shares of the old positions in it. */
function resizeWeights(from: number, to: number, sampling: Sampling): number[][] {
  const weights = Array.from({ length: from }, () => new Array<number>(to).fill(0));
  for (let at = 0; at < to; at += 1) {
    const source = sourceOf(at, from, to, sampling);
    const low = Math.floor(source);
    const share = source - low;
    const rowOf = (index: number) => weights[Math.min(Math.max(index, 0), from - 1)] ?? [];
    rowOf(low)[at] = (rowOf(low)[at] ?? 0) + 1 - share;
    rowOf(low + 1)[at] = (rowOf(low + 1)[at] ?? 0) + share;
  }
  return weights;
}

function convertDtype(given: Arguments): Value {
  const x = given.tensor('image');
  const wanted = given.dtype('dtype') ?? 'float32';
  if (x.dtype === wanted || (/float/.test(x.dtype) && /float/.test(wanted))) return pyTensor(given.ops.cast(x, wanted));
  const largest: Readonly<Record<string, number>> = { uint8: 255, int8: 127, uint16: 65535, int16: 32767 };
  const limit = largest[x.dtype];
  if (limit === undefined || !/float/.test(wanted))
    return refuse(`tf.image.convert_image_dtype from ${x.dtype} to ${wanted}`);
  return pyTensor(given.ops.multiply(given.ops.cast(x, wanted), 1 / limit));
}
