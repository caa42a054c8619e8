import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'h5py3-decode',
  group: 'machine',
  title: 'h5py 3 with a Keras of before 2.4',
  why: 'h5py 3 gives text attributes as str; Keras up to 2.3 and TensorFlow up to 2.3 call .decode() on them.',
  signs: [
    { text: /'str' object has no attribute 'decode'/m, confidence: 0.97 },
    { text: /truth value of an? (?:non-empty )?(?:ndarray|array)[^\n]*/m, confidence: 0.75 },
  ],
  mends: [
    { title: 'Install the h5py of those days', command: "pip install 'h5py<3'" },
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
  ],
  sources: ['h5py 3.0 what is new: strings', 'keras 2.3.1 keras/engine/saving.py'],
});
