import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failurePage } from '../../scripts/failure-pages.ts';
import { catalogue } from '../../src/failures/catalogue/index.ts';
import { explain } from '../../src/failures/explain/explain.ts';
import { lastException, readTraceback } from '../../src/failures/explain/traceback.ts';

const python = `Traceback (most recent call last):
  File "run.py", line 4, in <module>
    model = load_model('m.h5')
  File "site-packages/keras/engine/saving.py", line 224, in _deserialize_model
    model_config = json.loads(model_config.decode('utf-8'))
AttributeError: 'str' object has no attribute 'decode'
`;

const chained = `Traceback (most recent call last):
  File "a.py", line 1, in f
KeyError: 'name'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in g
ValueError: Layer "dense" expects 1 input(s), but it received 2 input tensors.
Received: (a, b)
`;

describe('reading what was pasted', () => {
  it('takes a traceback of Python', () => {
    expect(lastException(readTraceback(python))).toEqual({
      type: 'AttributeError',
      message: "'str' object has no attribute 'decode'",
    });
  });

  it('takes the last of a chain, with all lines of its message', () => {
    const pasted = readTraceback(chained);
    expect(pasted.exceptions.map(exception => exception.type)).toEqual(['KeyError', 'ValueError']);
    expect(lastException(pasted).message).toContain('Received: (a, b)');
  });

  it('takes the coloured and arrowed form of Jupyter', () => {
    const colour = (text: string) => `\u001b[0;31m${text}\u001b[0m`;
    const text = `${colour('ValueError')}: Unknown layer: MyLayer`;
    expect(lastException(readTraceback(text))).toEqual({ type: 'ValueError', message: 'Unknown layer: MyLayer' });
  });

  it('takes an error of a browser', () => {
    const text =
      'Uncaught (in promise) Error: Unknown layer: RandomFlip. This may be due to one of the following reasons';
    expect(lastException(readTraceback(text)).type).toBe('Error');
    expect(explain(text).causes[0]?.failure).toBe('tfjs-unsupported-layer');
  });

  it('takes a line without a type', () => {
    expect(lastException(readTraceback('Illegal instruction (core dumped)\n'))).toEqual({
      type: null,
      message: 'Illegal instruction (core dumped)',
    });
  });
});

describe('explaining', () => {
  it.each([
    [python, 'h5py3-decode'],
    ["ValueError: Unrecognized keyword arguments passed to LSTM: {'time_major': False}", 'keras2-file-in-keras3'],
    ["ValueError: Unrecognized keyword arguments: ['batch_shape']", 'keras3-file-in-keras2'],
    ['ValueError: Unknown layer: Attention2', 'custom-object-missing'],
    ['ValueError: Unknown loss function: dice', 'custom-object-missing'],
    ['ValueError: Unknown layer:name', 'newer-file-older-keras'],
    ['ValueError: bad marshal data (unknown type code)', 'lambda-marshal-python-version'],
    ['ValueError: No model found in config file.', 'weights-only-as-model'],
    ['The values to be kept must have known shape', 'input-shape-unknown'],
    [
      'You are trying to load a weight file containing 3 layers into a model with 5 layers.',
      'architecture-mismatch-count',
    ],
    [
      'OSError: Unable to open file (truncated file: eof = 4096, sblock->base_addr = 0, stored_eof = 99248)',
      'truncated-or-corrupt',
    ],
    ['OSError: No file or directory found at model.h5', 'file-not-found-path'],
  ])('%s', (text, failure) => {
    expect(explain(text).causes[0]?.failure).toBe(failure);
  });

  it('names what was captured in the mends', () => {
    const [cause] = explain('ValueError: Unknown layer: MyLayer', { artefact: 'm.h5' }).causes;
    expect(cause?.mends.map(mend => mend.python ?? '').join('\n')).toContain("custom_objects={'MyLayer': MyLayer}");
    expect(cause?.mends.map(mend => mend.command ?? '').join('\n')).toContain('loadstone inspect m.h5');
  });

  it('lets the artefact decide between causes that share a message', () => {
    const text = 'OSError: Unable to open file (file signature not found)';
    expect(explain(text, { foreseen: [{ failure: 'lfs-pointer', message: null }] }).causes[0]?.failure).toBe(
      'lfs-pointer',
    );
    expect(explain(text, { foreseen: [{ failure: 'truncated-or-corrupt', message: null }] }).causes[0]?.failure).toBe(
      'truncated-or-corrupt',
    );
  });

  it('names what a loader is foreseen to say of the artefact, though no sign tells it', () => {
    const text =
      "Traceback (most recent call last):\nUnboundLocalError: local variable 'obj_type' referenced before assignment";
    const message = "local variable 'obj_type' referenced before assignment";
    const foreseen = [{ failure: 'zip-duplicate-entries', message }];
    expect(explain(text, { foreseen }).causes[0]?.failure).toBe('zip-duplicate-entries');
    expect(explain(text).causes[0]?.failure).not.toBe('zip-duplicate-entries');
  });

  it('says nothing where nothing is known', () => {
    expect(explain('All is well.').causes).toEqual([]);
  });
});

describe('the catalogue', () => {
  it('has each id once, in files of that name', () => {
    const ids = catalogue.map(failure => failure.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('leaves no name without a value in what people read', () => {
    const texts = catalogue.flatMap(({ title, why }) => [title, why]);
    expect(texts.filter(text => text.length < 10)).toEqual([]);
  });

  it('says in a sentence what to do, with commands that there are', () => {
    const mends = catalogue.flatMap(failure => failure.mends);
    expect(mends.filter(({ title }) => title.length < 10)).toEqual([]);
    const called = mends.flatMap(({ command }) => /^loadstone ([\w-]+)/.exec(command ?? '')?.[1] ?? []);
    expect(called.filter(name => !existsSync(`cli/${name}.ts`))).toEqual([]);
    const others = mends.flatMap(({ command }) => (command && !command.startsWith('loadstone ') ? [command] : []));
    expect(others.filter(command => !/^([A-Z0-9_]+=\S+ )?(pip|python|git|ls|cd) \S/.test(command))).toEqual([]);
  });

  it('is what docs/failures.md says', () => {
    expect(readFileSync('docs/failures.md', 'utf8')).toBe(failurePage());
  });
});
