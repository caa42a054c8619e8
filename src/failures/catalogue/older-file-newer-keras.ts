import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'older-file-newer-keras',
  group: 'versions',
  title: 'The file was written by an older Keras and this release no longer reads that form',
  why: 'A loader keeps reading old forms for some releases and then drops them: a Sequential whose config is a bare list, keywords that were removed, other group names inside the weights file.',
  signs: [
    { text: /because its parent module tf_keras\.engine\.\w+ cannot be imported/m, confidence: 0.82 },
    { text: /Unknown activation function: ?relu6/m, confidence: 0.5 },
    { text: /'list' object has no attribute 'items'/m, confidence: 0.85 },
    { text: /'list' object has no attribute 'get'/m, confidence: 0.5 },
    { text: /expected \d+ variables?, but received 0 variables during loading/m, confidence: 0.5 },
    { text: /Keyword argument not understood:', u?'implementation'/m, confidence: 0.62 },
    { text: /unexpected keyword argument 'implementation'/m, confidence: 0.6 },
    { text: /revived|does not have a call\(\) method|without a call function/m, confidence: 0.4 },
    { text: /pop expected at most 1 argument/m, confidence: 0.6 },
    { text: /Unexpected keyword argument passed to optimizer: lr\b/m, confidence: 0.5 },
    { text: /fails in TF 2\.\d+\+|fails on Sequential models saved by/m, confidence: 0.5 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    { title: 'Make the environment that the file was written in', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: [
    'keras-team/keras 2.2.3 keras/engine/sequential.py',
    'keras 3.x saving_lib: layer expected variables, received 0',
  ],
});
