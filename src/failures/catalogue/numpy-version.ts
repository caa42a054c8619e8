import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'numpy-version',
  group: 'machine',
  title: 'NumPy does not fit the packages that were built against it',
  why: 'Compiled packages are bound to a NumPy release; aliases such as np.object went with 1.24.',
  signs: [
    { text: /Cannot convert a symbolic (?:tf\.)?Tensor \([^\n]*\) to a numpy array/im, confidence: 0.85 },
    { text: /_multiarray_umath|numpy\.core\.multiarray failed/m, confidence: 0.95 },
    { text: /module 'numpy' has no attribute '(?:object|bool|int|float|str|complex|typeDict)/m, confidence: 0.96 },
    { text: /compiled using NumPy 1\.x|downgrade to 'numpy<2'/m, confidence: 0.97 },
    {
      text: /numpy\.(?:dtype|ufunc|ndarray)(?: has the wrong)? size|wrong size, try recompiling|binary incompatibility/m,
      confidence: 0.95,
    },
    { text: /No module named 'numpy\._core|numpy\.core/m, confidence: 0.8 },
  ],
  mends: [{ title: 'Pin NumPy as the environment of the file has it', command: 'loadstone env {artefact} --as pip' }],
  sources: ['NumPy 1.24 and 2.0 release notes'],
});
