import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'zeroed-weights',
  group: 'weights',
  title: 'A kernel holds nothing but zeros: what goes in does not come out',
  why: 'A trained kernel is never zero throughout. The values were never written (an interrupted save), or were overwritten. Loaders take any number.',
  signs: [],
  mends: [
    {
      title: 'Go back to a checkpoint from before; see which tensors are whole',
      command: 'loadstone convert {artefact} tensors.npz',
    },
    { title: 'See where the values lie', command: 'loadstone inspect {artefact}' },
  ],
  sources: ['saving/legacy/hdf5_format.py and saving/saving_lib.py: values are assigned without a look'],
});
