/** Python's text of values, as far as it appears in functions of tensors: names of operations, messages. */

import { refuse } from './refuse.ts';
import { numberOf, typeName, type Value } from './values.ts';

/** `str(value)`. */
export function textOf(value: Value): string {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'none':
      return 'None';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'int':
      return value.value.toString();
    case 'float':
      return floatText(value.value);
    case 'tuple':
      return `(${value.items.map(reprOf).join(', ')}${value.items.length === 1 ? ',' : ''})`;
    case 'list':
      return `[${value.items.map(reprOf).join(', ')}]`;
    case 'dtype':
      return value.dtype;
    default:
      return refuse(`the text of ${typeName(value)}`);
  }
}

/** `repr(value)`. */
export function reprOf(value: Value): string {
  return value.kind === 'string' ? quoted(value.value) : textOf(value);
}

/** A string literal. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return quote + [...escaped].map(visible).join('') + quote;
}

function visible(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  if (code >= 0x20 && code !== 0x7f) return letter;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** `repr` of a float: the shortest text that reads back, with a point or an exponent. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e16 || magnitude < 1e-4)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    const sign = exponent.startsWith('-') ? '-' : '+';
    return `${mantissa}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** `format(value, spec)` and `f'{value!r:spec}'`; a spec other than none is not interpreted. */
export function formatValue(value: Value, conversion: 's' | 'r' | 'a' | null, spec: Value): string {
  if (spec.kind !== 'string' || spec.value !== '') refuse('formatted text');
  return conversion === 'r' || conversion === 'a' ? reprOf(value) : textOf(value);
}

/** `text % values` with plain conversions (%s %d %i %f %r); others are not interpreted. */
export function percentFormat(text: string, values: Value): string {
  const given = values.kind === 'tuple' ? [...values.items] : [values];
  return text.replace(/%(.)/g, (_, conversion: string) => {
    if (conversion === '%') return '%';
    const value = given.shift();
    if (!value || !'sdifr'.includes(conversion)) return refuse(`text formatted with %${conversion}`);
    if (conversion === 'f') return (numberOf(value) ?? refuse(`${typeName(value)} formatted as a number`)).toFixed(6);
    return conversion === 'r' ? reprOf(value) : textOf(value);
  });
}
