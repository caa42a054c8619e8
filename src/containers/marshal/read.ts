/**
 * Reads CPython's marshal format, versions 0 to 5 (Python/marshal.c; the format has no specification). Shared objects
 * (`FLAG_REF`) become the same object here. Nesting, counts and the size after sharing is undone are bounded, so that a
 * few hostile bytes cannot unfold into gigabytes.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import { readCodeFields } from './code-fields.ts';
import { type Cursor, cursorOver, damaged } from './cursor.ts';
import type { CodeLayout, PythonConstant } from './values.ts';

/** CPython itself stops at 2000; compilers nest constants and functions a handful deep. */
export const maximumDepth = 200;
/** Objects after undoing sharing; a large real script has tens of thousands. */
export const maximumObjects = 1_000_000;
/** 15-bit digits of one integer: 60,000 bits, far beyond any constant that a person types. */
export const maximumIntegerDigits = 4_000;

const flagReference = 0x80;

/** The state of one reading. */
export interface Reading {
  readonly cursor: Cursor;
  readonly layout: CodeLayout;
  readonly references: ({ value: PythonConstant; weight: number } | null)[];
  /** Interned strings of Python 2, which `R` refers to. */
  readonly interned: PythonConstant[];
  depth: number;
  objects: number;
}

/** Begins to read `bytes`, taking code objects as laid out by `layout`. */
export function startReading(bytes: Uint8Array, layout: CodeLayout): Reading {
  return { cursor: cursorOver(bytes), layout, references: [], interned: [], depth: 0, objects: 0 };
}

/** Reads the next object. Throws `LoadstoneError` `damaged` or `limit` with the byte offset. */
export function readObject(reading: Reading): PythonConstant {
  const value = readOptional(reading);
  if (value === null) throw damaged('an empty object where one is needed', reading.cursor.offset);
  return value;
}

/** Reads the next object; null for the marker (`0`) that ends a dictionary. */
function readOptional(reading: Reading): PythonConstant | null {
  const { cursor } = reading;
  const start = cursor.offset;
  const head = cursor.byte();
  const type = String.fromCharCode(head & ~flagReference);
  if (type === '0') return null;
  if (type === 'r') return dereference(reading, start);
  const slot = head & flagReference ? reading.references.push(null) - 1 : -1;
  const before = reading.objects;
  charge(reading, 1, start);
  reading.depth += 1;
  if (reading.depth > maximumDepth) throw limit(`more than ${maximumDepth} levels of nesting`, start);
  const value = readValue(type, reading, start);
  reading.depth -= 1;
  if (slot >= 0) reading.references[slot] = { value, weight: reading.objects - before };
  return value;
}

function dereference(reading: Reading, start: number): PythonConstant {
  const index = reading.cursor.int32();
  const target = reading.references[index];
  if (!target) throw damaged(`reference ${index} to an object that has not been read`, start);
  charge(reading, target.weight, start);
  return target.value;
}

function charge(reading: Reading, weight: number, offset: number): void {
  reading.objects += weight;
  if (reading.objects > maximumObjects)
    throw limit(`more than ${maximumObjects} objects once sharing is undone`, offset);
}

function limit(what: string, offset: number): LoadstoneError {
  return new LoadstoneError('limit', `marshalled Python data has ${what}`, {
    where: `byte ${offset} of the code`,
    offset,
    do: "No compiler makes such code: do not load this file in Keras. Give the layer's function as your own (--custom).",
  });
}

function readValue(type: string, reading: Reading, start: number): PythonConstant {
  const { cursor } = reading;
  switch (type) {
    case 'N':
      return { kind: 'none' };
    case '.':
      return { kind: 'ellipsis' };
    case 'S':
      return { kind: 'stop-iteration' };
    case 'F':
    case 'T':
      return { kind: 'bool', value: type === 'T' };
    case 'i':
      return { kind: 'int', value: BigInt(cursor.int32()) };
    case 'I':
      return { kind: 'int', value: cursor.int64() };
    case 'l':
      return { kind: 'int', value: readLongInteger(cursor) };
    case 'f':
      return { kind: 'float', value: readTextNumber(cursor) };
    case 'g':
      return { kind: 'float', value: cursor.float64() };
    case 'x':
      return { kind: 'complex', real: readTextNumber(cursor), imaginary: readTextNumber(cursor) };
    case 'y':
      return { kind: 'complex', real: cursor.float64(), imaginary: cursor.float64() };
    case ':':
      return { kind: 'slice', start: readObject(reading), stop: readObject(reading), step: readObject(reading) };
    case '{':
      return { kind: 'dict', entries: readEntries(reading) };
    case 'c':
      return { kind: 'code', code: readCodeFields(reading, start) };
    default:
      return readTextOrSequence(type, reading, start);
  }
}

