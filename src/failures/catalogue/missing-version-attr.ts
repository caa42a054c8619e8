import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'missing-version-attr',
  group: 'versions',
  title: 'The attribute that names the version was taken off the file',
  why: "Its weights still say which Keras wrote them, the file itself does not: some tool copied the model and left the attribute behind. Loaders go by the weights' own; tools that ask the file cannot tell its Keras.",
  signs: [],
  mends: [
    { title: 'Write a copy that has it again', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    { title: 'See the version that the weights tell', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: [
    'keras 2.x saving/hdf5_format.py: save_model_to_hdf5 writes keras_version on the file and on model_weights',
  ],
});
