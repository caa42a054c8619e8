import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'weights-missing-in-file',
  group: 'weights',
  title: 'The file has no weights, or not those of these layers',
  why: 'The save was interrupted, the layers were not built when it was made, or the weights belong to attributes that this format does not write.',
  signs: [
    { text: /no write intent on file/m, confidence: 0.9 },
    { text: /Unable to (?:synchronously )?open object \(object '[^']+' doesn't exist\)/m, confidence: 0.45 },
    { text: /Not allowed: H5 file with (?:ExternalLink|external Dataset)/m, confidence: 0.6 },
    { text: /Expected a model\.weights\.h5 or model\.weights\.npz file/m, confidence: 0.9 },
    { text: /weight file containing 0 layers/m, confidence: 0.9 },
    { text: /expected \d+ layers, found 0 saved layers|Model expected \d+ layers, found 0/m, confidence: 0.9 },
    { text: /weights not restored/m, confidence: 0.6 },
    { text: /KeyError: ['"](?:Unable to open object|Can't open)[^\n]*model_weights/m, confidence: 0.6 },
  ],
  mends: [
    { title: 'See what is there', command: 'loadstone inspect {artefact}' },
    { title: 'Recover what survived', command: 'loadstone convert {artefact} saved.npz' },
  ],
  sources: ['keras 2.x keras/engine/saving.py load_weights_from_hdf5_group'],
});
