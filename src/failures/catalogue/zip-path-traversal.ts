import { defineFailure } from '../define.ts';
import { keepKnownMembers } from '../known-members.ts';

export default defineFailure({
  id: 'zip-path-traversal',
  group: 'bytes',
  title: 'The archive names places outside of itself',
  why: 'A member whose name begins with / or goes up with .. is written beside or over other files by programs that unpack without a look. Keras never writes such names: the archive was made to do harm, or by a broken packer. Python takes the leading parts away when it unpacks; other programs may not.',
  signs: [],
  mends: [
    {
      title: 'Do not unpack it; keep only what Keras reads',
      python: keepKnownMembers,
    },
    { title: 'See what the archive holds', command: 'loadstone inspect {artefact}' },
  ],
  sources: [
    'PKWARE APPNOTE 4.4.17: names are relative and have no drive',
    'keras/src/saving/saving_lib.py 3.x: _load_model_from_fileobj, DiskIOStore',
  ],
});
