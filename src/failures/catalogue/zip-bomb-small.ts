import { defineFailure } from '../define.ts';
import { keepKnownMembers } from '../known-members.ts';

export default defineFailure({
  id: 'zip-bomb-small',
  group: 'bytes',
  title: 'A member of the archive unpacks to very many times its size',
  why: 'Bytes that are all alike shrink a thousandfold; weights do not. Whoever unpacks such a member fills memory or disk. Keras unpacks everything under assets/ when it loads.',
  signs: [],
  mends: [
    {
      title: 'Keep only what Keras reads of this model',
      python: keepKnownMembers,
    },
    { title: 'See what the archive holds', command: 'loadstone inspect {artefact}' },
  ],
  sources: [
    'RFC 1951: the greatest ratio of deflate is about 1032',
    'keras/src/saving/saving_lib.py 3.x: DiskIOStore extracts the assets',
  ],
});
