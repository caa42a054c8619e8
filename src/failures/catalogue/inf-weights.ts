import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'inf-weights',
  group: 'weights',
  title: 'Weights are infinite: predictions will be NaN or all alike',
  why: 'The training diverged or overflowed (float16 ends at 65,504) and the model was saved after that, or the file was damaged. Loaders take any number.',
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
