import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'lambda-encoding-change',
  group: 'code-not-in-file',
  title: 'A Lambda layer stores its code as text of before Keras 2.1.2',
  why: 'Until 2.1.1 the bytes were written as raw text; later loaders expect base64.',
  signs: [
    { text: /arg \d \((?:closure|defaults|code)\) must be/m, confidence: 0.85 },
    { text: /bad marshal data/m, confidence: 0.2 },
    { text: /UnicodeEncodeError: 'ascii' codec can't encode character/m, confidence: 0.92 },
    { text: /(?:binascii\.Error: )?Incorrect padding[\s\S]{0,200}/m, confidence: 0.5 },
    { text: /Unicode error when loading old model/m, confidence: 0.7 },
  ],
  mends: [
    {
      title: 'Write a copy whose Lambda is a plain layer',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
    { title: 'Or load it with Keras 2.1.1 or older', command: 'loadstone env {artefact} --as pip' },
  ],
  sources: ['keras 2.1.2 keras/utils/generic_utils.py func_load'],
});
