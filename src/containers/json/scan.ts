/** The small parts of JSON text: white space, strings, numbers. A scan is a text and a place in it that moves on. */

import { refusal } from './parse.ts';

export interface Scan {
  readonly text: string;
  at: number;
  readonly name: string;
}

export function skipSpace(scan: Scan): void {
  for (;;) {
    const code = scan.text.charCodeAt(scan.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    scan.at += 1;
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

/** Reads the string whose opening quote stands at the scan's place. Control characters pass, as `strict=False` lets them. */
export function readString(scan: Scan): string {
  let result = '';
  let from = scan.at + 1;
  for (;;) {
    const stop = nextSpecial(scan.text, from);
    if (stop < 0) {
      scan.at = scan.text.length;
      throw refusal(scan, 'a string has no closing quote');
    }
    result += scan.text.slice(from, stop);
    scan.at = stop;
    if (scan.text[stop] === '"') {
      scan.at = stop + 1;
      return result;
    }
    result += readEscape(scan);
    from = scan.at;
  }
}

function nextSpecial(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c) return at;
  }
  return -1;
}

function readEscape(scan: Scan): string {
  const letter = scan.text[scan.at + 1] ?? '';
  const simple = escapes[letter];
  if (simple !== undefined) {
    scan.at += 2;
    return simple;
  }
  const digits = scan.text.slice(scan.at + 2, scan.at + 6);
  if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw refusal(scan, 'an escape in a string is not known');
  scan.at += 6;
  return String.fromCharCode(Number.parseInt(digits, 16));
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

export function readNumber(scan: Scan): number {
  numberPattern.lastIndex = scan.at;
  const match = numberPattern.exec(scan.text);
  if (!match) throw refusal(scan, 'a value is needed here');
  scan.at += match[0].length;
  return Number(match[0]);
}
