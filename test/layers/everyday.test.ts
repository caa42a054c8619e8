import { describe, expect, it } from 'vitest';
import { inferLayer } from '../../src/layers/infer.ts';
import { float32Policy } from '../../src/layers/policy.ts';
import type { JsonObject } from '../../src/model/types.ts';
import type { Shape } from '../../src/numbers/tensor.ts';

type Row = [
  className: string,
  config: JsonObject,
  inputs: readonly Shape[],
  output: Shape,
  weights: { readonly [name: string]: readonly number[] },
];

function infer(className: string, config: JsonObject, inputs: readonly Shape[]) {
  const source = {
    name: 'layer',
    className,
    origin: 'layer' as const,
    registeredName: null,
    config,
    dtype: float32Policy,
    weights: null,
    sublayers: {},
    model: null,
    assets: {},
  };
  return inferLayer(
    source,
    inputs.map(shape => ({ shape })),
  );
}

const image: Shape = [null, 8, 9, 4];
const series: Shape = [null, 10, 4];
const volume: Shape = [null, 5, 6, 7, 4];

/** Shapes as Keras gives them: conv_utils, compute_output_shape and build of the layers named. */
const rows: readonly Row[] = [
  ['Dense', { units: 3 }, [[null, 5, 4]], [null, 5, 3], { kernel: [4, 3], bias: [3] }],
  ['Dense', { units: 3, use_bias: false }, [[null, 4]], [null, 3], { kernel: [4, 3] }],
  [
    'Conv1D',
    { filters: 2, kernel_size: [3], strides: [2], padding: 'causal' },
    [series],
    [null, 5, 2],
    { kernel: [3, 4, 2], bias: [2] },
  ],
  [
    'Conv2D',
    { filters: 6, kernel_size: [3, 3], padding: 'same', strides: [2, 2] },
    [image],
    [null, 4, 5, 6],
    { kernel: [3, 3, 4, 6], bias: [6] },
  ],
  [
    'Conv2D',
    { filters: 6, kernel_size: [3, 3], groups: 2, dilation_rate: [2, 2] },
    [image],
    [null, 4, 5, 6],
    { kernel: [3, 3, 2, 6], bias: [6] },
  ],
  [
    'Conv2D',
    { filters: 6, kernel_size: [3, 2], data_format: 'channels_first' },
    [[null, 4, 8, 9]],
    [null, 6, 6, 8],
    { kernel: [3, 2, 4, 6], bias: [6] },
  ],
  [
    'Conv2D',
    { filters: 6, kernel_size: [3, 3], padding: 'half', strides: [2, 2] },
    [image],
    [null, 4, 5, 6],
    { kernel: [3, 3, 4, 6], bias: [6] },
  ],
  [
    'Conv3D',
    { filters: 2, kernel_size: [2, 2, 2] },
    [volume],
    [null, 4, 5, 6, 2],
    { kernel: [2, 2, 2, 4, 2], bias: [2] },
  ],
  [
    'DepthwiseConv1D',
    { kernel_size: 3, depth_multiplier: 2 },
    [series],
    [null, 8, 8],
    { kernel: [3, 4, 2], bias: [8] },
  ],
  [
    'DepthwiseConv2D',
    { kernel_size: [3, 3], strides: [2, 2], padding: 'same' },
    [image],
    [null, 4, 5, 4],
    { kernel: [3, 3, 4, 1], bias: [4] },
  ],
  [
    'SeparableConv1D',
    { filters: 5, kernel_size: [3], depth_multiplier: 2 },
    [series],
    [null, 8, 5],
    { depthwise_kernel: [3, 4, 2], pointwise_kernel: [1, 8, 5], bias: [5] },
  ],
  [
    'SeparableConv2D',
    { filters: 5, kernel_size: [3, 3] },
    [image],
    [null, 6, 7, 5],
    { depthwise_kernel: [3, 3, 4, 1], pointwise_kernel: [1, 1, 4, 5], bias: [5] },
  ],
  [
    'Conv1DTranspose',
    { filters: 3, kernel_size: [3], strides: [2] },
    [series],
    [null, 21, 3],
    { kernel: [3, 3, 4], bias: [3] },
  ],
  [
    'Conv2DTranspose',
    { filters: 3, kernel_size: [3, 3], strides: [2, 2], padding: 'same' },
    [image],
    [null, 16, 18, 3],
    { kernel: [3, 3, 3, 4], bias: [3] },
  ],
  [
    'Conv2DTranspose',
    { filters: 3, kernel_size: [3, 3], strides: [2, 2], padding: 'same', output_padding: [0, 1] },
    [image],
    [null, 15, 18, 3],
    { kernel: [3, 3, 3, 4], bias: [3] },
  ],
  [
    'Conv2DTranspose',
    { filters: 3, kernel_size: [2, 2], strides: [3, 3] },
    [image],
    [null, 24, 27, 3],
    { kernel: [2, 2, 3, 4], bias: [3] },
  ],
  [
    'Conv3DTranspose',
    { filters: 2, kernel_size: [2, 2, 2] },
    [volume],
    [null, 6, 7, 8, 2],
    { kernel: [2, 2, 2, 2, 4], bias: [2] },
  ],
  [
    'LocallyConnected1D',
    { filters: 2, kernel_size: [3] },
    [series],
    [null, 8, 2],
    { kernel: [8, 12, 2], bias: [8, 2] },
  ],
  [
    'LocallyConnected2D',
    { filters: 2, kernel_size: [3, 3], strides: [2, 2] },
    [image],
    [null, 3, 4, 2],
    { kernel: [12, 36, 2], bias: [3, 4, 2] },
  ],
  [
    'LocallyConnected1D',
    { filters: 2, kernel_size: [3], padding: 'same', implementation: 2 },
    [series],
    [null, 10, 2],
    { kernel: [10, 4, 10, 2], bias: [10, 2] },
  ],
  [
    'LocallyConnected1D',
    { filters: 2, kernel_size: [3], implementation: 3 },
    [series],
    [null, 8, 2],
    { kernel: [8 * 3 * 4 * 2], bias: [8, 2] },
  ],
  ['MaxPooling1D', { pool_size: [3], strides: null }, [series], [null, 3, 4], {}],
  ['MaxPooling2D', { pool_size: [2, 2], strides: [2, 2], padding: 'same' }, [image], [null, 4, 5, 4], {}],
  ['AveragePooling3D', { pool_size: [2, 2, 2] }, [volume], [null, 2, 3, 3, 4], {}],
  ['GlobalAveragePooling2D', {}, [image], [null, 4], {}],
  ['GlobalMaxPooling1D', { keepdims: true }, [series], [null, 1, 4], {}],
  ['GlobalMaxPooling3D', { data_format: 'channels_first' }, [volume], [null, 5], {}],
  ['AdaptiveAveragePooling2D', { output_size: [3, 2] }, [image], [null, 3, 2, 4], {}],
  ['AdaptiveMaxPooling1D', { output_size: [3] }, [series], [null, 3, 4], {}],
  [
    'BatchNormalization',
    { axis: [-1] },
    [image],
    image,
    { gamma: [4], beta: [4], moving_mean: [4], moving_variance: [4] },
  ],
  [
    'BatchNormalization',
    { axis: 1, scale: false },
    [image],
    image,
    { beta: [8], moving_mean: [8], moving_variance: [8] },
  ],
  [
    'BatchNormalization',
    { axis: [1, 3], scale: false },
    [image],
    image,
    { beta: [1, 8, 1, 4], moving_mean: [1, 8, 1, 4], moving_variance: [1, 8, 1, 4] },
  ],
  ['LayerNormalization', { axis: [2, 3] }, [image], image, { gamma: [9, 4], beta: [9, 4] }],
  ['LayerNormalization', { axis: -1, rms_scaling: true }, [image], image, { gamma: [4] }],
  ['GroupNormalization', { groups: 2 }, [image], image, { gamma: [4], beta: [4] }],
  ['GroupNormalization', { groups: -1, axis: 1 }, [image], image, { gamma: [8], beta: [8] }],
  ['UnitNormalization', {}, [image], image, {}],
  ['RMSNormalization', {}, [image], image, { scale: [4] }],
  ['Normalization', { axis: [-1] }, [image], image, { mean: [4], variance: [4], count: [] }],
  ['Normalization', { axis: [-1], mean: [1, 2, 3, 4], variance: [1, 1, 1, 1] }, [image], image, {}],
  ['Normalization', { axis: null }, [image], image, { mean: [], variance: [], count: [] }],
  ['Dropout', { rate: 0.5 }, [image], image, {}],
  ['SpatialDropout2D', {}, [image], image, {}],
  ['GaussianNoise', {}, [image], image, {}],
  ['ActivityRegularization', {}, [image], image, {}],
  ['Flatten', { data_format: 'channels_first' }, [image], [null, 288], {}],
  ['Flatten', {}, [[null, null, 4]], [null, null], {}],
  ['Reshape', { target_shape: [-1, 12] }, [image], [null, 24, 12], {}],
  ['Permute', { dims: [3, 1, 2] }, [image], [null, 4, 8, 9], {}],
  ['RepeatVector', { n: 3 }, [[null, 4]], [null, 3, 4], {}],
  ['ZeroPadding1D', { padding: [1, 2] }, [series], [null, 13, 4], {}],
  [
    'ZeroPadding2D',
    {
      padding: [
        [1, 2],
        [3, 4],
      ],
    },
    [image],
    [null, 11, 16, 4],
    {},
  ],
  ['ZeroPadding2D', { padding: [1, 2] }, [image], [null, 10, 13, 4], {}],
  ['ZeroPadding3D', { padding: 1 }, [volume], [null, 7, 8, 9, 4], {}],
  ['Cropping1D', { cropping: [1, 2] }, [series], [null, 7, 4], {}],
  [
    'Cropping2D',
    {
      cropping: [
        [1, 2],
        [3, 0],
      ],
      data_format: 'channels_first',
    },
    [[null, 4, 8, 9]],
    [null, 4, 5, 6],
    {},
  ],
  ['Cropping3D', { cropping: [1, 1, 1] }, [volume], [null, 3, 4, 5, 4], {}],
  ['Rescaling', { scale: 1 / 255 }, [image], image, {}],
  ['UpSampling1D', { size: 3 }, [series], [null, 30, 4], {}],
  ['UpSampling2D', { size: [2, 3], interpolation: 'bilinear' }, [image], [null, 16, 27, 4], {}],
  ['UpSampling2D', { size: [2, 3], interpolation: 'lanczos3' }, [image], [null, 16, 27, 4], {}],
  [
    'UpSampling2D',
    { size: [2, 2], interpolation: 'bilinear_legacy' },
    [[null, null, null, 4]],
    [null, null, null, 4],
    {},
  ],
  ['UpSampling3D', { size: [2, 2, 2] }, [volume], [null, 10, 12, 14, 4], {}],
  ['Resizing', { height: 6, width: 12, crop_to_aspect_ratio: true }, [image], [null, 6, 12, 4], {}],
  ['Resizing', { height: 6, width: 12, pad_to_aspect_ratio: true }, [[null, null, null, 4]], [null, 6, 12, 4], {}],
  [
    'Resizing',
    { height: 6, width: 12, interpolation: 'nearest', data_format: 'channels_first' },
    [[null, 4, 8, 9]],
    [null, 4, 6, 12],
    {},
  ],
  ['CenterCrop', { height: 4, width: 5 }, [image], [null, 4, 5, 4], {}],
  ['CenterCrop', { height: 12, width: 5 }, [image], [null, 12, 5, 4], {}],
  ['Identity', {}, [image], image, {}],
  ['Add', {}, [image, image], image, {}],
  ['Subtract', {}, [image, image], image, {}],
  ['Multiply', {}, [image, [null, 4]], image, {}],
  ['Average', {}, [image, image, image], image, {}],
  ['Maximum', {}, [image, [null, 1, 1, 4]], image, {}],
  ['Minimum', {}, [image, image], image, {}],
  ['Concatenate', { axis: 1 }, [image, [null, 2, 9, 4]], [null, 10, 9, 4], {}],
  [
    'Dot',
    { axes: [2, 1] },
    [
      [null, 3, 4],
      [null, 4, 5],
    ],
    [null, 3, 5],
    {},
  ],
  [
    'Dot',
    { axes: 1, normalize: true },
    [
      [null, 4],
      [null, 4],
    ],
    [null, 1],
    {},
  ],
  ['Activation', { activation: 'softmax' }, [image], image, {}],
  ['Activation', { activation: { class_name: 'LeakyReLU', config: { negative_slope: 0.1 } } }, [image], image, {}],
  ['ReLU', { max_value: 6, negative_slope: 0.1, threshold: 1 }, [image], image, {}],
  ['LeakyReLU', { negative_slope: 0.1 }, [image], image, {}],
  ['PReLU', { shared_axes: [1, 2] }, [image], image, { alpha: [1, 1, 4] }],
  ['ELU', {}, [image], image, {}],
  ['ThresholdedReLU', { theta: 0.5 }, [image], image, {}],
  ['Softmax', { axis: [1, 2] }, [image], image, {}],
  [
    'EinsumDense',
    { equation: 'abc,cd->abd', output_shape: [null, 5], bias_axes: 'd' },
    [series],
    [null, 10, 5],
    { kernel: [4, 5], bias: [5] },
  ],
  [
    'EinsumDense',
    { equation: '...x,xyz->...yz', output_shape: [2, 3], bias_axes: 'yz' },
    [series],
    [null, 10, 2, 3],
    { kernel: [4, 2, 3], bias: [2, 3] },
  ],
  [
    'EinsumDense',
    { equation: 'ab...,bc->ac...', output_shape: 6, bias_axes: 'c' },
    [[null, 4, 7]],
    [null, 6, 7],
    { kernel: [4, 6], bias: [6, 1] },
  ],
];

