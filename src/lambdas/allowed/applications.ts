/**
 * `keras.applications.*.preprocess_input`, and the few losses that people call on tensors: arithmetic that stands in
 * many Lambda layers (keras/applications/imagenet_utils.py, keras/losses).
 */

import type { SymbolicTensor } from '../../ops/index.ts';
import { refuse } from '../machine/refuse.ts';
import { tensorflowMajor } from '../machine/session.ts';
import { pyTensor } from '../machine/values.ts';
import { type Allowed, type Arguments, allow, namespaceOf } from './define.ts';
import { l2Normalize } from './tensorflow-nn.ts';

type Mode = 'tf' | 'torch' | 'caffe' | 'identity';

const modes: Readonly<Record<Mode, string>> = {
  tf: 'mobilenet mobilenet_v2 inception_v3 inception_resnet_v2 xception nasnet resnet_v2',
  torch: 'densenet',
  caffe: 'vgg16 vgg19 resnet resnet50',
  identity: 'efficientnet efficientnet_v2 convnext mobilenet_v3 regnet',
};

function preprocess(given: Arguments, mode: Mode): SymbolicTensor {
  const { ops } = given;
  const x = given.tensor('x');
  if (mode === 'identity') return x;
  const real = /float/.test(x.dtype) ? x : ops.cast(x, 'float32');
  if (mode === 'tf') return ops.subtract(ops.divide(real, 127.5), 1);
  if (given.given('data_format') && given.text('data_format') === 'channels_first')
    return refuse('preprocess_input with channels first');
  if (mode === 'torch') {
    const centred = ops.subtract(ops.divide(real, 255), ops.constant([0.485, 0.456, 0.406], real.dtype));
    return ops.divide(centred, ops.constant([0.229, 0.224, 0.225], real.dtype));
  }
  return ops.subtract(ops.flip(real, { axis: [-1] }), ops.constant([103.939, 116.779, 123.68], real.dtype));
}

const applicationRows: Record<string, Allowed> = {
  'imagenet_utils.preprocess_input': allow('x data_format mode', given => {
    const mode = given.text('mode', 'caffe');
    return pyTensor(preprocess(given, mode === 'tf' || mode === 'torch' ? mode : 'caffe'));
  }),
};
for (const [mode, networks] of Object.entries(modes)) {
  for (const network of networks.split(' ')) {
    applicationRows[`${network}.preprocess_input`] = allow('x data_format', given =>
      pyTensor(preprocess(given, mode as Mode)),
    );
  }
}

export const applications = namespaceOf(applicationRows);

const perSample = (distance: (given: Arguments, a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor): Allowed =>
  allow('y_true y_pred axis', given => {
    const [a, b] = [given.tensor('y_true'), given.tensor('y_pred')];
    return pyTensor(given.ops.mean(distance(given, a, b), { axis: given.int('axis', -1) }));
  });

export const losses = namespaceOf({
  'mean_squared_error mse': perSample(({ ops }, a, b) => {
    const difference = ops.subtract(b, a);
    return ops.multiply(difference, difference);
  }),
  'mean_absolute_error mae': perSample(({ ops }, a, b) => ops.abs(ops.subtract(b, a))),
  // TensorFlow 1 gave it without the minus of a loss.
  cosine_similarity: allow('y_true y_pred axis', given => {
    if (tensorflowMajor(given.session, 'cosine_similarity') === 1) return refuse('cosine_similarity of TensorFlow 1');
    const axis = given.int('axis', -1);
    const unit = (name: string) => l2Normalize(given, given.tensor(name), axis, 1e-12);
    return pyTensor(given.ops.negative(given.ops.sum(given.ops.multiply(unit('y_true'), unit('y_pred')), { axis })));
  }),
});
