import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras1-config',
  group: 'versions',
  title: 'The file is of Keras 1, whose names this Keras no longer knows',
  why: 'Keras 2 renamed nearly every constructor argument (nb_filter, border_mode, output_dim, input_dtype). Keras 2.0 to 2.2 translate them; later loaders do not.',
  signs: [
    {
      text: /Tensor conversion requested dtype int\d+ for Tensor with dtype float32: <tf\.Tensor '[^']*random_uniform/m,
      confidence: 0.85,
    },
    { text: /Improper config format: \{'name': 'L1L2Regularizer'/m, confidence: 0.95 },
    { text: /`mode` argument of `BatchNormalization` no longer exists/m, confidence: 0.95 },
    {
      text: /missing \d+ required positional arguments?: '(?:output_dim|units|filters|kernel_size|pool_size|rate|alpha|size)'/m,
      confidence: 0.6,
    },
    { text: /Unrecognized keyword arguments: \[?'input_dtype'/m, confidence: 0.97 },
    { text: /input_dtype/m, confidence: 0.85 },
    {
      text: /'?(?:nb_filter|border_mode|output_dim|nb_row|W_regularizer|dim_ordering|subsample_length|inner_activation)'?/m,
      confidence: 0.75,
    },
    { text: /KeyError: u?'class_name'/m, confidence: 0.7 },
    { text: /pop expected at most 1 argument, got 2/m, confidence: 0.5 },
    { text: /Unknown layer:\s*'?"?(?<name>\w+)/m, confidence: 0.9, names: 'keras1' },
    {
      text: /Unknown layer: '?(?:Convolution[123]D|Merge|MaxoutDense|Highway|TimeDistributedDense|AtrousConvolution\dD|Deconvolution2D)/m,
      confidence: 0.9,
    },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    { title: 'Make the environment that the file was written in', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: ['keras 1.2.2 keras/engine/topology.py get_config', 'keras 2.0 keras/legacy/interfaces.py'],
});
