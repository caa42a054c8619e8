/** What the host computes of strings as TensorFlow's graphs have them (see ops/strings.ts for what each means). */

import { LoadstoneError } from '../../findings/errors.ts';
import { allocate } from '../../numbers/dtype.ts';
import { compileRe2, re2Rewrite } from '../../numbers/re2.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import type { Kernel } from './kernel.ts';

const textsOf = (x: Tensor | undefined) => x!.data as string[];

const mapTexts = (x: Tensor | undefined, change: (text: string) => string): readonly Tensor[] => [
  { dtype: 'string', shape: x!.shape, data: textsOf(x).map(change) },
];

const changeCase: Kernel = (node, [x]) => {
  const { to, unicode } = node.attributes as { to: 'lower' | 'upper'; unicode: boolean };
  const change = (text: string) => (to === 'lower' ? text.toLowerCase() : text.toUpperCase());
  const letters = to === 'lower' ? /[A-Z]+/g : /[a-z]+/g;
  return mapTexts(x, text => (unicode ? change(text) : text.replace(letters, change)));
};

const stripSpace: Kernel = (_, [x]) => mapTexts(x, text => text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, ''));

const replaceMatches: Kernel = (node, [x]) => {
  const { pattern, rewrite, all } = node.attributes as { pattern: string; rewrite: string; all: boolean };
  const expression = compileRe2(pattern, all ? 'g' : '');
  const replacement = re2Rewrite(rewrite);
  return mapTexts(x, text => text.replace(expression, replacement));
};

const matchesWhole: Kernel = (node, [x]) => {
  const expression = compileRe2(`^(?:${(node.attributes as { pattern: string }).pattern})$`, '');
  return [{ dtype: 'bool', shape: x!.shape, data: Uint8Array.from(textsOf(x), text => Number(expression.test(text))) }];
};

const textLength: Kernel = (node, [x]) => {
  const { unit } = node.attributes as { unit: 'byte' | 'character' };
  const encoder = new TextEncoder();
  const length = (text: string) => (unit === 'byte' ? encoder.encode(text).length : [...text].length);
  return [{ dtype: 'int32', shape: x!.shape, data: Int32Array.from(textsOf(x), length) }];
};

const subText: Kernel = (node, [x, positions, lengths]) => {
  const { unit } = node.attributes as { unit: 'byte' | 'character' };
  const widest = [x!, positions!, lengths!].reduce((most, one) => (one.data.length > most.data.length ? one : most));
  const at = <T>(list: ArrayLike<T>, index: number) => list[list.length === 1 ? 0 : index]!;
  const [from, count] = [numbersOf(positions!), numbersOf(lengths!)];
  const data = Array.from({ length: widest.data.length }, (_, index) =>
    partOf(at(textsOf(x), index), at(from, index), at(count, index), unit, node.scope),
  );
  return [{ dtype: 'string', shape: widest.shape, data }];
};

function partOf(text: string, position: number, length: number, unit: 'byte' | 'character', where: string): string {
  const units = unit === 'byte' ? new TextEncoder().encode(text) : [...text];
  if (Math.abs(position) > units.length)
    throw new LoadstoneError('bad-input', `position ${position} lies outside ${JSON.stringify(text)}`, { where });
  const start = position < 0 ? units.length + position : position;
  const part = units.slice(start, start + Math.max(0, length));
  return part instanceof Uint8Array ? new TextDecoder().decode(part) : part.join('');
}

const decodeTexts: Kernel = (_, [x]) => {
  const rows = textsOf(x).map(text => Array.from(text, character => character.codePointAt(0)!));
  const starts = [0];
  for (const row of rows) starts.push(starts.at(-1)! + row.length);
  const codes = Int32Array.from(rows.flat());
  return [
    { dtype: 'int64', shape: [starts.length], data: BigInt64Array.from(starts, BigInt) },
    { dtype: 'int32', shape: [codes.length], data: codes },
  ];
};

const encodeTexts: Kernel = (_, [codes, splits]) => {
  const starts = numbersOf(splits!);
  const characters = numbersOf(codes!).map(code => String.fromCodePoint(code >= 0 && code <= 0x10ffff ? code : 0xfffd));
  const data = starts.slice(1).map((end, at) => characters.slice(starts[at], end).join(''));
  return [{ dtype: 'string', shape: [data.length], data }];
};

const joinTexts: Kernel = (node, inputs) => {
  const { separator } = node.attributes as { separator: string };
  const widest = inputs.reduce((most, x) => (elementCount(x.shape) > elementCount(most.shape) ? x : most));
  const data = textsOf(widest).map((_, at) =>
    inputs.map(x => textsOf(x)[x.data.length === 1 ? 0 : at]!).join(separator),
  );
  return [{ dtype: 'string', shape: widest.shape, data }];
};

const parseNumbers: Kernel = (node, [x]) => {
  const { dtype } = node.attributes as { dtype: 'float32' | 'float64' | 'int32' | 'int64' };
  const data = allocate(dtype, textsOf(x).length) as unknown as (number | bigint)[];
  textsOf(x).forEach((text, at) => {
    const number = Number(text.trim());
    if (text.trim() === '' || Number.isNaN(number)) {
      throw new LoadstoneError('bad-input', `${JSON.stringify(text)} is no number`, { where: node.scope });
    }
    data[at] = dtype === 'int64' ? BigInt(Math.trunc(number)) : number;
  });
  return [{ dtype, shape: x!.shape, data: data as never }];
};

