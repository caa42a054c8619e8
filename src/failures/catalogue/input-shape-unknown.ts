import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'input-shape-unknown',
  group: 'using-the-model',
  title: 'A size of the input is not known where a number is needed',
  why: 'A layer or a runtime needs the size of an axis that the model leaves open, or no input shape was ever declared.',
  signs: [
    { text: /Shapes used to initialize variables must be fully-defined/m, confidence: 0.88 },
    { text: /You must pass a `shape` argument/m, confidence: 0.85 },
    { text: /values to be kept must have (?:a )?known shape/m, confidence: 0.97 },
    { text: /as_list\(\) is not defined on an unknown TensorShape/m, confidence: 0.95 },
    { text: /The last dimension of the inputs to a `?Dense`? (?:layer )?should be defined/m, confidence: 0.96 },
    { text: /Specified shape incompatible with data/m, confidence: 0.85 },
    { text: /The channel dimension of the inputs should be defined/m, confidence: 0.95 },
    {
      text: /Cannot convert a partially known TensorShape|Cannot iterate over a shape with unknown rank/m,
      confidence: 0.85,
    },
  ],
  mends: [
    {
      title: 'See the shape of every tensor along the graph, and where it is unknown',
      command: 'loadstone inspect {artefact}',
    },
    {
      title: 'Declare it in a copy',
      command: 'loadstone mend {artefact} --for {environment} --input-shape 28,28,1 -o {fixed}',
    },
    { title: 'Or in code', python: 'inputs = keras.Input(shape=(28, 28, 1))' },
  ],
  sources: ['tf.keras core.py Dense.build'],
});
