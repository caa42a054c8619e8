import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'malicious-config',
  group: 'code-not-in-file',
  title: 'The config names functions of Python itself, to be run by whoever loads it',
  why: 'A config can name any module and function. Where os.system, eval or the like stand in the place of a layer or an activation, the file was made to run a command; newer releases of Keras refuse such modules.',
  signs: [
    {
      text: /Could not (?:locate|deserialize)[^\n]*'module': '(?:os|posix|builtins|subprocess|sys|shutil)'/m,
      confidence: 0.9,
    },
  ],
  mends: [
    { title: 'Do not load it; see what it would do', command: 'loadstone inspect {artefact} --lambda' },
    { title: 'Take only the numbers out of it', command: 'loadstone convert {artefact} weights.npz' },
  ],
  sources: ['keras/src/saving/serialization_lib.py 3.9.0: modules that may be imported'],
});
