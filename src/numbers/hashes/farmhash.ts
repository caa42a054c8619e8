/**
 * FarmHash's Fingerprint64 (the "na" variant, which is fixed for ever) and TensorFlow's FingerprintCat64. All
 * arithmetic is modulo 2⁶⁴, bytes are read little-endian.
 */

const k0 = 0xc3a5c85c97cb3127n;
const k1 = 0xb492b66fbe98f273n;
const k2 = 0x9ae16a3b2f90404fn;
const mask = (1n << 64n) - 1n;

function wrap(value: bigint): bigint {
  return value & mask;
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value >> bits) | (value << (64n - bits))) & mask;
}

function shiftMix(value: bigint): bigint {
  return value ^ (value >> 47n);
}

function hash16(u: bigint, v: bigint, mul: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * mul));
  const b = shiftMix(wrap((v ^ a) * mul));
  return wrap(b * mul);
}

type Fetch = (at: number) => bigint;

function hashUpTo16(bytes: Uint8Array, view: DataView, fetch: Fetch): bigint {
  const length = bytes.length;
  const mul = k2 + BigInt(length) * 2n;
  if (length >= 8) {
    const a = wrap(fetch(0) + k2);
    const b = fetch(length - 8);
    const c = wrap(rotate(b, 37n) * mul + a);
    const d = wrap((rotate(a, 25n) + b) * mul);
    return hash16(c, d, mul);
  }
  if (length >= 4) {
    const first = BigInt(view.getUint32(0, true));
    return hash16(BigInt(length) + (first << 3n), BigInt(view.getUint32(length - 4, true)), mul);
  }
  if (length === 0) return k2;
  const y = BigInt(bytes[0]! + (bytes[length >> 1]! << 8));
  const z = BigInt(length + (bytes[length - 1]! << 2));
  return wrap(shiftMix(wrap(y * k2) ^ wrap(z * k0)) * k2);
}

function hashUpTo32(length: number, fetch: Fetch): bigint {
  const mul = k2 + BigInt(length) * 2n;
  const a = wrap(fetch(0) * k1);
  const b = fetch(8);
  const c = wrap(fetch(length - 8) * mul);
  const d = wrap(fetch(length - 16) * k2);
  const left = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d);
  return hash16(left, wrap(a + rotate(wrap(b + k2), 18n) + c), mul);
}

function hashUpTo64(length: number, fetch: Fetch): bigint {
  const mul = k2 + BigInt(length) * 2n;
  const a = wrap(fetch(0) * k2);
  const b = fetch(8);
  const c = wrap(fetch(length - 8) * mul);
  const d = wrap(fetch(length - 16) * k2);
  const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d);
  const z = hash16(y, wrap(a + rotate(wrap(b + k2), 18n) + c), mul);
  const e = wrap(fetch(16) * mul);
  const f = fetch(24);
  const g = wrap((y + fetch(length - 32)) * mul);
  const h = wrap((z + fetch(length - 24)) * mul);
  return hash16(wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h), wrap(e + rotate(wrap(f + a), 18n) + g), mul);
}

/** 32 bytes at `at` mixed with two seeds. */
function weakHash(fetch: Fetch, at: number, seedA: bigint, seedB: bigint): [bigint, bigint] {
  const a = wrap(seedA + fetch(at));
  const last = fetch(at + 24);
  const b = rotate(wrap(seedB + a + last), 21n);
  const sum = wrap(a + fetch(at + 8) + fetch(at + 16));
  return [wrap(sum + last), wrap(b + rotate(sum, 44n) + a)];
}

interface State {
  x: bigint;
  y: bigint;
  z: bigint;
  v: [bigint, bigint];
  w: [bigint, bigint];
}

/** One round over 64 bytes at `at`; the last round weighs two of its terms by 9. */
function mixBlock({ x, y, z, v, w }: State, fetch: Fetch, at: number, mul: bigint, weight: bigint): State {
  const x1 = wrap(rotate(wrap(x + y + v[0] + fetch(at + 8)), 37n) * mul) ^ wrap(w[1] * weight);
  const y1 = wrap(rotate(wrap(y + v[1] + fetch(at + 48)), 42n) * mul + v[0] * weight + fetch(at + 40));
  const z1 = wrap(rotate(wrap(z + w[0]), 33n) * mul);
  const v1 = weakHash(fetch, at, wrap(v[1] * mul), wrap(x1 + w[0]));
  const w1 = weakHash(fetch, at + 32, wrap(z1 + w[1]), wrap(y1 + fetch(at + 16)));
  return { x: z1, y: y1, z: x1, v: v1, w: w1 };
}

function hashLong(length: number, fetch: Fetch): bigint {
  const seed = 81n;
  const y = wrap(seed * k1 + 113n);
  const z = wrap(shiftMix(wrap(y * k2 + 113n)) * k2);
  let state: State = { x: wrap(seed * k2 + fetch(0)), y, z, v: [0n, 0n], w: [0n, 0n] };
  const end = Math.floor((length - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) state = mixBlock(state, fetch, at, k1, 1n);
  const mul = k1 + ((state.z & 0xffn) << 1n);
  const w0 = wrap(state.w[0] + BigInt((length - 1) & 63));
  const v0 = wrap(state.v[0] + w0);
  const ready: State = { ...state, v: [v0, state.v[1]], w: [wrap(w0 + v0), state.w[1]] };
  const last = mixBlock(ready, fetch, length - 64, mul, 9n);
  const left = wrap(hash16(last.v[0], last.w[0], mul) + shiftMix(last.y) * k0 + last.z);
  return hash16(left, wrap(hash16(last.v[1], last.w[1], mul) + last.x), mul);
}

/** FarmHash Fingerprint64 of some bytes, unsigned. */
export function fingerprint64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fetch: Fetch = at => view.getBigUint64(at, true);
  const length = bytes.length;
  if (length <= 16) return hashUpTo16(bytes, view, fetch);
  if (length <= 32) return hashUpTo32(length, fetch);
  return length <= 64 ? hashUpTo64(length, fetch) : hashLong(length, fetch);
}

const crossMultiplier = 0xc6a4a7935bd1e995n;

/** Where TensorFlow starts to combine fingerprints. */
export const crossStart = 0xdecafcaffen;

/** Combines two fingerprints (tensorflow/core/platform/fingerprint.h: FingerprintCat64). */
export function fingerprintCat64(left: bigint, right: bigint): bigint {
  const mixed = left ^ crossMultiplier ^ wrap(shiftMix(wrap(right * crossMultiplier)) * crossMultiplier);
  return shiftMix(wrap(shiftMix(wrap(mixed * crossMultiplier)) * crossMultiplier));
}
