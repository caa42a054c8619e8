/** SipHash-2-4 with a 128-bit key (Aumasson and Bernstein), as TensorFlow's "strong" hash buckets use it. */

const mask = (1n << 64n) - 1n;

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & mask;
}

type State = [bigint, bigint, bigint, bigint];

function round([v0, v1, v2, v3]: State): State {
  const a0 = (v0 + v1) & mask;
  const a1 = rotate(v1, 13n) ^ a0;
  const a2 = (v2 + v3) & mask;
  const a3 = rotate(v3, 16n) ^ a2;
  const b0 = (rotate(a0, 32n) + a3) & mask;
  const b3 = rotate(a3, 21n) ^ b0;
  const b2 = (a2 + a1) & mask;
  return [b0, rotate(a1, 17n) ^ b2, rotate(b2, 32n), b3];
}

function rounds(state: State, count: number): State {
  let current = state;
  for (let done = 0; done < count; done += 1) current = round(current);
  return current;
}

/** The hash of some bytes, unsigned. The key's halves count modulo 2⁶⁴. */
export function sipHash24(key: readonly [bigint, bigint], bytes: Uint8Array): bigint {
  const [k0, k1] = key.map(half => half & mask) as [bigint, bigint];
  let state: State = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const take = (word: bigint) => {
    state[3] ^= word;
    state = rounds(state, 2);
    state[0] ^= word;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) take(view.getBigUint64(at, true));
  let rest = BigInt(bytes.length & 0xff) << 56n;
  for (let at = whole; at < bytes.length; at += 1) rest |= BigInt(bytes[at]!) << BigInt(8 * (at - whole));
  take(rest);
  state[2] ^= 0xffn;
  const [v0, v1, v2, v3] = rounds(state, 4);
  return v0 ^ v1 ^ v2 ^ v3;
}
