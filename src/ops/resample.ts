/** Pictures, lines and volumes with other spatial sizes, each output cell taken from the nearest cells of the input. */

import type { Dim } from '../numbers/tensor.ts';
import { toTensor } from './convert.ts';
import { type DataFormat, joinChannels, splitChannels } from './convolution.ts';
import { record, refuse, shapeText } from './record.ts';
import { shape } from './shape.ts';
import { splitSizes } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

export interface ResampleOptions {
  /** One cell, or a line between the two nearest of each axis. */
  readonly mode?: 'nearest' | 'linear';
  /**
   * Which places correspond: the middles of cells (as TensorFlow 2 resizes), or their numbers (`corner`: repeating
   * cells, and TensorFlow 1's bilinear).
   */
  readonly place?: 'middle' | 'corner';
  readonly dataFormat?: DataFormat | null;
}

/** Resizes every spatial axis to `sizes`. `linear` is for floating tensors. */
export function resample(
  inputs: TensorLike,
  sizes: readonly SizeLike[],
  { mode = 'nearest', place = 'middle', dataFormat = null }: ResampleOptions = {},
): SymbolicTensor {
  const x = toTensor(inputs);
  const { channelsFirst, spatial, channels } = splitChannels(x, dataFormat);
  if (sizes.length !== spatial.length)
    refuse('resample', `${sizes.length} sizes for a tensor of shape ${shapeText(x.shape)}`);
  const { known } = splitSizes(sizes);
  const target: readonly Dim[] = joinChannels(x.shape[0]!, known, channels, channelsFirst);
  const rest = [...sizes];
  const whole = shape(x).map((size, axis) =>
    axis === 0 || axis === (channelsFirst ? 1 : target.length - 1) ? size : rest.shift()!,
  );
  const { known: wanted, dynamic } = splitSizes(whole);
  return record(
    'resample',
    [x, ...dynamic],
    { sizes: wanted, mode, place, channelsFirst },
    { shape: target, dtype: x.dtype },
  );
}
