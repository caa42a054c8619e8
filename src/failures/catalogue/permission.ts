import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'permission',
  group: 'machine',
  title: 'The program may not read or write that path',
  why: 'The file or folder belongs to someone else, is read-only, or is a folder.',
  signs: [
    { text: /errno = 13, error message = 'Permission denied', flags = (?:1[0-9]|[1-9]\b)/m, confidence: 0.93 },
    { text: /errno = 13/m, confidence: 0.34 },
    { text: /PermissionError/m, confidence: 0.75 },
  ],
  mends: [{ title: 'Give the program the right, or write elsewhere', command: 'ls -l {artefact}' }],
  sources: ['libhdf5 H5FD_sec2_open'],
});
