import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'nan-weights',
  group: 'weights',
  title: 'Weights are NaN: every prediction will be NaN',
  why: 'The training diverged (too great a learning rate, a division by zero, float16 without loss scaling) and the model was saved after that, or the file was damaged. Loaders take any number.',
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
