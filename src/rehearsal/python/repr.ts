/** Python's `repr` of values, as error messages print configs. Rules: CPython's unicode_repr and float_repr_style 'short'. */

import { isMarkedFloat, isPyObject, isTuple, type PyValue } from './values.ts';

export function repr(value: PyValue | undefined, holder?: object, key?: string | number): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return reprString(value);
  if (typeof value === 'number') {
    const whole = Number.isInteger(value) && !(holder && key !== undefined && isMarkedFloat(holder, key));
    return whole && Math.abs(value) < 2 ** 53 ? String(value) : reprFloat(value);
  }
  if (isPyObject(value)) return value.pyRepr;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => repr(item, value, index));
    if (!isTuple(value)) return `[${items.join(', ')}]`;
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
  }
  const entries = Object.entries(value).map(([name, item]) => `${reprString(name)}: ${repr(item, value, name)}`);
  return `{${entries.join(', ')}}`;
}

/** `str(value)`: strings as they are. */
export function str(value: PyValue | undefined): string {
  return typeof value === 'string' ? value : repr(value);
}

const escaped: { readonly [letter: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

export function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let result = '';
  for (const letter of text) result += escaped[letter] ?? (letter === quote ? `\\${letter}` : printable(letter));
  return quote + result + quote;
}

function printable(letter: string): string {
  const code = letter.codePointAt(0)!;
  if (code >= 0x20 && code < 0x7f) return letter;
  if (code < 0x100 && (code < 0xa1 || code === 0xad)) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code >= 0xd800 && code <= 0xdfff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return letter;
}

/** Shortest digits that read back the same; exponents below -4 and from 16 on, of two digits at least. */
export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits, exponentText] = Math.abs(value).toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 16) {
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  const plain = digits.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${plain}`;
  if (plain.length <= exponent + 1) return `${sign}${plain.padEnd(exponent + 1, '0')}.0`;
  return `${sign}${plain.slice(0, exponent + 1)}.${plain.slice(exponent + 1)}`;
}

/** A shape as Python prints a tuple: `(None, 28, 28, 1)`, `(3,)`. */
export function reprShape(shape: readonly (number | null)[]): string {
  const sizes = shape.map(size => (size === null ? 'None' : String(size)));
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
}

/** A TensorFlow shape: `[None,28]` as `TensorShape` prints inside errors is `(None, 28)`; a list prints with brackets. */
export function reprList(shape: readonly (number | null)[]): string {
  return `[${shape.map(size => (size === null ? 'None' : String(size))).join(', ')}]`;
}
