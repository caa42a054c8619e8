/** Functions of `tf.image`. Pictures have their rows, columns and channels last, with or without a batch axis. */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type Given, unsupported } from './row.ts';
import { functions, optionalNumber, type Table, tensor } from './tensorflow-functions.ts';
import { readDType } from './values.ts';

function picture(given: Given, ops: Ops): SymbolicTensor {
  return ops.convertToTensor(tensor(given('image', 'images')));
}

/** Rows and columns. Throws where the model leaves them open. */
function extentOf(x: SymbolicTensor, name: string): readonly [number, number] {
  const [rows, columns] = x.shape.slice(-3, -1);
  if (typeof rows === 'number' && typeof columns === 'number') return [rows, columns];
  throw unsupported(name, 'the size of its pictures is not known');
}

type Window = readonly [top: number, left: number, height: number, width: number];

function cut(x: SymbolicTensor, [top, left, height, width]: Window, ops: Ops): SymbolicTensor {
  const range = (start: number, size: number) => ({ start, stop: start + size });
  return ops.getItem(x, ['...', range(top, height), range(left, width), { start: null, stop: null }]);
}

/** Zeros around a picture until it has the wanted size. */
function enclose(x: SymbolicTensor, [top, left, height, width]: Window, ops: Ops): SymbolicTensor {
  const [rows, columns] = extentOf(x, 'image padding');
  const before = x.shape.slice(0, -3).map((): [number, number] => [0, 0]);
  return ops.pad(x, [...before, [top, height - top - rows], [left, width - left - columns], [0, 0]]);
}

function windowOf(given: Given): Window {
  const number = (name: string) => given(name) as number;
  return [number('offset_height'), number('offset_width'), number('target_height'), number('target_width')];
}

/** The middle cut out, or zeros around it, each axis by itself. */
function cropOrPad(x: SymbolicTensor, height: number, width: number, ops: Ops): SymbolicTensor {
  const [rows, columns] = extentOf(x, 'resize_with_crop_or_pad');
  const over = (size: number, wanted: number) => Math.max(Math.floor((size - wanted) / 2), 0);
  const kept: Window = [over(rows, height), over(columns, width), Math.min(rows, height), Math.min(columns, width)];
  const middle = cut(x, kept, ops);
  return enclose(middle, [over(height, rows), over(width, columns), height, width], ops);
}

const windows: Table = {
  ...functions('image.central_crop', 'image central_fraction', (given, ops) => {
    const x = picture(given, ops);
    const sides = extentOf(x, 'central_crop');
    const [top, left] = sides.map(size => Math.trunc((size - size * (given('central_fraction') as number)) / 2));
    return cut(x, [top!, left!, sides[0] - 2 * top!, sides[1] - 2 * left!], ops);
  }),
  ...functions(
    'image.crop_to_bounding_box',
    'image offset_height offset_width target_height target_width',
    (given, ops) => cut(picture(given, ops), windowOf(given), ops),
  ),
  ...functions(
    'image.pad_to_bounding_box',
    'image offset_height offset_width target_height target_width',
    (given, ops) => enclose(picture(given, ops), windowOf(given), ops),
  ),
  ...functions('image.resize_with_crop_or_pad', 'image target_height target_width', (given, ops) =>
    cropOrPad(picture(given, ops), given('target_height') as number, given('target_width') as number, ops),
  ),
  ...functions('image.extract_patches', 'images sizes strides rates padding', (given, ops) => {
    const inner = (name: string) => (given(name) as readonly number[]).slice(1, 3);
    return ops.extractPatches(picture(given, ops), inner('sizes'), {
      strides: inner('strides'),
      dilationRate: inner('rates'),
      padding: String(given('padding')).toLowerCase() as 'valid' | 'same',
    });
  }),
  ...functions('image.rot90', 'image k', (given, ops) => {
    const x = picture(given, ops);
    const rank = x.shape.length;
    return ops.rot90(x, { k: optionalNumber(given('k')) ?? 1, axes: [rank - 3, rank - 2] });
  }),
  ...functions('image.transpose', 'image', (given, ops) => ops.swapaxes(picture(given, ops), -3, -2)),
};

/** Colours through a matrix: what each channel of the input (row) gives to each of the output. */
function recoloured(names: string, matrix: readonly (readonly number[])[]): Table {
  return functions(names, 'images', (given, ops) => ops.tensordot(picture(given, ops), matrix, { axes: 1 }));
}

