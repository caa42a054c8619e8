/**
 * JSON as Python's `json` module writes it: RFC 8259 and, besides, the bare words NaN, Infinity and -Infinity.
 * JavaScript's own parser refuses those three, and its errors name no place; this one gives the offset of what it
 * refuses, and its depth and size are bounded, because the text comes from a file that nobody vouches for.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import { readNumber, readString, type Scan, skipSpace } from './scan.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

export interface JsonOptions {
  /** What the text is called in errors: `model_config`, `config.json`. */
  name?: string;
  /** Deepest nesting that is followed. Keras nests 6 levels for each model within a model. */
  maxDepth?: number;
}

/** Nested models go down 6 levels each; 40 models within one another are beyond what any Keras builds. */
const defaultDepth = 256;

const words: readonly (readonly [string, JsonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

/** Reads one JSON document. Throws `bad-config` with the offset of the character (not byte) that does not fit. */
export function parseJson(text: string, options: JsonOptions = {}): JsonValue {
  const plain = parsePlain(text, options.maxDepth ?? defaultDepth);
  if (plain !== undefined) return plain;
  const scan: Scan = { text, at: text.charCodeAt(0) === 0xfeff ? 1 : 0, name: options.name ?? 'JSON' };
  const value = readValue(scan, options.maxDepth ?? defaultDepth);
  skipSpace(scan);
  if (scan.at < text.length) throw refusal(scan, 'there is more text after the end of the JSON value');
  return value;
}

/** What the language's own parser reads, many times as fast; undefined where ours must say more or allow more. */
function parsePlain(text: string, maxDepth: number): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isWithin(value, maxDepth) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWithin(value: JsonValue, depth: number): boolean {
  if (depth === 0) return false;
  if (typeof value !== 'object' || value === null) return true;
  for (const key in value) if (!isWithin((value as { [key: string]: JsonValue })[key]!, depth - 1)) return false;
  return true;
}

function readValue(scan: Scan, depth: number): JsonValue {
  if (depth === 0) throw refusal(scan, 'the JSON is nested too deeply', 'limit');
  skipSpace(scan);
  const first = scan.text[scan.at];
  if (first === '{') return readObject(scan, depth);
  if (first === '[') return readArray(scan, depth);
  if (first === '"') return readString(scan);
  for (const [word, value] of words) {
    if (!scan.text.startsWith(word, scan.at)) continue;
    scan.at += word.length;
    return value;
  }
  return readNumber(scan);
}

function readArray(scan: Scan, depth: number): JsonValue[] {
  const items: JsonValue[] = [];
  scan.at += 1;
  skipSpace(scan);
  if (scan.text[scan.at] === ']') {
    scan.at += 1;
    return items;
  }
  for (;;) {
    items.push(readValue(scan, depth - 1));
    if (closes(scan, ']', 'a comma or "]"')) return items;
  }
}

function readObject(scan: Scan, depth: number): JsonValue {
  const entries: { [key: string]: JsonValue } = {};
  scan.at += 1;
  skipSpace(scan);
  if (scan.text[scan.at] === '}') {
    scan.at += 1;
    return entries;
  }
  for (;;) {
    skipSpace(scan);
    if (scan.text[scan.at] !== '"') throw refusal(scan, `a name in quotes is needed here`);
    const key = readString(scan);
    skipSpace(scan);
    if (scan.text[scan.at] !== ':') throw refusal(scan, `a colon is needed after "${key.slice(0, 40)}"`);
    scan.at += 1;
    put(entries, key, readValue(scan, depth - 1));
    if (closes(scan, '}', 'a comma or "}"')) return entries;
  }
}

/** `__proto__` is a name like any other in a file: assigning it would change the object's prototype. */
function put(entries: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key !== '__proto__') entries[key] = value;
  else Object.defineProperty(entries, key, { value, enumerable: true, writable: true, configurable: true });
}

function closes(scan: Scan, closer: string, needed: string): boolean {
  skipSpace(scan);
  const found = scan.text[scan.at];
  if (found !== closer && found !== ',') throw refusal(scan, `${needed} is needed here`);
  scan.at += 1;
  return found === closer;
}

/** The error for what stands at the scan's place. */
export function refusal(scan: Scan, what: string, code: 'bad-config' | 'limit' = 'bad-config'): LoadstoneError {
  const ended = scan.at >= scan.text.length;
  const found = ended ? 'the text ends' : `found ${JSON.stringify(scan.text.slice(scan.at, scan.at + 20))}`;
  return new LoadstoneError(code, `${scan.name} is not valid JSON: ${what}, ${found}`, {
    where: `${scan.name}, character ${scan.at}`,
    offset: scan.at,
    do: ended
      ? 'The text was cut off: take another copy of the artefact.'
      : 'Correct the text there, or take another copy of the artefact.',
  });
}
