/** NumPy's files: what NumPy writes is read, what we write has NumPy's form, what is hostile is refused. */

import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/bytes/memory.ts';
import { memorySink } from '../../../src/bytes/sink.ts';
import { readNpy, readNpz, writeNpy, writeNpz } from '../../../src/containers/npy/index.ts';
import type { DType } from '../../../src/numbers/dtype.ts';
import { packNumbers } from '../../../src/numbers/pack.ts';
import type { Tensor } from '../../../src/numbers/tensor.ts';

/** A file as NumPy 1.0 writes it. */
function file(header: string, body: readonly number[]): Uint8Array {
  const text = `${header.padEnd(117)}\n`;
  return Uint8Array.of(
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length & 255,
    text.length >> 8,
    ...new TextEncoder().encode(text),
    ...body,
  );
}

const dtypes: DType[] = [
  'float16',
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
];

describe('arrays', () => {
  it.each(dtypes)('of %s come back as written', dtype => {
    const tensor: Tensor = { dtype, shape: [2, 3], data: packNumbers([0, 1, 1, 0, 1, 0], dtype) };
    expect(readNpy(writeNpy(tensor), 'x.npy')).toEqual(tensor);
  });

  it('of strings come back as written', () => {
    const tensor: Tensor = { dtype: 'string', shape: [3], data: ['', 'naïve', '𝄞 clef'] };
    expect(readNpy(writeNpy(tensor), 'x.npy')).toEqual(tensor);
  });

  it('begin at a multiple of 64 bytes', () => {
    const bytes = writeNpy({ dtype: 'float32', shape: [1], data: Float32Array.of(1) });
    expect(bytes.length).toBe(128 + 4);
  });

  it('of big-endian numbers are turned', () => {
    const bytes = file("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", [1, 2, 0, 3]);
    expect(readNpy(bytes, 'x')).toEqual({ dtype: 'int16', shape: [2], data: Int16Array.of(258, 3) });
  });

  it("in Fortran's order are brought into C's", () => {
    const bytes = file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6]);
    expect(Array.from(readNpy(bytes, 'x').data as Uint8Array)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('of bytes are strings', () => {
    const bytes = file("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", [97, 98, 0, 99, 100, 101]);
    expect(readNpy(bytes, 'x').data).toEqual(['ab', 'cde']);
  });

  it('of no axes are scalars', () => {
    expect(
      readNpy(file("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", [0, 0, 128, 63]), 'x'),
    ).toMatchObject({ shape: [], data: Float32Array.of(1) });
  });
});

describe('what is refused', () => {
  it.each([
    ["{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", [0x80, 4], 'unsupported', /pickled/],
    ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", [0, 0, 0, 0], 'unsupported', /records/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", [0, 0, 0, 0], 'damaged', /4 bytes of 12/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", [], 'damaged', /shape/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", [], 'damaged', /bytes of/],
    ["{'descr': '<U0', 'fortran_order': False, 'shape': (9999999999,), }", [], 'damaged', /empty strings/],
    ['nothing', [], 'damaged', /header/],
  ] as const)('%s', (header, body, code, what) => {
    expect(() => readNpy(file(header, body), 'x.npy')).toThrowError(
      expect.objectContaining({ code, what: expect.stringMatching(what) }),
    );
  });

  it('a header longer than the file', () => {
    expect(() => readNpy(Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 255, 255, 0, 0), 'x')).toThrowError(
      /header claims 65535 bytes/,
    );
  });
});

describe('archives', () => {
  it('come back as written, in order', async () => {
    const sink = memorySink();
    const arrays: [string, Tensor][] = [
      ['b', { dtype: 'int32', shape: [1], data: Int32Array.of(7) }],
      ['a', { dtype: 'string', shape: [1], data: ['x'] }],
    ];
    await writeNpz(arrays, sink);
    expect([...(await readNpz(memorySource(sink.bytes())))]).toEqual(arrays);
  });
});
