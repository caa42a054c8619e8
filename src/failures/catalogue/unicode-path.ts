import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'unicode-path',
  group: 'machine',
  title: 'The path has letters that the HDF5 library of this machine cannot open',
  why: 'On Windows, older h5py and TensorFlow pass the path in the local code page.',
  signs: [
    { text: /surrogates not allowed[\s\S]{0,200}h5py|h5py[\s\S]{0,2000}surrogates not allowed/m, confidence: 0.9 },
    { text: /codec can't decode byte 0x(?!89)\w\w in position/m, confidence: 0.72, unless: /lambda|func_load/m },
    { text: /UnicodeDecodeError\s*$/m, confidence: 0.7 },
    { text: /errno = -1, error message = 'unknown error'/m, confidence: 0.9 },
    { text: /UnicodeDecodeError/m, confidence: 0.4, unless: /0x89/m },
  ],
  mends: [{ title: 'Move the file to a path of plain Latin letters, or update h5py to 3.0 or later' }],
  sources: ['h5py on Windows before 3.0'],
});
