/**
 * Regular expressions in RE2's syntax, which TensorFlow's string operations are written in, as JavaScript's. RE2 never
 * backtracks and JavaScript does, so that an expression which may take forever (a repetition inside a repetition) is
 * refused: it comes from a file.
 */

import { LoadstoneError } from '../findings/errors.ts';

const posix: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: '0-9A-Za-z',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  blank: '\\t ',
  punct: '!-\\/:-@\\[-`{-~',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
  cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
};

/** What a longer expression than any real one would only serve to do harm. */
const maxLength = 10_000;

/** Compiles an expression. Throws `unsupported` for one that JavaScript cannot have, or that may never end. */
export function compileRe2(pattern: string, flags: string): RegExp {
  if (pattern.length > maxLength) throw refused(pattern, 'it is too long');
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const body = pattern.slice(inline?.[0].length ?? 0);
  if (hasNestedRepetition(body)) throw refused(pattern, 'it repeats what itself repeats, which may never end');
  try {
    return new RegExp(translate(body), `u${flags}${inline?.[1] ?? ''}`);
  } catch (cause) {
    throw refused(pattern, cause instanceof Error ? cause.message : String(cause));
  }
}

function refused(pattern: string, why: string): LoadstoneError {
  const shown = pattern.length > 60 ? `${pattern.slice(0, 57)}…` : pattern;
  return new LoadstoneError('unsupported', `the regular expression ${shown} cannot be used: ${why}`);
}

function translate(pattern: string): string {
  return pattern
    .replace(/\[:(\^?)(\w+):\]/g, (whole, not: string, name: string) => (not === '' ? (posix[name] ?? whole) : whole))
    .replace(/\(\?P</g, '(?<')
    .replace(/\\([\s\S])/g, (whole, escaped: string) => {
      if (escaped === 'z') return '$';
      if (escaped === 'A') return '^';
      return /[\w^$\\.*+?()[\]{}|/-]/.test(escaped) && escaped !== '_' ? whole : escaped;
    })
    .replace(/\\p([A-Z])/g, '\\p{$1}')
    .replace(/\\-/g, '\\x2d');
}

/** `\1` is JavaScript's `$1`; its own `$` must be doubled. */
export function re2Rewrite(rewrite: string): string {
  return rewrite
    .replaceAll('$', '$$$$')
    .replace(/\\(\d|\\)/g, (_, what: string) => (what === '\\' ? '\\' : what === '0' ? '$&' : `$${what}`));
}

/** True where a group that is repeated without limit holds such a repetition itself. */
function hasNestedRepetition(pattern: string): boolean {
  const groups: boolean[] = [false];
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === '\\') at++;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') groups.push(false);
    else if (char === ')') {
      const repeats = groups.pop() ?? false;
      const repeated = /^(?:[*+]|\{\d+,\d*\})/.test(pattern.slice(at + 1, at + 12));
      if (repeats && repeated) return true;
      if (repeats) groups[groups.length - 1] = true;
    } else if (char === '*' || char === '+' || (char === '{' && /^\{\d+,/.test(pattern.slice(at)))) {
      groups[groups.length - 1] = true;
    }
  }
  return false;
}