const splitTexts: Kernel = (node, [x]) => {
  const { separator, limit } = node.attributes as { separator: string; limit: number };
  const rows = textsOf(x).map(text => splitText(text, separator, limit));
  const values = rows.flat();
  const indices = new BigInt64Array(values.length * 2);
  let at = 0;
  rows.forEach((row, index) => {
    row.forEach((_, column) => {
      indices[at++] = BigInt(index);
      indices[at++] = BigInt(column);
    });
  });
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return [
    { dtype: 'int64', shape: [values.length, 2], data: indices },
    { dtype: 'string', shape: [values.length], data: values },
    { dtype: 'int64', shape: [2], data: BigInt64Array.from([rows.length, longest], BigInt) },
  ];
};

/** As Python splits: at runs of white space, without empty parts, or at every separator; at most `limit` times. */
function splitText(text: string, separator: string, limit: number): readonly string[] {
  const parts = separator === '' ? text.split(/[ \t\n\v\f\r]+/).filter(part => part !== '') : text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(separator === '' ? ' ' : separator)];
}

const ngrams: Kernel = (node, [x, splits]) => {
  const { widths, separator } = node.attributes as unknown as { widths: number[]; separator: string };
  const starts = numbersOf(splits!);
  const runs: string[] = [];
  const ends = starts.slice(0, 1).map(() => 0);
  for (let row = 0; row + 1 < starts.length; row++) {
    const tokens = textsOf(x).slice(starts[row], starts[row + 1]);
    for (const width of widths) {
      for (let at = 0; at + width <= tokens.length; at++) runs.push(tokens.slice(at, at + width).join(separator));
    }
    ends.push(runs.length);
  }
  const data = splits!.dtype === 'int64' ? BigInt64Array.from(ends, BigInt) : Int32Array.from(ends);
  return [
    { dtype: 'string', shape: [runs.length], data: runs },
    { dtype: splits!.dtype, shape: [ends.length], data },
  ];
};

const raggedToDense: Kernel = (node, [values, fill, ...partitions]) => {
  const { types, shape } = node.attributes as unknown as { types: string[]; shape: (number | null)[] };
  const levels = levelsOf(types, partitions.map(numbersOf));
  const inner = values!.shape.slice(1);
  const sizes = [...levels.map((splits, level) => shape[level + 1] ?? longestRow(splits)), ...inner];
  const first = shape[0] ?? levels[0]!.length - 1;
  const full = [first, ...sizes];
  const width = elementCount(inner);
  const data = allocate(values!.dtype, elementCount(full)) as { [index: number]: unknown; length: number };
  for (let at = 0; at < data.length; at++) data[at] = fill!.data[0];
  const strides = full.map((_, axis) => elementCount(full.slice(axis + 1)));
  const place = (level: number, row: number, offset: number): void => {
    const splits = levels[level]!;
    const count = Math.min(splits[row + 1]! - splits[row]!, full[level + 1]!);
    for (let column = 0; column < count; column++) {
      const value = splits[row]! + column;
      const to = offset + column * strides[level + 1]!;
      if (level + 1 < levels.length) place(level + 1, value, to);
      else for (let at = 0; at < width; at++) data[to + at] = values!.data[value * width + at];
    }
  };
  for (let row = 0; row < Math.min(first, levels[0]!.length - 1); row++) place(0, row, row * strides[0]!);
  return [{ dtype: values!.dtype, shape: full, data: data as never }];
};

function numbersOf(x: Tensor): readonly number[] {
  return Array.from(x.data as ArrayLike<number | bigint>, Number);
}

/** Where rows begin and end, level by level. */
function levelsOf(
  types: readonly string[],
  partitions: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  let rows = types[0] === 'FIRST_DIM_SIZE' ? partitions[0]![0]! : partitions[0]!.length - 1;
  const levels: (readonly number[])[] = [];
  types.forEach((type, at) => {
    if (type === 'FIRST_DIM_SIZE') return;
    const splits = type === 'ROW_SPLITS' ? partitions[at]! : splitsOf(partitions[at]!, rows);
    levels.push(splits);
    rows = splits.at(-1) ?? 0;
  });
  return levels;
}

function splitsOf(rowIds: readonly number[], rows: number): readonly number[] {
  const splits = new Array<number>(rows + 1).fill(0);
  for (const row of rowIds) splits[row + 1]! += 1;
  for (let row = 0; row < rows; row++) splits[row + 1]! += splits[row]!;
  return splits;
}

function longestRow(splits: readonly number[]): number {
  let longest = 0;
  for (let row = 0; row + 1 < splits.length; row++) longest = Math.max(longest, splits[row + 1]! - splits[row]!);
  return longest;
}

export const stringKernels: { readonly [op: string]: Kernel } = {
  changeCase,
  stripSpace,
  replaceMatches,
  matchesWhole,
  textLength,
  subText,
  decodeTexts,
  encodeTexts,
  joinTexts,
  parseNumbers,
  splitTexts,
  ngrams,
  raggedToDense,
};
