/** What the host computes of strings and tables: lookups, hashes, tokens (see ops/text.ts for what each means). */

import { LoadstoneError } from '../../findings/errors.ts';
import { allocate, type TensorData } from '../../numbers/dtype.ts';
import { crossStart, fingerprint64, fingerprintCat64 } from '../../numbers/hashes/farmhash.ts';
import { sipHash24 } from '../../numbers/hashes/siphash.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import type { Kernel } from './kernel.ts';

const encoder = new TextEncoder();

type Key = bigint | string;

/** Elements as keys: strings as they are, numbers as whole ones. */
function keysOf({ dtype, data }: Tensor): Key[] {
  if (dtype === 'string') return data as string[];
  return Array.from(data as ArrayLike<number | bigint>, value =>
    typeof value === 'bigint' ? value : BigInt(Math.trunc(value)),
  );
}

function int64(shape: readonly number[], values: readonly bigint[]): Tensor {
  return { dtype: 'int64', shape, data: BigInt64Array.from(values) };
}

/** Tables by the tensors that hold them, so that one is made once. */
const tables = new WeakMap<Tensor, Map<Key, number>>();

function tableOf(keys: Tensor): Map<Key, number> {
  const known = tables.get(keys);
  if (known) return known;
  const table = new Map<Key, number>();
  keysOf(keys).forEach((key, at) => {
    if (!table.has(key)) table.set(key, at);
  });
  tables.set(keys, table);
  return table;
}

const lookup: Kernel = (node, [x]) => {
  const { keys, values, missing } = node.attributes as unknown as { keys: Tensor; values: Tensor; missing: Key | null };
  const table = tableOf(keys);
  const data = allocate(values.dtype, elementCount(x!.shape)) as Key[];
  keysOf(x!).forEach((key, at) => {
    const found = table.get(key);
    if (found === undefined && missing === null) throw unknownKey(key, node.scope);
    data[at] = found === undefined ? missing! : (values.data[found] as Key);
  });
  return [{ dtype: values.dtype, shape: x!.shape, data: data as unknown as TensorData }];
};

function unknownKey(key: Key, where: string): LoadstoneError {
  return new LoadstoneError(
    'bad-input',
    `${JSON.stringify(String(key))} is not in the vocabulary, which has no place for unknown values`,
    {
      where: `layer ${where}`,
      do: 'Give values of the vocabulary only.',
    },
  );
}

const hashBuckets: Kernel = (node, [x]) => {
  const { buckets, salt } = node.attributes as unknown as { buckets: number; salt: [bigint, bigint] | null };
  const count = BigInt(buckets);
  const hashed = keysOf(x!).map(key => {
    const bytes = encoder.encode(String(key));
    return (salt ? sipHash24(salt, bytes) : fingerprint64(bytes)) % count;
  });
  return [int64(x!.shape, hashed)];
};

const crossBuckets: Kernel = (node, inputs) => {
  const { buckets } = node.attributes as unknown as { buckets: number };
  const shape = inputs.reduce(
    (longest, { shape }) => (elementCount(shape) > elementCount(longest) ? shape : longest),
    inputs[0]!.shape,
  );
  const features = inputs.map(keysOf);
  const values = Array.from({ length: elementCount(shape) }, (_, at) => {
    const joined = features.reduce<bigint>((hash, feature) => {
      const key = feature[feature.length === 1 ? 0 : at]!;
      return fingerprintCat64(
        hash,
        typeof key === 'string' ? fingerprint64(encoder.encode(key)) : BigInt.asUintN(64, key),
      );
    }, crossStart);
    return joined % BigInt(buckets);
  });
  return [int64(shape, values)];
};

const crossStrings: Kernel = (node, inputs) => {
  const { separator } = node.attributes as unknown as { separator: string };
  const rows = elementCount(inputs[0]!.shape.slice(0, -1));
  const data: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const parts = inputs.map(x => {
      const width = x.shape.at(-1)!;
      return keysOf(x)
        .slice(row * width, (row + 1) * width)
        .map(String);
    });
    data.push(...parts.reduce((left, right) => left.flatMap(a => right.map(b => `${a}${separator}${b}`))));
  }
  return [{ dtype: 'string', shape: [...inputs[0]!.shape.slice(0, -1), data.length / Math.max(rows, 1)], data }];
};

const punctuation = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;

interface Tokenizing {
  readonly lower: boolean;
  readonly stripPunctuation: boolean;
  readonly split: 'whitespace' | 'character' | null;
  readonly ngrams: readonly number[] | null;
}

function standardize(text: string, { lower, stripPunctuation }: Tokenizing): string {
  // tf.strings.lower without an encoding changes ASCII letters only.
  const lowered = lower ? text.replace(/[A-Z]+/g, letters => letters.toLowerCase()) : text;
  return stripPunctuation ? lowered.replace(punctuation, '') : lowered;
}

function split(text: string, how: Tokenizing['split']): string[] {
  if (how === 'character') return [...text];
  return text.split(/[ \t\n\v\f\r]+/).filter(token => token !== '');
}

/** All runs of each width in turn, joined by spaces. */
function ngrams(tokens: readonly string[], widths: readonly number[]): string[] {
  return widths.flatMap(width =>
    Array.from({ length: Math.max(tokens.length - width + 1, 0) }, (_, at) => tokens.slice(at, at + width).join(' ')),
  );
}

const tokenize: Kernel = (node, [x]) => {
  const how = node.attributes as unknown as Tokenizing;
  const texts = (x!.data as string[]).map(text => standardize(text, how));
  if (how.split === null && how.ngrams === null) {
    return [
      { dtype: 'string', shape: x!.shape, data: texts },
      { dtype: 'bool', shape: x!.shape, data: new Uint8Array(texts.length).fill(1) },
    ];
  }
  const outer = how.split === null ? x!.shape.slice(0, -1) : x!.shape;
  const width = how.split === null ? x!.shape.at(-1)! : 1;
  const rows = Array.from({ length: elementCount(outer) }, (_, row) => {
    const tokens = how.split === null ? texts.slice(row * width, (row + 1) * width) : split(texts[row]!, how.split);
    return how.ngrams === null ? tokens : ngrams(tokens, how.ngrams);
  });
  return fill(outer, rows);
};

/** Rows of any length as one tensor, and which of its elements are no filling. */
function fill(outer: readonly number[], rows: readonly (readonly string[])[]): readonly Tensor[] {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const shape = [...outer, longest];
  const data = new Array<string>(rows.length * longest).fill('');
  const real = new Uint8Array(rows.length * longest);
  rows.forEach((row, at) => {
    row.forEach((token, position) => {
      data[at * longest + position] = token;
      real[at * longest + position] = 1;
    });
  });
  return [
    { dtype: 'string', shape, data },
    { dtype: 'bool', shape, data: real },
  ];
}

const toText: Kernel = (_node, [x]) => [{ dtype: 'string', shape: x!.shape, data: keysOf(x!).map(String) }];

export const textKernels: { readonly [op: string]: Kernel } = {
  lookup,
  hashBuckets,
  crossBuckets,
  crossStrings,
  tokenize,
  toText,
};
