import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'architecture-mismatch-count',
  group: 'weights',
  title: 'The model has another number of layers with weights than the file',
  why: 'Weights are matched layer by layer. One layer more or less, and nothing can be assigned by order.',
  signs: [
    { text: /attributes which were not restored|Nothing except the root object matched/m, confidence: 0.4 },
    { text: /Weight count mismatch for layer #/m, confidence: 0.5 },
    {
      text: /weight file containing (?<stored>\d+) (?:saved )?layers? into a model with (?<wanted>\d+) layers/m,
      confidence: 0.72,
      unless: /containing (?:0|1) layers/m,
    },
    { text: /containing 1 layers into/m, confidence: 0.25 },
    { text: /containing 0 layers into/m, confidence: 0.3 },
    { text: /Layer count mismatch when loading weights/m, confidence: 0.9, unless: /found 0 saved/m },
    { text: /You are trying to load a weight file/m, confidence: 0.4 },
  ],
  mends: [
    { title: 'Compare layer by layer', command: 'loadstone doctor {artefact} --architecture {architecture}' },
    { title: 'Carry over what fits', command: 'loadstone transfer {artefact} {architecture} -o fitted.h5' },
    {
      title: 'Write the architecture of your code for the comparison',
      python: "open('{architecture}', 'w').write(model.to_json())",
    },
  ],
  sources: ['keras 2.x keras/engine/saving.py load_weights_from_hdf5_group', 'tf.keras 2.x hdf5_format.py'],
});
