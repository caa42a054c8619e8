/**
 * From a JSON pointer (RFC 6901) to the place of its value in the text, so that evidence can name the very characters.
 * It reads the text again, only when asked: parsing need not carry places along for all values.
 */

import { readNumber, readString, type Scan, skipSpace } from './scan.ts';

export interface TextRange {
  /** First character of the value, and how many there are. */
  offset: number;
  length: number;
}

/** A pointer from its parts: `/config/layers/3`. */
export function jsonPointer(parts: readonly (string | number)[]): string {
  return parts.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Where the value at `pointer` stands in `text`, or null where there is none. The text must be JSON that `parseJson` took. */
export function locatePointer(text: string, pointer: string): TextRange | null {
  const scan: Scan = { text, at: text.charCodeAt(0) === 0xfeff ? 1 : 0, name: 'JSON' };
  const parts = pointer.split('/').slice(1);
  for (const part of parts) {
    if (!enter(scan, part.replaceAll('~1', '/').replaceAll('~0', '~'))) return null;
  }
  skipSpace(scan);
  const offset = scan.at;
  skipValue(scan);
  return { offset, length: scan.at - offset };
}

/** Moves to the value of `key` in the object, or of that number in the array, that stands at the scan's place. */
function enter(scan: Scan, key: string): boolean {
  skipSpace(scan);
  const opener = scan.text[scan.at];
  if (opener !== '{' && opener !== '[') return false;
  scan.at += 1;
  for (let index = 0; ; index += 1) {
    skipSpace(scan);
    if (scan.text[scan.at] === '}' || scan.text[scan.at] === ']') return false;
    const name = opener === '{' ? readString(scan) : String(index);
    if (opener === '{') {
      skipSpace(scan);
      scan.at += 1;
    }
    if (name === key) return true;
    skipValue(scan);
    skipSpace(scan);
    if (scan.text[scan.at] !== ',') return false;
    scan.at += 1;
  }
}

/** Moves past one value, however deep, without recursion. */
function skipValue(scan: Scan): void {
  let depth = 0;
  do {
    skipSpace(scan);
    const letter = scan.text[scan.at];
    if (letter === undefined) return;
    if (letter === '"') readString(scan);
    else if (letter === '{' || letter === '[') depth += step(scan, 1);
    else if (letter === '}' || letter === ']') depth += step(scan, -1);
    else if (letter === ',' || letter === ':') step(scan, 0);
    else skipScalar(scan);
  } while (depth > 0);
}

function step(scan: Scan, change: number): number {
  scan.at += 1;
  return change;
}

function skipScalar(scan: Scan): void {
  const word = /[A-Za-z-]+/y;
  word.lastIndex = scan.at;
  const match = word.exec(scan.text);
  if (match && match[0] !== '-') scan.at += match[0].length;
  else readNumber(scan);
}
