import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'layer-type-mismatch',
  group: 'weights',
  title: 'The stored layer is of another class than the one that takes its weights',
  why: 'Weights are matched by order or by place, never by class: an LSTM has four gates in each kernel, a GRU three, a SimpleRNN one. Where the sizes differ the load fails with a shape; where they agree it goes through and computes something else.',
  signs: [{ text: /Invalid bias shape: \(/m, confidence: 0.6 }],
  mends: [
    {
      title: 'See what was stored beside what is wanted',
      command: 'loadstone doctor {artefact} --architecture ARCHITECTURE',
    },
    { title: 'Make the model with the class that was saved' },
  ],
  sources: [
    'keras 2.x saving/hdf5_format.py: preprocess_weights_for_loading',
    'keras/src/saving/saving_lib.py: _load_state',
  ],
});