function readTextOrSequence(type: string, reading: Reading, start: number): PythonConstant {
  const { cursor } = reading;
  switch (type) {
    case 's':
      return { kind: 'bytes', value: cursor.bytes(cursor.count(1, 'bytes')) };
    case 'u':
      return { kind: 'string', value: decodeText(cursor.bytes(cursor.count(1, 'bytes of text'))) };
    case 't':
      return readInterned(reading);
    case 'R':
      return readInternedReference(reading, start);
    case 'a':
    case 'A':
      return { kind: 'string', value: decodeLatin(cursor.bytes(cursor.count(1, 'characters'))) };
    case 'z':
    case 'Z':
      return { kind: 'string', value: decodeLatin(cursor.bytes(cursor.byte())) };
    case ')':
      return { kind: 'tuple', items: readItems(reading, cursor.byte()) };
    case '(':
      return { kind: 'tuple', items: readItems(reading, cursor.count(1, 'items')) };
    case '[':
      return { kind: 'list', items: readItems(reading, cursor.count(1, 'items')) };
    case '<':
      return { kind: 'set', items: readItems(reading, cursor.count(1, 'items')) };
    case '>':
      return { kind: 'frozenset', items: readItems(reading, cursor.count(1, 'items')) };
    default:
      throw damaged(`unknown type code 0x${type.charCodeAt(0).toString(16).padStart(2, '0')}`, start);
  }
}

function readItems(reading: Reading, count: number): PythonConstant[] {
  const items: PythonConstant[] = [];
  for (let index = 0; index < count; index += 1) items.push(readObject(reading));
  return items;
}

function readEntries(reading: Reading): [PythonConstant, PythonConstant][] {
  const entries: [PythonConstant, PythonConstant][] = [];
  for (;;) {
    const key = readOptional(reading);
    if (key === null) return entries;
    entries.push([key, readObject(reading)]);
  }
}

/** Python 2 keeps interned strings in a list of their own, and they are byte strings; Python 3 marks them only. */
function readInterned(reading: Reading): PythonConstant {
  const bytes = reading.cursor.bytes(reading.cursor.count(1, 'bytes of text'));
  if (reading.layout !== '2.7') return { kind: 'string', value: decodeText(bytes) };
  const value: PythonConstant = { kind: 'bytes', value: bytes };
  reading.interned.push(value);
  return value;
}

function readInternedReference(reading: Reading, start: number): PythonConstant {
  const index = reading.cursor.int32();
  const value = reading.interned[index];
  if (reading.layout !== '2.7' || value === undefined) throw damaged(`reference ${index} to no interned string`, start);
  return value;
}

/** Sign and count of 15-bit digits in one int32, then the digits, lowest first. */
function readLongInteger(cursor: Cursor): bigint {
  const start = cursor.offset;
  const size = cursor.int32();
  const digits = Math.abs(size);
  if (digits * 2 > cursor.remaining) throw damaged(`an integer of ${digits} digits`, start);
  if (digits > maximumIntegerDigits) throw limit(`an integer of ${digits * 15} bits`, start);
  let bits = '';
  for (let index = 0; index < digits; index += 1) {
    const digit = cursor.int16();
    if (digit < 0) throw damaged('a digit of an integer above 15 bits', cursor.offset - 2);
    bits = digit.toString(2).padStart(15, '0') + bits;
  }
  const magnitude = bits === '' ? 0n : BigInt(`0b${bits}`);
  return size < 0 ? -magnitude : magnitude;
}

/** A float as text (marshal versions 0 and 1), length in one byte. */
function readTextNumber(cursor: Cursor): number {
  const start = cursor.offset;
  const text = decodeLatin(cursor.bytes(cursor.byte())).trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(text);
  if (special) return special[2] === 'nan' ? Number.NaN : Number(`${special[1]}Infinity`);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text)) throw damaged(`"${text}" is no number`, start);
  return Number(text);
}

function decodeLatin(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const utf8 = new TextDecoder('utf-8');

/** Lone surrogates, which Python marshals with `surrogatepass`, come out as replacement characters. */
function decodeText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
