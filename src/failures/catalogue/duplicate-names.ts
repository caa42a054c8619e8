import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'duplicate-names',
  group: 'bytes',
  title: 'Two weights or layers have one name, so the file cannot be written',
  why: 'HDF5 keeps weights by name inside a group; a second one of the same name has no place.',
  signs: [
    {
      text: /[Uu]nable to (?:synchronously )?create (?:link|dataset|group) \([Nn]ame already exists/m,
      confidence: 0.97,
    },
    { text: /name already exists/m, confidence: 0.9 },
    { text: /The name "[^"]+" is used \d+ times in the model/m, confidence: 0.9 },
  ],
  mends: [
    { title: 'Give the variables names of their own', python: "self.add_weight(name='kernel_1', ...)" },
    { title: 'Or save by path, where names do not matter', python: "model.save('model.keras')" },
  ],
  sources: ['libhdf5 H5L_create'],
});