const colours: Table = {
  ...recoloured('image.rgb_to_yuv', [
    [0.299, -0.14714119, 0.61497538],
    [0.587, -0.28886916, -0.51496512],
    [0.114, 0.43601035, -0.10001026],
  ]),
  ...recoloured('image.yuv_to_rgb', [
    [1, 1, 1],
    [0, -0.394642334, 2.03206185],
    [1.13988303, -0.58062185, 0],
  ]),
  ...recoloured('image.rgb_to_yiq', [
    [0.299, 0.59590059, 0.2115],
    [0.587, -0.27455667, -0.52273617],
    [0.114, -0.32134392, 0.31119955],
  ]),
  ...functions('image.rgb_to_grayscale', 'images', (given, ops) => ops.rgbToGrayscale(picture(given, ops))),
  ...functions('image.grayscale_to_rgb', 'images', (given, ops) => {
    const x = picture(given, ops);
    return ops.concatenate([x, x, x], { axis: -1 });
  }),
  ...functions('image.rgb_to_hsv', 'images', (given, ops) => ops.rgbToHsv(picture(given, ops))),
  ...functions('image.hsv_to_rgb', 'images', (given, ops) => ops.hsvToRgb(picture(given, ops))),
  ...functions('image.adjust_brightness', 'image delta', (given, ops) =>
    ops.add(picture(given, ops), tensor(given('delta'))),
  ),
  ...functions('image.adjust_contrast', 'images contrast_factor', (given, ops) => {
    const x = picture(given, ops);
    const mean = ops.mean(x, { axis: [-3, -2], keepdims: true });
    return ops.add(ops.multiply(ops.subtract(x, mean), tensor(given('contrast_factor'))), mean);
  }),
  ...functions('image.adjust_gamma', 'image gamma gain', (given, ops) =>
    ops.multiply(ops.power(picture(given, ops), tensor(given('gamma') ?? 1)), tensor(given('gain') ?? 1)),
  ),
  ...functions('image.per_image_standardization', 'image', (given, ops) => {
    const x = ops.cast(picture(given, ops), 'float32');
    const axis = [-3, -2, -1];
    const count = ops.cast(
      ops.prod(
        ops.stack(
          ops
            .shape(x)
            .slice(-3)
            .map(size => ops.convertToTensor(size)),
        ),
      ),
      'float32',
    );
    const deviation = ops.maximum(ops.std(x, { axis, keepdims: true }), ops.rsqrt(count));
    return ops.divide(ops.subtract(x, ops.mean(x, { axis, keepdims: true })), deviation);
  }),
  ...functions('image.convert_image_dtype', 'image dtype saturate', (given, ops) => {
    const x = picture(given, ops);
    const wanted = readDType(given('dtype'), 'convert_image_dtype');
    if (x.dtype === wanted) return x;
    if (x.dtype === 'uint8' && wanted.startsWith('float')) return ops.multiply(ops.cast(x, wanted), 1 / 255);
    if (x.dtype.startsWith('float') && wanted.startsWith('float')) return ops.cast(x, wanted);
    throw unsupported('convert_image_dtype', `from ${x.dtype} to ${wanted}`);
  }),
};

/** What a picture changes from one row (or column) to the next. */
function change(x: SymbolicTensor, axis: -3 | -2, ops: Ops): SymbolicTensor {
  const all = { start: null, stop: null } as const;
  const range = (start: number | null, stop: number | null) =>
    axis === -3 ? ['...' as const, { start, stop }, all, all] : ['...' as const, { start, stop }, all];
  return ops.subtract(ops.getItem(x, range(1, null)), ops.getItem(x, range(null, -1)));
}

const measures: Table = {
  ...functions('image.image_gradients', 'image', (given, ops) => {
    const x = picture(given, ops);
    return ([-3, -2] as const).map(axis => {
      const difference = change(x, axis, ops);
      const at = x.shape.length + axis;
      return ops.pad(
        difference,
        x.shape.map((_, other): [number, number] => [0, other === at ? 1 : 0]),
      );
    });
  }),
  ...functions('image.total_variation', 'images', (given, ops) => {
    const x = picture(given, ops);
    const [rows, columns] = ([-3, -2] as const).map(axis =>
      ops.sum(ops.abs(change(x, axis, ops)), { axis: [-3, -2, -1] }),
    );
    return ops.add(rows!, columns!);
  }),
  ...functions('image.psnr', 'a b max_val', (given, ops) => {
    const error = ops.mean(ops.square(ops.subtract(tensor(given('a')), tensor(given('b')))), { axis: [-3, -2, -1] });
    const peak = ops.square(ops.cast(tensor(given('max_val')), 'float32'));
    return ops.multiply(10, ops.log10(ops.divide(peak, error)));
  }),
};

export const tensorflowPictures: Table = { ...windows, ...colours, ...measures };
