import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'file-read-via-vocabulary-path',
  group: 'code-not-in-file',
  title: 'A layer reads its vocabulary from a file of the machine that loads it',
  why: 'StringLookup, IntegerLookup and TextVectorization accept a path as their vocabulary, and the config keeps the path, not the words. Where that file is missing the load fails; where it is another file its lines become the vocabulary, so a config made with intent reads any file. Keras 3.12 refuses paths outside the archive in safe mode.',
  signs: [
    { text: /Requested the loading of a vocabulary file outside of the model archive/m, confidence: 0.97 },
    { text: /Vocabulary file \S+ does not exist|vocabulary file[^\n]*(?:not found|does not exist)/im, confidence: 0.8 },
  ],
  mends: [
    { title: 'See which file it names', command: 'loadstone inspect {artefact} --json' },
    {
      title: 'Keep the words in the model: read the file once and save again',
      python: `words = open('VOCABULARY').read().splitlines()
layer = keras.layers.StringLookup(vocabulary=words)`,
    },
  ],
  sources: ['keras/src/layers/preprocessing/index_lookup.py: load_assets, get_config'],
});
