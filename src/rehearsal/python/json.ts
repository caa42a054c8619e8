/**
 * Python's `json.loads` with its error texts and places. Follows CPython's scanner (Modules/_json.c): what it accepts
 * (NaN, Infinity, duplicate keys) and where it stops.
 */

import { type RaiseFacts, raise } from './exception.ts';
import { markFloat, type PyDict, type PyValue, put } from './values.ts';

interface Reading {
  readonly text: string;
  at: number;
  readonly facts: RaiseFacts;
}

const recursionLimit = 900;

/** Raises JSONDecodeError (or RecursionError for absurd nesting). */
export function jsonLoads(text: string, facts: RaiseFacts = {}): PyValue {
  const reading: Reading = { text, at: 0, facts };
  if (text.charCodeAt(0) === 0xfeff) fail(reading, 'Unexpected UTF-8 BOM (decode using utf-8-sig)', 0);
  skipSpace(reading);
  const holder: PyValue[] = [];
  const value = readTerm(reading, 0, holder, 0);
  skipSpace(reading);
  if (reading.at !== text.length) fail(reading, 'Extra data', reading.at);
  return value;
}

function fail(reading: Reading, what: string, at: number): never {
  const before = reading.text.slice(0, at);
  const line = before.split('\n').length;
  const column = codePoints(before.slice(before.lastIndexOf('\n') + 1)) + 1;
  raise('JSONDecodeError', `${what}: line ${line} column ${column} (char ${codePoints(before)})`, reading.facts);
}

/** Python counts code points, JavaScript UTF-16 units. */
function codePoints(text: string): number {
  let pairs = 0;
  for (let at = 0; at + 1 < text.length; at += 1) {
    const high = text.charCodeAt(at);
    if (high >= 0xd800 && high <= 0xdbff && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) pairs += 1;
  }
  return text.length - pairs;
}

function skipSpace(reading: Reading): void {
  for (;;) {
    const code = reading.text.charCodeAt(reading.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    reading.at += 1;
  }
}

const words: readonly (readonly [string, PyValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

const numberPattern = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;

function readTerm(reading: Reading, depth: number, holder: object, key: string | number): PyValue {
  const { text, at } = reading;
  if (depth > recursionLimit)
    raise(
      'RecursionError',
      'maximum recursion depth exceeded while decoding a JSON object from a unicode string',
      reading.facts,
    );
  const first = text[at];
  if (first === '"') return readString(reading);
  if (first === '{') return readObject(reading, depth + 1);
  if (first === '[') return readArray(reading, depth + 1);
  for (const [word, value] of words) {
    if (!text.startsWith(word, at)) continue;
    reading.at += word.length;
    if (typeof value === 'number') markFloat(holder, key);
    return value;
  }
  numberPattern.lastIndex = at;
  const match = numberPattern.exec(text);
  if (!match) fail(reading, 'Expecting value', at);
  reading.at += match[0].length;
  if (match[2] !== undefined || match[3] !== undefined) markFloat(holder, key);
  return Number(match[0]);
}

function readObject(reading: Reading, depth: number): PyDict {
  const { text } = reading;
  const dict: PyDict = {};
  reading.at += 1;
  skipSpace(reading);
  if (text[reading.at] === '}') {
    reading.at += 1;
    return dict;
  }
  for (;;) {
    if (text[reading.at] !== '"') fail(reading, 'Expecting property name enclosed in double quotes', reading.at);
    const key = readString(reading);
    skipSpace(reading);
    if (text[reading.at] !== ':') fail(reading, "Expecting ':' delimiter", reading.at);
    reading.at += 1;
    skipSpace(reading);
    put(dict, key, readTerm(reading, depth, dict, key));
    skipSpace(reading);
    const next = text[reading.at];
    if (next !== '}' && next !== ',') fail(reading, "Expecting ',' delimiter", reading.at);
    reading.at += 1;
    if (next === '}') return dict;
    skipSpace(reading);
  }
}

function readArray(reading: Reading, depth: number): PyValue[] {
  const { text } = reading;
  const list: PyValue[] = [];
  reading.at += 1;
  skipSpace(reading);
  if (text[reading.at] === ']') {
    reading.at += 1;
    return list;
  }
  for (;;) {
    list.push(readTerm(reading, depth, list, list.length));
    skipSpace(reading);
    const next = text[reading.at];
    if (next !== ']' && next !== ',') fail(reading, "Expecting ',' delimiter", reading.at);
    reading.at += 1;
    if (next === ']') return list;
    skipSpace(reading);
  }
}

const escapes: { readonly [letter: string]: string } = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readString(reading: Reading): string {
  const { text } = reading;
  const begin = reading.at;
  let result = '';
  let from = begin + 1;
  for (let at = from; ; at += 1) {
    if (at >= text.length) fail(reading, 'Unterminated string starting at', begin);
    const code = text.charCodeAt(at);
    if (code <= 0x1f) fail(reading, 'Invalid control character at', at);
    if (code !== 0x22 && code !== 0x5c) continue;
    result += text.slice(from, at);
    if (code === 0x22) {
      reading.at = at + 1;
      return result;
    }
    const letter = text[at + 1];
    if (letter === undefined) fail(reading, 'Unterminated string starting at', begin);
    if (letter === 'u') {
      const digits = text.slice(at + 2, at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits) || at + 6 >= text.length) fail(reading, 'Invalid \\uXXXX escape', at + 1);
      result += String.fromCharCode(Number.parseInt(digits, 16));
      at += 5;
    } else {
      const simple = escapes[letter];
      if (simple === undefined) fail(reading, 'Invalid \\escape', at);
      result += simple;
      at += 1;
    }
    from = at + 1;
  }
}

type Kept = { readonly value: PyValue } | { readonly error: unknown };

const kept = new WeakMap<Uint8Array, Map<string, Kept>>();

/**
 * As `jsonLoads`, once for each stored text: a config is read in many environments. What comes out is shared, and must
 * not be changed. `key` tells the ways of decoding apart.
 */
export function jsonLoadsKept(bytes: Uint8Array, text: string, key: string, facts: RaiseFacts = {}): PyValue {
  const ways = kept.get(bytes) ?? new Map<string, Kept>();
  kept.set(bytes, ways);
  let known = ways.get(key);
  if (!known) {
    try {
      known = { value: jsonLoads(text, facts) };
    } catch (error) {
      known = { error };
    }
    ways.set(key, known);
  }
  if ('error' in known) throw known.error;
  return known.value;
}
