import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'backend-mismatch-theano',
  group: 'versions',
  title: 'The weights were laid out for another backend or axis order',
  why: 'Theano and channels-first files keep kernels as (out, in, rows, columns). Read as (rows, columns, in, out) they do not fit; where all sizes are equal they fit and compute something else.',
  signs: [
    { text: /is only available with TensorFlow for the time being/m, confidence: 0.85 },
    { text: /Layer weight shape \([^)]*\) not compatible with provided weight shape \([^)]*\)/m, confidence: 0.86 },
    {
      text: /has shape \((?<a>\d+), \k<a>, (?<i>\d+), (?<o>\d+)\), but the saved weight has shape \(\d+, \d+, \k<a>, \k<a>\)/m,
      confidence: 0.35,
    },
    { text: /Dimension \d+ in both shapes must be equal[^\n]*merge_\d+/m, confidence: 0.8 },
    {
      text: /(?:theano|'th')[^\n]{0,80}(?:layout|ordering|weights)|weight layouts would be incompatible/m,
      confidence: 0.75,
      unless: /predictions differ/m,
    },
    { text: /channels_first[^\n]{0,80}(?:weights|CPU)/m, confidence: 0.4 },
    { text: /only supports NHWC tensor format|The Conv2D op currently only supports the NHWC/m, confidence: 0.8 },
    { text: /Negative dimension size caused by subtracting/m, confidence: 0.5 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
  ],
  sources: [
    'keras 2.x keras/engine/saving.py preprocess_weights_for_loading',
    'keras-team/keras: image_dim_ordering in keras.json',
  ],
});
