import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'h5py-missing',
  group: 'machine',
  title: 'h5py is not there, or broken, in the Python that runs',
  why: 'Keras imports h5py only when it needs it; what pip installed may belong to another Python.',
  signs: [
    { text: /requires h5py/m, confidence: 0.93 },
    { text: /h5py (?:Python )?package is required/m, confidence: 0.95 },
    { text: /No module named '?h5py/m, confidence: 0.95 },
    { text: /ImportError[^\n]*h5py/m, confidence: 0.85 },
    { text: /module 'h5py' has no attribute/m, confidence: 0.3 },
    { text: /SavedModel file does not exist at: [^\n]*\.(?:h5|hdf5)\//m, confidence: 0.08 },
    { text: /DLL load failed[^\n]*(?:h5|_errors)/m, confidence: 0.85 },
  ],
  mends: [
    { title: 'Install it into the same Python, then start that Python anew', command: 'python -m pip install h5py' },
  ],
  sources: ['keras 2.x keras/engine/saving.py'],
});
