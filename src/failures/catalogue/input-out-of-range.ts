import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'input-out-of-range',
  group: 'using-the-model',
  title: 'An index in the input has no row in the Embedding',
  why: 'The Embedding has input_dim rows, and the input holds a greater number, or a negative one. Mostly the vocabulary at hand is not the one of the training. JAX gives NaN instead of an error.',
  signs: [
    { text: /indices\[[\d, ]*\] = -?\d+ is not in \[0, \d+\)/m, confidence: 0.92 },
    { text: /Detected at node [^\n]*(?:embedding_lookup|embedding\w*\/Gather)/m, confidence: 0.65 },
    { text: /indices\[[\d,]*\] = -?\d+ is not in \[0, \d+\)/m, confidence: 0.55 },
  ],
  mends: [
    {
      title: 'Use the tokenizer of the training, and give unknown words the index that it had for them',
      python: 'x = np.where(x < input_dim, x, oov_index)',
    },
  ],
  sources: ['TensorFlow: GatherV2 on CPUs'],
});
