/**
 * Short floating formats as bit patterns: float16 (IEEE 754 binary16), bfloat16 (upper half of a binary32) and the two
 * 8-bit formats of OCP (E4M3FN without infinities, E5M2). Rounding is to nearest, ties to even.
 */

const word = new DataView(new ArrayBuffer(4));

function bitsOfFloat(value: number): number {
  word.setFloat32(0, value);
  return word.getUint32(0);
}

/** float16 bits to a number. */
export function decodeFloat16(bits: number): number {
  return decodeSmall(bits, 10, 15, 5);
}

/** bfloat16 bits to a number. */
export function decodeBfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** A number to float16 bits; what is too large becomes infinity. */
export function encodeFloat16(value: number): number {
  return encodeSmall(value, 10, 15, 5);
}

/** A number to bfloat16 bits. */
export function encodeBfloat16(value: number): number {
  const bits = bitsOfFloat(value);
  if (Number.isNaN(value)) return 0x7fc0;
  // Adding just under half a unit, and one more where the kept part is odd, rounds to nearest even.
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** E5M2 bits to a number. */
export function decodeFloat8e5m2(bits: number): number {
  return decodeSmall(bits, 2, 15, 5);
}

/** A number to E5M2 bits; what is too large becomes infinity. */
export function encodeFloat8e5m2(value: number): number {
  return encodeSmall(value, 2, 15, 5);
}

/** E4M3FN bits to a number: no infinities, all ones is NaN. */
export function decodeFloat8e4m3fn(bits: number): number {
  if ((bits & 0x7f) === 0x7f) return Number.NaN;
  const exponent = (bits >> 3) & 15;
  const fraction = bits & 7;
  const magnitude = exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7);
  return bits & 0x80 ? -magnitude : magnitude;
}

/** A number to E4M3FN bits; beyond 448 (after rounding) it is NaN, as ml_dtypes has it. */
export function encodeFloat8e4m3fn(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x80 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7f;
  const exponent = magnitude === 0 ? -6 : Math.max(exponentOf(magnitude), -6);
  const units = roundHalfEven(magnitude * 2 ** (3 - exponent));
  const bits = units + ((exponent + 6) << 3);
  return sign | (bits > 0x7e ? 0x7f : bits);
}

/** Rounds to the nearest whole number, halves to the even one. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The power of two at or below `magnitude`; the logarithm alone may be one off beside a power of two. */
function exponentOf(magnitude: number): number {
  const guess = Math.floor(Math.log2(magnitude));
  if (2 ** guess > magnitude) return guess - 1;
  return 2 ** (guess + 1) <= magnitude ? guess + 1 : guess;
}

function decodeSmall(bits: number, fractionBits: number, bias: number, exponentBits: number): number {
  const exponentMask = (1 << exponentBits) - 1;
  const exponent = (bits >> fractionBits) & exponentMask;
  const fraction = bits & ((1 << fractionBits) - 1);
  const sign = bits >> (fractionBits + exponentBits) ? -1 : 1;
  if (exponent === exponentMask) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  const scale = 2 ** -fractionBits;
  if (exponent === 0) return sign * fraction * scale * 2 ** (1 - bias);
  return sign * (1 + fraction * scale) * 2 ** (exponent - bias);
}

function encodeSmall(value: number, fractionBits: number, bias: number, exponentBits: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 1 << (fractionBits + exponentBits) : 0;
  const infinity = ((1 << exponentBits) - 1) << fractionBits;
  if (Number.isNaN(value)) return infinity | (1 << (fractionBits - 1));
  const magnitude = Math.abs(value);
  if (magnitude === 0) return sign;
  if (magnitude === Number.POSITIVE_INFINITY) return sign | infinity;
  const held = Math.max(exponentOf(magnitude), 1 - bias);
  const units = roundHalfEven(magnitude * 2 ** (fractionBits - held));
  // A subnormal has no implicit one: its biased exponent of 0 and the units' own carry make the bits come out right.
  const bits = units + ((held + bias - 1) << fractionBits);
  return sign | Math.min(bits, infinity);
}
