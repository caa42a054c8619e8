import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'dtype-mismatch',
  group: 'versions',
  title: 'A constant stored in the model comes back in another number type',
  why: 'Python numbers inside operations carry no type. On loading they become float32 or int32 and meet tensors of another type.',
  signs: [
    { text: /Tensor conversion requested dtype \w+ for Tensor with dtype \w+/m, confidence: 0.85 },
    {
      text: /cannot compute \w+ as input #\d+\(zero-based\) was expected to be a \w+ tensor but is a \w+ tensor/m,
      confidence: 0.7,
    },
    { text: /float16 constant operand/m, confidence: 0.9 },
    { text: /must have the same dtype|expected dtype \w+ but got/m, confidence: 0.4 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
  ],
  sources: ['tf.keras TFOpLambda.get_config'],
});
