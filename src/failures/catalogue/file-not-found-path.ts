import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'file-not-found-path',
  group: 'machine',
  title: 'There is no file at that path',
  why: 'The path is wrong, empty, or relative to another working directory. Some loaders say something misleading in that case.',
  signs: [
    { text: /'NoneType' object has no attribute 'encode'/m, confidence: 0.75 },
    { text: /failed with status code 404/m, confidence: 0.95 },
    { text: /Unexpected token '?<|Failed to parse model JSON/m, confidence: 0.5 },
    { text: /FailedPreconditionError: [^\n]* is not a directory/m, confidence: 0.7 },
    { text: /No file or directory found at (?<path>[^\n]*)/m, confidence: 0.97 },
    { text: /filepath=\.?\s*\. Keras 3/m, confidence: 0.9 },
    { text: /errno = 2\b/m, confidence: 0.93 },
    {
      text: /FileNotFoundError|No such file or directory/m,
      confidence: 0.8,
      unless: /TensorSliceReader|saved_model\.pb|Op type not registered/m,
    },
    { text: /File not found: filepath=(?<path>\S+)\.keras/m, confidence: 0.56 },
    { text: /SavedModel file does not exist at: [^\n]*\.(?:h5|hdf5)\//m, confidence: 0.62, unless: /lite/m },
    { text: /SavedModel file does not exist at/m, confidence: 0.35 },
    { text: /legacy SavedModel format is not supported/m, confidence: 0.2 },
    {
      text: /Unable to (?:synchronously )?open file \(unable to open file: name = '[^']*', errno = 2/m,
      confidence: 0.97,
    },
  ],
  mends: [
    { title: 'Look where the program looks', python: "import os\nprint(os.getcwd(), os.path.exists('{artefact}'))" },
  ],
  sources: ['tf.keras saving/save.py load_model', 'keras 3 saving_api.py load_model'],
});
