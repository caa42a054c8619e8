import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'stream-not-supported',
  group: 'machine',
  title: 'The loader takes a path, not bytes or a stream',
  why: 'HDF5 loaders of Keras 2 open a path; the .keras loader takes file objects since Keras 3.2.',
  signs: [
    { text: /not _io\.(?:BytesIO|BufferedReader)|not BytesIO/m, confidence: 0.95 },
    { text: /accepts? only (?:disk )?paths/m, confidence: 0.9 },
    {
      text: /expected str, bytes or os\.PathLike object, not (?:BytesIO|_io|HTTPResponse|SpooledTemporaryFile)/m,
      confidence: 0.95,
    },
  ],
  mends: [
    {
      title: 'Write it to a temporary file',
      python:
        "import tempfile\nwith tempfile.NamedTemporaryFile(suffix='.h5', delete=False) as t:\n    t.write(data)\nmodel = keras.models.load_model(t.name)",
    },
  ],
  sources: ['keras-team/keras#9343, #14510'],
});
