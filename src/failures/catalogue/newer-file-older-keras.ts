import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'newer-file-older-keras',
  group: 'versions',
  title: 'The file was written by a newer Keras than the one that reads it',
  why: 'Newer releases write class names and keywords (Functional, ragged, a dict in place of a list of layers) that an older loader has never heard of. It stops at the first of them, so the message names a detail and not the version.',
  signs: [
    { text: /Unknown layer:\s?'?(?:name|layers|module|class_name|build_input_shape)\b/m, confidence: 0.95 },
    { text: /Unknown layer:\s*'?"?Functional\b/m, confidence: 0.62 },
    { text: /Invalid layer: (?:Functional|\w+)/m, confidence: 0.7 },
    {
      text: /unexpected keyword argument '(?:ragged|groups|optional|keepdims|shared_object_id|jit_compile|synchronized)'/m,
      confidence: 0.72,
    },
    {
      text: /Keyword argument not understood:', u?'(?:ragged|data_format|groups|threshold|keepdims|interpolation|dilation_rate|output_padding)'/m,
      confidence: 0.7,
    },
    { text: /KeyError: '?(?:output_mask_type|output_shape_type)/m, confidence: 0.85 },
    { text: /^\s*KeyError: 0\s*$/m, confidence: 0.6 },
    { text: /Unknown SavedObject type/m, confidence: 0.9 },
    {
      text: /Unknown initializer: \{?'?GlorotUniform|Unknown (?:initializer|regularizer|constraint):/m,
      confidence: 0.45,
    },
    { text: /Model configuration does not contain any layers/m, confidence: 0.85 },
    { text: /unrecognized keyword arguments\s*$/m, confidence: 0.5 },
    { text: /Keyword argument not understood/m, confidence: 0.3 },
    { text: /keras_version"?: ?"?[23]\.\d+/m, confidence: 0.4 },
    { text: /errno = 13.*Permission denied|Permission denied.*errno = 13/m, confidence: 0.24 },
    { text: /JSONDecodeError: Expecting value/m, confidence: 0.35 },
    { text: /Unexpected keyword argument passed to optimizer: learning_rate/m, confidence: 0.8 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    { title: 'Or install at least the Keras that wrote it', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: [
    'keras-team/keras#11617, #12387: Unknown layer:name',
    'loaders.md of Keras 2.0 to 2.2: Sequential.from_config iterates over a list',
    'TF 2.3 and Keras 2.4 write class_name Functional',
  ],
});
