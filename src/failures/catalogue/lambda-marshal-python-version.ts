import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'lambda-marshal-python-version',
  group: 'code-not-in-file',
  title: 'A Lambda layer holds bytecode of another Python',
  why: 'The function was stored as compiled Python code, which only the Python minor version that wrote it can read. TensorFlow and Keras versions do not matter here.',
  signs: [
    { text: /codeobject\.c:\d+: bad argument to internal function/m, confidence: 0.97 },
    { text: /bad marshal data/m, confidence: 0.97 },
    { text: /(?:unknown opcode|XXX lineno: \d+, opcode)/m, confidence: 0.9 },
    { text: /marshal\.loads|EOF read where (?:object|not) expected/m, confidence: 0.6 },
    { text: /SystemError: unknown opcode/m, confidence: 0.95 },
    { text: /code\(\) (?:takes|argument \d+ must)/m, confidence: 0.6 },
    { text: /TypeError: 'NoneType' object is not callable[\s\S]{0,200}[Ll]ambda/m, confidence: 0.3 },
  ],
  mends: [
    {
      title: 'See what the function does, and which Python wrote it',
      command: 'loadstone inspect {artefact} --lambda',
    },
    {
      title: 'Write a copy whose Lambda is a plain layer',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
    { title: 'Or use that Python', command: 'loadstone env {artefact} --as conda' },
  ],
  sources: ['CPython Python/marshal.c', 'keras/utils/generic_utils.py func_load'],
});
