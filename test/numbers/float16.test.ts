/** Short floats: every bit pattern comes back, and rounding is to the nearest, ties to even. */

import { describe, expect, it } from 'vitest';
import {
  decodeBfloat16,
  decodeFloat8e4m3fn,
  decodeFloat8e5m2,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat8e4m3fn,
  encodeFloat8e5m2,
  encodeFloat16,
  roundHalfEven,
} from '../../src/numbers/float16.ts';

const formats = [
  ['float16', decodeFloat16, encodeFloat16, 65536],
  ['bfloat16', decodeBfloat16, encodeBfloat16, 65536],
  ['float8_e4m3fn', decodeFloat8e4m3fn, encodeFloat8e4m3fn, 256],
  ['float8_e5m2', decodeFloat8e5m2, encodeFloat8e5m2, 256],
] as const;

describe.each(formats)('%s', (_, decode, encode, patterns) => {
  it('comes back from every pattern', () => {
    const lost = Array.from({ length: patterns }, (__, bits) => bits).filter(bits => {
      const value = decode(bits);
      return !Number.isNaN(value) && encode(value) !== bits;
    });
    expect(lost).toEqual([]);
  });

  it('rounds halfway between neighbours to the even one', () => {
    for (let bits = 1; bits < patterns / 2 - 2; bits += 1) {
      const [low, high] = [decode(bits), decode(bits + 1)];
      if (!Number.isFinite(low) || !Number.isFinite(high)) continue;
      expect(encode((low + high) / 2), `between ${low} and ${high}`).toBe(bits % 2 === 0 ? bits : bits + 1);
    }
  });

  it('keeps NaN', () => {
    expect(decode(encode(Number.NaN))).toBeNaN();
  });
});

describe('limits', () => {
  it('float16 overflows to infinity from 65520 on', () => {
    expect(decodeFloat16(encodeFloat16(65519))).toBe(65504);
    expect(decodeFloat16(encodeFloat16(65520))).toBe(Number.POSITIVE_INFINITY);
  });

  it('E4M3FN has no infinity: beyond 464 it is NaN', () => {
    expect(decodeFloat8e4m3fn(encodeFloat8e4m3fn(460))).toBe(448);
    expect(decodeFloat8e4m3fn(encodeFloat8e4m3fn(500))).toBeNaN();
  });

  it('halves round to even', () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map(roundHalfEven)).toEqual([-2, -2, -0, 0, 2, 2]);
  });
});
