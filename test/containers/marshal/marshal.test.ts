import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCode, readMarshal } from '../../../src/containers/marshal/index.ts';
import { isLoadstoneError } from '../../../src/findings/errors.ts';
import { assemble, marshalCode } from '../../support/python-code.ts';

const bytes = (...parts: (number | string)[]) =>
  Uint8Array.from(
    parts.flatMap(part => (typeof part === 'number' ? [part] : [...part].map(letter => letter.charCodeAt(0)))),
  );

function errorOf(action: () => unknown): { code: string; offset: number | undefined } {
  try {
    action();
  } catch (error) {
    if (isLoadstoneError(error)) return { code: error.code, offset: error.offset };
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readMarshal', () => {
  it('reads the simple constants', () => {
    expect(readMarshal(bytes('N'))).toEqual({ kind: 'none' });
    expect(readMarshal(bytes('T'))).toEqual({ kind: 'bool', value: true });
    expect(readMarshal(bytes('.'))).toEqual({ kind: 'ellipsis' });
    expect(readMarshal(bytes('i', 0xfe, 0xff, 0xff, 0xff))).toEqual({ kind: 'int', value: -2n });
    expect(readMarshal(bytes('z', 2, 'ab'))).toEqual({ kind: 'string', value: 'ab' });
    expect(readMarshal(bytes('u', 2, 0, 0, 0, 0xc3, 0xa4))).toEqual({ kind: 'string', value: 'ä' });
  });

  it('reads integers beyond 64 bits, lowest digit first', () => {
    // 2**60 has 15-bit digits 0, 0, 0, 0, 1.
    const digits = bytes('l', 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
    expect(readMarshal(digits)).toEqual({ kind: 'int', value: 2n ** 60n });
    expect(readMarshal(bytes('l', 0xff, 0xff, 0xff, 0xff, 7, 0))).toEqual({ kind: 'int', value: -7n });
  });

  it('reads floats as bytes and as text', () => {
    expect(readMarshal(bytes('g', 0, 0, 0, 0, 0, 0, 0xf8, 0x3f))).toEqual({ kind: 'float', value: 1.5 });
    expect(readMarshal(bytes('f', 4, '-2.5'))).toEqual({ kind: 'float', value: -2.5 });
    expect(readMarshal(bytes('f', 3, 'inf'))).toEqual({ kind: 'float', value: Infinity });
    expect(readMarshal(bytes('x', 1, '1', 2, '-2'))).toEqual({ kind: 'complex', real: 1, imaginary: -2 });
  });

  it('reads collections, slices of marshal 5 and shared objects', () => {
    expect(readMarshal(bytes(')', 1, '[', 1, 0, 0, 0, 'N'))).toEqual({
      kind: 'tuple',
      items: [{ kind: 'list', items: [{ kind: 'none' }] }],
    });
    expect(readMarshal(bytes('{', 'z', 1, 'a', 'N', '0'))).toEqual({
      kind: 'dict',
      entries: [[{ kind: 'string', value: 'a' }, { kind: 'none' }]],
    });
    expect(readMarshal(bytes(':', 'N', 'N', 'T')).kind).toBe('slice');
    const shared = readMarshal(bytes(')', 2, 'z'.charCodeAt(0) | 0x80, 1, 'q', 'r', 0, 0, 0, 0));
    expect(shared).toEqual({ kind: 'tuple', items: [0, 1].map(() => ({ kind: 'string', value: 'q' })) });
  });

  it('tells where it breaks off', () => {
    expect(errorOf(() => readMarshal(bytes('i', 1)))).toEqual({ code: 'damaged', offset: 1 });
    expect(errorOf(() => readMarshal(bytes(')', 1, '?')))).toEqual({ code: 'damaged', offset: 2 });
    expect(errorOf(() => readMarshal(bytes('s', 0xff, 0xff, 0xff, 0x7f)))).toEqual({ code: 'damaged', offset: 1 });
    expect(errorOf(() => readMarshal(bytes('(', 0xff, 0xff, 0xff, 0xff)))).toEqual({ code: 'damaged', offset: 1 });
    expect(errorOf(() => readMarshal(bytes('r', 0, 0, 0, 0)))).toEqual({ code: 'damaged', offset: 0 });
  });

  it('refuses an object that holds itself', () => {
    const self = bytes('['.charCodeAt(0) | 0x80, 1, 0, 0, 0, 'r', 0, 0, 0, 0);
    expect(errorOf(() => readMarshal(self)).code).toBe('damaged');
  });

  it('refuses nesting without end', () => {
    expect(errorOf(() => readMarshal(Uint8Array.from(new Array<number[]>(100_000).fill([0x29, 1]).flat()))).code).toBe(
      'limit',
    );
  });

  it('refuses sharing that unfolds into millions', () => {
    // Each tuple refers twice to the one before: 40 of them would be a million million objects.
    const tuple = ')'.charCodeAt(0) | 0x80;
    const parts: number[] = ['('.charCodeAt(0), 41, 0, 0, 0, tuple, 1, 'N'.charCodeAt(0)];
    for (let level = 0; level < 40; level += 1) {
      parts.push(tuple, 2, 'r'.charCodeAt(0), level, 0, 0, 0, 'r'.charCodeAt(0), level, 0, 0, 0);
    }
    expect(errorOf(() => readMarshal(Uint8Array.from(parts))).code).toBe('limit');
  });
});

describe('readCode', () => {
  const identity = { instructions: [['LOAD_FAST', 0], ['RETURN_VALUE']] } as const;
  const layouts = [
    ['2.7', ['2.7']],
    ['3.5', ['3.4', '3.5', '3.6', '3.7']],
    ['3.7', ['3.4', '3.5', '3.6', '3.7']],
    ['3.9', ['3.8', '3.9', '3.10']],
    ['3.12', ['3.11', '3.12', '3.13', '3.14']],
  ] as const;

  it.each(layouts)('knows the layout of %s', (python, pythons) => {
    const read = readCode(marshalCode(python, { ...identity, arguments: ['x', 'y'], names: ['K', 'abs'] }));
    expect(read.pythons).toEqual(pythons);
    expect(read.code).toMatchObject({
      name: '<lambda>',
      argumentCount: 2,
      localNames: ['x', 'y'],
      names: ['K', 'abs'],
    });
    expect(read.code.code).toEqual(assemble(python, identity.instructions));
  });

  it('tells free variables and cells apart in both forms', () => {
    for (const python of ['3.7', '3.11'] as const) {
      const { code } = readCode(marshalCode(python, { ...identity, free: ['scale'], cells: ['x2'] }));
      expect([code.localNames, code.cellNames, code.freeNames]).toEqual([['x'], ['x2'], ['scale']]);
    }
  });

  it('refuses what is no code object', () => {
    expect(errorOf(() => readCode(bytes('N'))).code).toBe('damaged');
    expect(errorOf(() => readCode(new Uint8Array(0))).code).toBe('damaged');
  });

  it('ends in a clear error for random and mutated bytes', () => {
    const whole = marshalCode('3.11', { ...identity, names: ['tf', 'nn'], constants: [null, { float: 2 }, [1, 'a']] });
    const endsWell = (data: Uint8Array) => {
      try {
        readCode(data);
      } catch (error) {
        if (!isLoadstoneError(error)) throw error;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), data => endsWell(Uint8Array.from([0xe3, ...data]))),
      { numRuns: 500 },
    );
    const mutation = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(mutation, changes => {
        const mutated = whole.slice();
        for (const [at, value] of changes) mutated[at] = value;
        endsWell(mutated);
      }),
      { numRuns: 2000 },
    );
  });
});
