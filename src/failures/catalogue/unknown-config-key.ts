import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'unknown-config-key',
  group: 'code-not-in-file',
  title: 'The config holds an argument that no Keras ever had',
  why: 'A layer of Keras got a key in its config that no release knows: the file was edited, or written by a changed copy of Keras. Constructors refuse what they do not know.',
  signs: [
    {
      text: /Error when deserializing class '\w+' using config=[\s\S]*(?:unexpected keyword argument|Unrecognized keyword arguments)/m,
      confidence: 0.4,
    },
    { text: /Error when deserializing class '\w+'[\s\S]*unexpected keyword argument/m, confidence: 0.45 },
    { text: /Keyword argument not understood:', '(?<key>\w+)'/m, confidence: 0.1 },
  ],
  mends: [
    { title: 'Take the key out of the config', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
  ],
  sources: ['keras/engine/base_layer.py of 2.x: allowed_kwargs', 'keras/src/layers/layer.py of 3.x: Layer.__init__'],
});
