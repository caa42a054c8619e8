import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'hdf5-external-link',
  group: 'bytes',
  title: 'Weights in this file are links to another file',
  why: 'An HDF5 link only names a file and a place in it. Where that file does not lie beside this one the weights are missing; Keras 3.12.2 and 3.14.1 refuse such links even where it does, for they could read any file.',
  signs: [
    { text: /H5 file with (?:ExternalLink|SoftLink)/m, confidence: 0.98 },
    { text: /unable to open external file, external link file name/m, confidence: 0.97 },
    { text: /Unable to (?:synchronously )?open object \(can't open file\)/m, confidence: 0.7 },
  ],
  mends: [{ title: 'Bring the file that the link names, or have the model saved again with its weights inside' }],
  sources: ['keras/src/saving/saving_lib.py 3.12.2: safe_get_h5_group'],
});
