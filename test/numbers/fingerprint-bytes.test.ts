import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint64 } from '../../src/numbers/hashes/farmhash.ts';
import { fingerprintBytes } from '../../src/numbers/hashes/fingerprint-bytes.ts';

describe('Fingerprint64 of long runs', () => {
  it('is what big integers give, for every remainder of a block', () => {
    for (let length = 1000; length < 1200; length++) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 131 + (at >> 3)) & 255);
      expect(fingerprintBytes(bytes)).toBe(fingerprint64(bytes));
    }
  });

  it('is what big integers give, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1025, maxLength: 1500 }), bytes => {
        expect(fingerprintBytes(bytes)).toBe(fingerprint64(bytes));
      }),
      { numRuns: 40 },
    );
  });
});
