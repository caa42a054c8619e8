/** Hashes against numbers that TensorFlow 2.19 gave: tf.strings.to_hash_bucket_fast and _strong into 1000003 bins. */

import { describe, expect, it } from 'vitest';
import { crossStart, fingerprint64, fingerprintCat64 } from '../../src/numbers/hashes/farmhash.ts';
import { sipHash24 } from '../../src/numbers/hashes/siphash.ts';

/** Length, bin of FarmHash, bin of SipHash with the key (133, 137). */
const expected: readonly (readonly [length: number, fast: number, strong: number])[] = [
  [0, 377723, 953272],
  [1, 402278, 522456],
  [3, 704107, 113409],
  [4, 410602, 739999],
  [7, 762913, 511648],
  [8, 742692, 750636],
  [16, 310783, 299886],
  [17, 466111, 376172],
  [32, 149785, 468188],
  [33, 429366, 31176],
  [64, 963800, 619546],
  [65, 992685, 703135],
  [127, 605051, 884738],
  [128, 377797, 434660],
  [129, 260368, 663348],
  [1000, 437331, 331130],
];

/** The text of that length that TensorFlow was given. */
function textOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => 33 + ((at * 7 + length) % 90));
}

describe.each(expected)('of %i bytes', (length, fast, strong) => {
  it('FarmHash falls into the bin that TensorFlow has', () => {
    expect(Number(fingerprint64(textOf(length)) % 1000003n)).toBe(fast);
  });

  it('SipHash falls into the bin that TensorFlow has', () => {
    expect(Number(sipHash24([133n, 137n], textOf(length)) % 1000003n)).toBe(strong);
  });
});

it('combines fingerprints into 64 bits, in order', () => {
  const [a, b] = ['a', 'b'].map(text => fingerprint64(new TextEncoder().encode(text))) as [bigint, bigint];
  const there = fingerprintCat64(fingerprintCat64(crossStart, a), b);
  const back = fingerprintCat64(fingerprintCat64(crossStart, b), a);
  expect(there).not.toBe(back);
  expect(BigInt.asUintN(64, there)).toBe(there);
});