describe.each(rows)('%s %j', (className, config, inputs, output, weights) => {
  const inferred = infer(className, config, inputs);

  it('traces without a finding', () => {
    expect(inferred.findings).toEqual([]);
  });

  it('has the output shape of Keras', () => {
    expect(inferred.calls[0]?.outputShapes).toEqual([output]);
  });

  it('has the variables of Keras, in its order', () => {
    expect(inferred.weights.map(({ name, shape }) => [name, shape])).toEqual(Object.entries(weights));
  });
});

describe('a wrong config', () => {
  it.each([
    ['Conv2D', { filters: 'many', kernel_size: [3, 3] }, '"filters" is "many", needed a whole number'],
    ['Conv2D', { filters: 2 }, '"kernel_size" is missing, needed a whole number or 2 of them'],
    ['Conv2D', { filters: 2, kernel_size: [3] }, '"kernel_size" is [3], needed a whole number or 2 of them'],
    ['MaxPooling2D', { padding: 'full' }, '"padding" is "full", needed one of valid, same, half'],
    [
      'ZeroPadding2D',
      { padding: [[1, 2]] },
      '"padding" is [[1,2]], needed a whole number, 2 of them, or a pair for each axis',
    ],
    ['Activation', { activation: 3 }, '"activation" is 3, needed the name of an activation, a function or a layer'],
  ])('%s %j names layer and key', (className, config, message) => {
    expect(infer(className, config as JsonObject, [image]).findings[0]?.what).toBe(`layer "layer": ${message}`);
  });
});
