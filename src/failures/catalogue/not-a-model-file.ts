import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'not-a-model-file',
  group: 'bytes',
  title: 'This is not a model file',
  why: 'The name says model, the content is something else: a web page saved in place of the download, an archive, a picture, text.',
  signs: [
    { text: /Unexpected token '?<|Failed to parse model JSON/m, confidence: 0.8 },
    { text: /invalid load key, '<'/m, confidence: 0.92 },
    { text: /No model config found in the file/m, confidence: 0.3 },
    { text: /Cannot create group in read.only mode/m, confidence: 0.3 },
    { text: /File format not supported: filepath=(?!\S*ckpt)/m, confidence: 0.4 },
    { text: /[Ff]ile signature not found|valid file signature/m, confidence: 0.55 },
    { text: /Please ensure the file is an accessible `?\.keras`? zip file/m, confidence: 0.4 },
    { text: /not an sstable/m, confidence: 0.35 },
    { text: /\/[^\n]*\.tar[^\n]*not an sstable/m, confidence: 0.9 },
    { text: /SavedModel file does not exist at: [^\n]*lite[^\n]*\.h5/m, confidence: 0.8 },
    { text: /SavedModel file does not exist at: [^\n]*\.(?:h5|hdf5)\//m, confidence: 0.3 },
    { text: /DecodeError: Error parsing message|Cannot parse file[^\n]*saved_model\.pb/m, confidence: 0.6 },
    { text: /(?:invalid load key|could not find MARK)/m, confidence: 0.5 },
  ],
  mends: [
    { title: 'See what it is', command: 'loadstone inspect {artefact}' },
    { title: 'Download the model itself again; of a page that shows it, take the link to the raw file' },
  ],
  sources: ['libhdf5 H5Fopen', 'keras 3 saving_api.py load_model'],
});
