import { describe, expect, it } from 'vitest';
import { writeCode } from '../../src/containers/marshal/index.ts';
import {
  assemble,
  assembledPythons,
  describeFunction,
  type Expression,
  readStoredFunction,
  type StraightFunction,
} from '../../src/lambdas/index.ts';

const inputs: Expression = { kind: 'local', name: 'inputs' };
const float = (value: number): Expression => ({ kind: 'constant', value: { kind: 'float', value } });
const int = (value: number): Expression => ({ kind: 'constant', value: { kind: 'int', value: BigInt(value) } });
const none: Expression = { kind: 'constant', value: { kind: 'none' } };

const body: StraightFunction = {
  name: 'scaled',
  parameters: ['inputs'],
  imports: [['tensorflow', 'tf']],
  steps: [
    { to: 'step_1', value: { kind: 'binary', sign: '-', left: float(1), right: inputs } },
    {
      to: 'step_2',
      value: {
        kind: 'call',
        callee: { kind: 'attribute', of: { kind: 'local', name: 'tf' }, name: 'reduce_sum' },
        args: [{ kind: 'local', name: 'step_1' }],
        keywords: [['axis', int(-300000)]],
      },
    },
    {
      to: 'step_3',
      value: {
        kind: 'call',
        callee: { kind: 'attribute', of: { kind: 'local', name: 'tf' }, name: 'abs' },
        args: [{ kind: 'local', name: 'step_2' }],
        keywords: [],
      },
    },
  ],
  result: {
    kind: 'subscript',
    of: { kind: 'local', name: 'step_3' },
    index: { kind: 'tuple', items: [int(0), { kind: 'slice', parts: [int(1), none, int(2)] }] },
  },
};

function stored(python: (typeof assembledPythons)[number], function_ = body) {
  const bytes = writeCode(assemble(function_, python));
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}

describe('assembled functions', () => {
  it.each(assembledPythons)('read back as the same source, of Python %s', python => {
    const { source, python: told } = describeFunction(readStoredFunction([stored(python), null, null], 'lambda'), {
      line: 'keras2',
      keras: '2.2.4',
      backend: 'tensorflow',
      tensorflow: 1,
    });
    expect(told?.split('–').at(-1)).toContain(python === '3.8' ? '3.9' : python);
    expect(source?.split('\n').map(line => line.trim())).toEqual([
      'def scaled(inputs):',
      'import tensorflow as tf',
      'step_1 = 1.0 - inputs',
      'step_2 = tf.reduce_sum(step_1, axis=-300000)',
      'step_3 = tf.abs(step_2)',
      'return step_3[0, 1::2]',
    ]);
  });

  it('take more constants than a byte counts', () => {
    const steps = Array.from({ length: 300 }, (_, at) => ({
      to: 'step',
      value: { kind: 'binary', sign: '+', left: inputs, right: float(at) } as Expression,
    }));
    const read = readStoredFunction([stored('3.7', { ...body, steps, result: inputs }), null, null], 'lambda');
    expect(read.kind === 'code' && read.read.code.constants.length).toBe(302);
    expect(read.kind === 'code' && read.read.code.constants.at(-1)).toEqual({ kind: 'float', value: 299 });
  });
});
