/** Python's `bytes.decode('utf-8')`: the strict one with its error texts, and the one that keeps bad bytes as surrogates. */

import { type RaiseFacts, raise } from './exception.ts';

interface Fault {
  start: number;
  /** Exclusive. */
  end: number;
  reason: string;
}

/** Length of the sequence that a lead byte opens, 0 where it opens none. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

function continues(byte: number, lead: number, index: number): boolean {
  if (index !== 1) return (byte & 0xc0) === 0x80;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= lowest && byte <= highest;
}

function sequence(bytes: Uint8Array, at: number): { length: number; fault: Fault | null } {
  const lead = bytes[at]!;
  const length = lengthOf(lead);
  if (length === 0) return { length: 1, fault: { start: at, end: at + 1, reason: 'invalid start byte' } };
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined)
      return { length: index, fault: { start: at, end: at + index, reason: 'unexpected end of data' } };
    if (!continues(byte, lead, index))
      return { length: index, fault: { start: at, end: at + index, reason: 'invalid continuation byte' } };
  }
  return { length, fault: null };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Raises UnicodeDecodeError as CPython words it. */
export function decodeStrict(bytes: Uint8Array, facts: RaiseFacts = {}): string {
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at]! < 0x80) {
      at += 1;
      continue;
    }
    const { length, fault } = sequence(bytes, at);
    if (fault) raise('UnicodeDecodeError', faultText(bytes, fault), facts);
    at += length;
  }
  return decoder.decode(bytes);
}

function faultText(bytes: Uint8Array, { start, end, reason }: Fault): string {
  if (end === start + 1) {
    const byte = bytes[start]!.toString(16).padStart(2, '0');
    return `'utf-8' codec can't decode byte 0x${byte} in position ${start}: ${reason}`;
  }
  return `'utf-8' codec can't decode bytes in position ${start}-${end - 1}: ${reason}`;
}

/** h5py 3's way: every byte that does not decode becomes the surrogate U+DC00 plus the byte. */
export function decodeSurrogates(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const { length, fault } = bytes[at]! < 0x80 ? { length: 1, fault: null } : sequence(bytes, at);
    if (fault) {
      text += decoder.decode(bytes.subarray(from, at));
      for (let bad = at; bad < at + length; bad += 1) text += String.fromCharCode(0xdc00 + bytes[bad]!);
      from = at + length;
    }
    at += length;
  }
  return text + decoder.decode(bytes.subarray(from));
}
