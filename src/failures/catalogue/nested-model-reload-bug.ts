import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'nested-model-reload-bug',
  group: 'versions',
  title: 'Keras saved a model used twice with node numbers that it cannot follow again',
  why: 'When an inner model has been called before, Keras 3 writes the number of its call in another graph. On loading, the layer after it gets two inputs, or Keras 3.0 to 3.11 loops for ever.',
  signs: [
    {
      text: /Layer ['"](?!model|functional|sequential)\w+['"] expect(?:ed|s) 1 input\(s\)[^\n]{0,20}[Rr]eceived [2-9]\b/m,
      confidence: 0.88,
    },
    { text: /Invalid dtype: tuple/m, confidence: 0.85 },
    { text: /graph of the Functional model either has loops or disconnected nodes/m, confidence: 0.88 },
    {
      text: /expects \d+ input\(s\), but it received \d+ input tensors[\s\S]*(?:from_config|functional|load_model)/m,
      confidence: 0.6,
    },
    { text: /functional model made from a loaded Sequential|inputs\/outputs fails to load/m, confidence: 0.8 },
    { text: /from_config[\s\S]{0,3000}expects 1 input\(s\), but it received 2/m, confidence: 0.7 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
  ],
  sources: ['keras 3.x keras/src/models/functional.py functional_from_config'],
});
