import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'weights-only-as-model',
  group: 'weights',
  title: 'The file holds weights only, no architecture',
  why: 'save_weights() and ModelCheckpoint(save_weights_only=True) write numbers without the layers. load_model() needs both.',
  signs: [
    { text: /'NoneType' object has no attribute 'decode'/m, confidence: 0.85 },
    { text: /Cannot create group in read.only mode/m, confidence: 0.85 },
    { text: /Unable to create group \(no write intent/m, confidence: 0.4 },
    { text: /No model (?:config )?found in (?:the )?(?:config )?file/m, confidence: 0.97 },
    { text: /No model config found/m, confidence: 0.95 },
    { text: /No `?model_config`? found/m, confidence: 0.9 },
  ],
  mends: [
    {
      title: 'Build the same architecture in code, then load into it',
      python: "model = build_model()\nmodel.load_weights('{artefact}')",
    },
    { title: 'See which architecture the weights are of', command: 'loadstone inspect {artefact}' },
  ],
  sources: ['keras 2.x keras/engine/saving.py load_model', 'tf.keras saving/hdf5_format.py load_model_from_hdf5'],
});
