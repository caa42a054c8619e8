import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras-zip-missing-metadata',
  group: 'bytes',
  title: 'The archive has no metadata.json',
  why: 'It says which Keras wrote the model, and when. Loaders do without it, but neither people nor tools can tell the environment any more; the save was interrupted, or the archive was packed again by hand.',
  signs: [],
  mends: [
    { title: 'Write a copy that has one', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    { title: 'Pin the environment that its config gives away', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: ['keras/src/saving/saving_lib.py: _METADATA_FILENAME is written and never read'],
});
