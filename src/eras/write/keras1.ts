/**
 * What the tables for reading Keras 1 cannot say backwards: classes that two of today's stand for, kernel sizes that
 * had a key for each axis, forget biases that were an initializer.
 */

import type { Json, JsonObject } from '../../model/types.ts';

const classNames: Readonly<Record<string, string>> = {
  Conv1D: 'Convolution1D',
  Conv2D: 'Convolution2D',
  Conv3D: 'Convolution3D',
  Conv2DTranspose: 'Deconvolution2D',
  SeparableConv2D: 'SeparableConvolution2D',
};

const dilated: Readonly<Record<string, string>> = { Conv1D: 'AtrousConvolution1D', Conv2D: 'AtrousConvolution2D' };

/** Keras 1 merges by one class with a mode; the graph writer makes that of these. */
const mergeModes: Readonly<Record<string, string>> = {
  Add: 'sum',
  Multiply: 'mul',
  Average: 'ave',
  Maximum: 'max',
  Concatenate: 'concat',
  Dot: 'dot',
};

/** The class of Keras 1 that computes what today's does. */
export function classNameOfKeras1(className: string, config: JsonObject): string | null {
  if (className in mergeModes) return 'Merge';
  const rates = Array.isArray(config.dilation_rate) ? config.dilation_rate : [config.dilation_rate ?? 1];
  if (rates.some(rate => rate !== 1)) return dilated[className] ?? null;
  return classNames[className] ?? className;
}

/** Arguments that constructors of Keras 1 take though their get_config leaves them out (advanced_activations.py of 1.2.2). */
export const takenByKeras1: Readonly<Record<string, JsonObject>> = { PReLU: { shared_axes: null } };

/**
 * Arguments of today's class in the units of Keras 1, still under today's keys where a table renames them. `className`
 * is that of Keras 1.
 */
export function configOfKeras1(className: string, today: string, config: JsonObject): JsonObject {
  const written: { [key: string]: Json } = { ...config };
  const kernel = listOf(config.kernel_size);
  if (/2D$/.test(className)) Object.assign(written, { nb_row: kernel[0] ?? null, nb_col: kernel[1] ?? null });
  if (/3D$/.test(className)) {
    Object.assign(written, {
      kernel_dim1: kernel[0] ?? null,
      kernel_dim2: kernel[1] ?? null,
      kernel_dim3: kernel[2] ?? null,
    });
  }
  // One axis: plain numbers, no lists.
  if (/1D$/.test(className)) {
    for (const key of ['kernel_size', 'strides', 'pool_size', 'dilation_rate', 'size']) {
      if (Array.isArray(config[key])) written[key] = (config[key] as readonly Json[])[0] ?? null;
    }
  }
  if (config.unit_forget_bias !== undefined) written.forget_bias_init = config.unit_forget_bias ? 'one' : 'zero';
  if (config.data_format !== undefined) written.data_format = config.data_format === 'channels_first' ? 'th' : 'tf';
  if (today in mergeModes) Object.assign(written, mergeOf(today, config));
  // Gates side by side in one matrix, as today, stand so under 'gpu' only (recurrent.py of 1.2.2).
  if (className === 'LSTM' || className === 'GRU') written.consume_less = 'gpu';
  if (className.startsWith('ZeroPadding') && Array.isArray(config.padding)) written.padding = paddingOf(config.padding);
  return written;
}

function mergeOf(today: string, config: JsonObject): JsonObject {
  const mode = today === 'Dot' && config.normalize === true ? 'cos' : (mergeModes[today] ?? null);
  const axis: JsonObject = today === 'Concatenate' ? { concat_axis: config.axis ?? -1 } : {};
  return { mode, ...axis, ...(today === 'Dot' && { dot_axes: config.axes ?? -1 }) };
}

/** One number an axis where both sides are alike; two dimensions otherwise name their sides. */
function paddingOf(padding: readonly Json[]): Json {
  const sides = padding.map(pair => (Array.isArray(pair) ? (pair as readonly Json[]) : [pair, pair]));
  if (!padding.some(pair => Array.isArray(pair))) return padding;
  if (sides.every(([before, after]) => before === after)) return sides.map(([before = null]) => before);
  const [[top = 0, bottom = 0] = [], [left = 0, right = 0] = []] = sides;
  return sides.length === 2 ? { top_pad: top, bottom_pad: bottom, left_pad: left, right_pad: right } : padding;
}

function listOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value, value, value];
}

/**
 * The config without what its class cannot take from JSON: ConvLSTM2D hands strides to a backend that adds them to a
 * tuple (convolutional_recurrent.py of 1.2.2), so only the default can be left out. Null where it is another.
 */
export function takenFromLists(className: string, config: JsonObject): JsonObject | null {
  if (className !== 'ConvLSTM2D') return config;
  const { subsample = null, ...rest } = config;
  return Array.isArray(subsample) && subsample.every(stride => stride === 1) ? rest : null;
}
