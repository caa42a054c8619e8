/**
 * Text out of files. Bytes that are not UTF-8 must survive: each becomes a lone surrogate U+DC80 to U+DCFF, as Python's
 * `surrogateescape` does and h5py 3 hands out, so that the damage can be seen and undone.
 */

import type { Hdf5StringType } from './datatype-types.ts';

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface DecodedText {
  text: string;
  valid: boolean;
}

/** Decodes UTF-8, escaping what is not. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const short = bytes.length <= 64 ? asciiOrNull(bytes) : null;
  if (short !== null) return { text: short, valid: true };
  try {
    return { text: strict.decode(bytes), valid: true };
  } catch {
    return { text: decodeEscaping(bytes), valid: false };
  }
}

/** Names are short ASCII: for them this is several times as fast as a decoder. */
function asciiOrNull(bytes: Uint8Array): string | null {
  let text = '';
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    if (byte >= 0x80) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}

function decodeEscaping(bytes: Uint8Array): string {
  const parts: string[] = [];
  let index = 0;
  while (index < bytes.length) {
    const length = sequenceLength(bytes, index);
    if (length === 0) parts.push(String.fromCharCode(0xdc00 + bytes[index]!));
    else parts.push(strict.decode(bytes.subarray(index, index + length)));
    index += Math.max(1, length);
  }
  return parts.join('');
}

/** Length of the well-formed UTF-8 sequence at `index` (Unicode, table 3-7); 0 where there is none. */
function sequenceLength(bytes: Uint8Array, index: number): number {
  const lead = bytes[index]!;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || index + length > bytes.length) return 0;
  const second = bytes[index + 1]!;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let at = index + 2; at < index + length; at += 1) if ((bytes[at]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** The bytes that `decodeText` made the text from. */
export function encodeText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** Orders texts by their bytes, as `strcmp` does: negative where `a` comes first. */
export function compareText(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [encodeText(a), encodeText(b)];
  for (let index = 0; index < x.length && index < y.length; index += 1) {
    if (x[index] !== y[index]) return x[index]! - y[index]!;
  }
  return x.length - y.length;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** The bytes of a fixed-length string without its padding. */
export function trimPadding(bytes: Uint8Array, padding: Hdf5StringType['padding']): Uint8Array {
  if (padding === 'null-terminated') {
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  }
  const pad = padding === 'space-padded' ? 0x20 : 0;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === pad) end -= 1;
  return bytes.subarray(0, end);
}
