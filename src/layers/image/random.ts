/**
 * Layers that change pictures at random while training and let them through at inference, as Keras itself does
 * (base_image_preprocessing_layer.py: transform_images with training false).
 */

import { isFloating } from '../../numbers/dtype.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { dataFormat, int, oneOf } from '../fields.ts';
import { cropMiddle, type Extent, extentOf, inscribed } from '../picture-window.ts';
import { resize } from '../resize.ts';

const unchanged = [
  'AugMix',
  'CutMix',
  'Equalization',
  'MaxNumBoundingBoxes',
  'MixUp',
  'RandAugment',
  'RandomBrightness',
  'RandomColorDegeneration',
  'RandomColorJitter',
  'RandomContrast',
  'RandomElasticTransform',
  'RandomErasing',
  'RandomFlip',
  'RandomGaussianBlur',
  'RandomGrayscale',
  'RandomHeight',
  'RandomHue',
  'RandomInvert',
  'RandomPerspective',
  'RandomPosterization',
  'RandomRotation',
  'RandomSaturation',
  'RandomSharpness',
  'RandomShear',
  'RandomTranslation',
  'RandomWidth',
  'RandomZoom',
  'Solarization',
].map(name =>
  defineLayer({
    name,
    config: {},
    callArguments: ['data', 'training'],
    outputShape: (_config, [x]) => x!,
    call: (_config, _weights, inputs, ops, { computeDtype }) =>
      inputs.map(x => (isFloating(x.dtype) || !isFloating(computeDtype) ? x : ops.cast(x, computeDtype))),
  }),
);

type Target = readonly [number, number];

/** Cuts the largest window of the target's proportions out of the middle and resizes it. */
function cropAndResize(x: SymbolicTensor, target: Target, channelsFirst: boolean, ops: Ops): SymbolicTensor {
  const window = inscribed(extentOf(x, channelsFirst, ops), target, ops);
  return resizeTo(cropMiddle(x, window, channelsFirst, ops), target, channelsFirst, ops);
}

/** TF 2.3 to 2.7: resizes until one side fits, then cuts the middle out. */
function resizeAndCrop(x: SymbolicTensor, [height, width]: Target, ops: Ops): SymbolicTensor {
  const [rows, columns] = x.shape.slice(-3, -1) as [number, number];
  const tall = rows / columns > height / width;
  const extent: Extent = tall
    ? [Math.trunc((width * rows) / columns), width]
    : [height, Math.trunc((height * columns) / rows)];
  return cropMiddle(resizeTo(x, extent as Target, false, ops), [height, width], false, ops);
}

function resizeTo(x: SymbolicTensor, target: Target, channelsFirst: boolean, ops: Ops): SymbolicTensor {
  const dataFormat = channelsFirst ? 'channels_first' : 'channels_last';
  return resize(x, target, { interpolation: 'bilinear', dataFormat, antialias: false }, ops);
}

const randomCrop = defineLayer({
  name: 'RandomCrop',
  config: {
    height: int(),
    width: int(),
    dataFormat: dataFormat(),
    /** Ours (see era-keys.ts): what happens at inference. Since Keras 3.8 nothing does. */
    inference: oneOf(['unchanged', 'crop_and_resize', 'resize_and_crop'], 'unchanged'),
  },
  callArguments: ['data', 'training'],
  call({ height, width, dataFormat, inference }, _weights, [x, ...others], ops) {
    if (inference === 'unchanged') return [x!, ...others];
    const single = x!.shape.length === 3;
    const batch = single ? ops.expandDims(x!, 0) : x!;
    const channelsFirst = dataFormat === 'channels_first';
    const target = [height, width] as const;
    const cropped =
      inference === 'crop_and_resize'
        ? cropAndResize(batch, target, channelsFirst, ops)
        : resizeAndCrop(batch, target, ops);
    return [single ? ops.squeeze(cropped, { axis: 0 }) : cropped, ...others];
  },
});

export default [...unchanged, randomCrop];
