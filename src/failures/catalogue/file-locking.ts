import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'file-locking',
  group: 'machine',
  title: 'HDF5 could not lock the file',
  why: 'Another process holds it open, or the file system (network, container) has no locks.',
  signs: [
    { text: /unable to truncate a file which is already open/im, confidence: 0.92 },
    { text: /[Uu]nable to lock file/m, confidence: 0.97 },
    { text: /HDF5_USE_FILE_LOCKING/m, confidence: 0.96 },
    { text: /file locking disabled/m, confidence: 0.96 },
  ],
  mends: [
    {
      title: 'Close the other program or kernel; on a network file system switch locking off',
      command: 'HDF5_USE_FILE_LOCKING=FALSE python script.py',
    },
  ],
  sources: ['libhdf5 H5FD_sec2_lock'],
});
