import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'hdf5-external-storage',
  group: 'bytes',
  title: 'The numbers of this file lie in another file',
  why: 'An HDF5 dataset can keep its values in any other file. Loaders take whatever lies there, or zeros where there is nothing, and say nothing; Keras 3.12.2 and 3.14.1 refuse it.',
  signs: [{ text: /H5 file with (?:external|virtual) Dataset/m, confidence: 0.98 }],
  mends: [{ title: 'Do not load it unless you know that file; have the model saved again with its weights inside' }],
  sources: ['keras/src/saving/saving_lib.py 3.12.2: safe_get_h5_dataset'],
});
