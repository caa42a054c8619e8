import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'h5-header-size-limit',
  group: 'bytes',
  title: 'Names or config are too long for one HDF5 attribute',
  why: 'Attributes live in the object header, which ends at 64 KB. Hundreds of layers, or very long names, go beyond.',
  signs: [{ text: /[Oo]bject header message is too large/m, confidence: 0.98 }],
  mends: [
    { title: 'Use the .keras format, which has no such limit', python: "model.save('model.keras')" },
    { title: 'Or give layers shorter names: their list is one attribute' },
  ],
  sources: ['HDF5 file format: object header messages', 'keras 2.1.5 save_attributes_to_hdf5_group'],
});
