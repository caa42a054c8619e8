import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'broken-install',
  group: 'machine',
  title: 'A package is there only in part, or something else has its name',
  why: 'A file of yours named tensorflow.py or h5py.py, a folder left over from an uninstall, or a mixed installation hides the package.',
  signs: [
    { text: /Layer \w+ requires TensorFlow\. Install it/m, confidence: 0.85 },
    { text: /module 'h5py' has no attribute '(?:File|Group)'/m, confidence: 0.95 },
    { text: /module '(?:keras|tensorflow)' has no attribute '(?:__version__|models|layers|keras)'/m, confidence: 0.9 },
    { text: /module 'tensorflow' has no attribute 'get_default_graph'/m, confidence: 0.12 },
    { text: /partially initialized module/m, confidence: 0.9 },
    { text: /requires h5py/m, confidence: 0.1 },
  ],
  mends: [{ title: 'See which file is imported', command: 'python -c "import h5py; print(h5py.__file__)"' }],
  sources: ['keras-team/keras#12783'],
});
