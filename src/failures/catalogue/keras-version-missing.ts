import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras-version-missing',
  group: 'versions',
  title: 'Nothing in the file says which Keras wrote it',
  why: 'The attribute keras_version is gone from the file and from its weights. Loaders of Keras 2 then take the weights for those of Keras 1, and bring those of some layers (Conv1D, Conv2DTranspose, recurrent ones) out of a layout that they are not in; the others load as they are.',
  signs: [],
  mends: [
    {
      title: 'Write a copy that says its version',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
    { title: 'See what its config gives away', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: ["keras 2.x keras/engine/saving.py: original_keras_version = '1' without the attribute"],
});
