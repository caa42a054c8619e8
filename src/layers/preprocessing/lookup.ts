/** StringLookup and IntegerLookup: tokens to numbers by a vocabulary, encoded if wanted, or numbers back to tokens. */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type CallContext, defineLayer } from '../define.ts';
import { bool, type Field, int, json, nullable, oneOf, text } from '../fields.ts';
import { encode, type OutputMode, outputMode } from './encode.ts';
import { numberTensor, readVocabulary, type Token, tokenTensor, type Vocabulary } from './vocabulary.ts';

/** A string or a number, as it is stored. */
export function token<T extends Token | null>(fallback: T): Field<Token | T> {
  return {
    read: value =>
      typeof value === 'string' || typeof value === 'number' ? value : value === null ? (null as T) : fallback,
  };
}

export const lookupFields = {
  maxTokens: nullable(int()),
  numOovIndices: int(1),
  vocabulary: json(),
  idfWeights: json(),
  invert: bool(false),
  outputMode: outputMode('int'),
  padToMaxTokens: bool(false),
  oovMethod: oneOf(['floormod', 'farmhash'], 'floormod'),
  salt: json(),
  /** Ours (see era-keys.ts). */
  encodedDtype: oneOf(['int64', 'policy'], 'int64'),
} as const;

export interface LookupOptions {
  readonly maxTokens: number | null;
  readonly numOovIndices: number;
  readonly vocabulary: unknown;
  readonly idfWeights: unknown;
  readonly invert: boolean;
  readonly outputMode: OutputMode;
  readonly padToMaxTokens: boolean;
  readonly oovMethod: 'floormod' | 'farmhash';
  readonly salt: unknown;
  readonly encodedDtype: 'int64' | 'policy';
  readonly maskToken: Token | null;
  readonly oovToken: Token;
}

/** Weights of term frequencies: in the config, or adapted and then stored with the weights. */
export function idfWeightSpec({ outputMode, idfWeights }: Pick<LookupOptions, 'outputMode' | 'idfWeights'>) {
  const stored = outputMode === 'tf_idf' && !Array.isArray(idfWeights);
  return {
    ...(stored && {
      idfWeights: { shape: [null], trainable: false, optional: true, autocast: false, dtype: 'float32' } as const,
    }),
  };
}

/**
 * Looks tokens up and encodes what is found. `real`, where given, says which elements are tokens and not filling;
 * filling counts for nothing when encoded.
 */
export function lookUp(
  config: LookupOptions,
  kind: 'string' | 'integer',
  x: SymbolicTensor,
  real: SymbolicTensor | null,
  idf: SymbolicTensor | null,
  ops: Ops,
  context: CallContext,
): SymbolicTensor {
  const vocabulary = readVocabulary(config, context, kind);
  if (config.invert) return invert(config, kind, x, vocabulary, ops);
  const numbers = numbersOf(config, kind, x, vocabulary, ops);
  if (config.outputMode === 'int') return numbers;
  const counted = real ? ops.where(real, numbers, -1) : numbers;
  const depth =
    config.padToMaxTokens && config.maxTokens ? config.maxTokens : vocabulary.tokenStart + vocabulary.tokens.length;
  const policy =
    config.encodedDtype === 'policy' && context.computeDtype !== 'string' ? context.computeDtype : 'float32';
  const dtype = config.outputMode === 'tf_idf' ? 'float32' : config.encodedDtype === 'int64' ? 'int64' : policy;
  const encoded = encode(counted, { mode: config.outputMode, depth, dtype, squeeze: true }, ops);
  return config.outputMode === 'tf_idf' ? weigh(encoded, config, vocabulary, idf, ops) : encoded;
}

/** Numbers of tokens; the mask token is 0, or nothing where numbers are encoded. */
function numbersOf(
  config: LookupOptions,
  kind: 'string' | 'integer',
  x: SymbolicTensor,
  { tokens, oovStart, tokenStart }: Vocabulary,
  ops: Ops,
): SymbolicTensor {
  const { numOovIndices: oov, maskToken } = config;
  const masked = maskToken === null ? [] : [maskToken];
  const keys = tokenTensor([...masked, ...tokens], kind);
  const values = numberTensor(tokenStart - masked.length, keys.shape[0]!);
  if (masked.length > 0) (values.data as BigInt64Array)[0] = config.outputMode === 'int' ? 0n : -2n;
  const given = kind === 'string' ? ops.toText(x) : ops.cast(x, 'int64');
  // One slot for unknown tokens is what is missing; several are chosen by hash; without any, unknown tokens are refused.
  const missing = oov === 0 ? null : oov === 1 ? BigInt(oovStart) : -1n;
  const found = ops.lookup(given, keys, values, missing);
  if (oov <= 1) return found;
  const chosen =
    kind === 'integer' && config.oovMethod === 'floormod'
      ? ops.mod(given, oov)
      : ops.hashBuckets(given, oov, { salt: saltOf(config.salt) });
  return ops.where(ops.equal(found, -1), ops.add(chosen, oovStart), found);
}

function invert(
  config: LookupOptions,
  kind: 'string' | 'integer',
  x: SymbolicTensor,
  { tokens, oovStart, tokenStart }: Vocabulary,
  ops: Ops,
): SymbolicTensor {
  const masked = oovStart === 1;
  const numbers = numberTensor(tokenStart, tokens.length);
  const keys = masked ? { ...numbers, shape: [tokens.length + 1], data: withFirst(0n, numbers.data) } : numbers;
  const values = tokenTensor(masked ? [config.maskToken!, ...tokens] : tokens, kind);
  const missing = kind === 'string' ? String(config.oovToken) : BigInt(config.oovToken);
  return ops.lookup(ops.cast(x, 'int64'), keys, values, missing);
}

function withFirst(first: bigint, rest: unknown): BigInt64Array {
  return BigInt64Array.from([first, ...(rest as BigInt64Array)]);
}

/** Counts times inverse document frequencies; those of slots for unknown tokens are the mean of the others. */
function weigh(
  counts: SymbolicTensor,
  { idfWeights, padToMaxTokens, maxTokens }: LookupOptions,
  { tokens, tokenStart }: Vocabulary,
  stored: SymbolicTensor | null,
  ops: Ops,
): SymbolicTensor {
  if (!Array.isArray(idfWeights)) return stored ? ops.multiply(counts, stored) : counts;
  const given = idfWeights as readonly number[];
  // With the special tokens' weights in it the list is as long as all slots.
  const own = given.length > tokens.length ? given.slice(given.length - tokens.length) : given;
  const mean = own.reduce((sum, weight) => sum + weight, 0) / Math.max(own.length, 1);
  const front = given.length > tokens.length ? given.slice(0, tokenStart) : new Array<number>(tokenStart).fill(mean);
  const all = [...front, ...own];
  const depth = padToMaxTokens && maxTokens ? maxTokens : all.length;
  const padded = [...all, ...new Array<number>(Math.max(depth - all.length, 0)).fill(0)];
  return ops.multiply(counts, ops.convertToTensor(padded, { dtype: 'float32' }));
}

/** A salt is a number or two; one stands for both halves of the key. */
export function saltOf(stored: unknown): readonly [bigint, bigint] | null {
  if (stored === null || stored === undefined) return null;
  const [first, second] = Array.isArray(stored) ? (stored as number[]) : [stored as number, stored as number];
  return [BigInt(first!), BigInt(second ?? first!)];
}

const stringLookup = defineLayer({
  name: 'StringLookup',
  config: { ...lookupFields, maskToken: token(null), oovToken: text('[UNK]') },
  castInputs: false,
  weights: config => idfWeightSpec(config),
  call: (config, { idfWeights }, [x], ops, context) =>
    lookUp(config, 'string', x!, null, idfWeights ?? null, ops, context),
});

const integerLookup = defineLayer({
  name: 'IntegerLookup',
  config: { ...lookupFields, maskToken: token(null), oovToken: int(-1) },
  castInputs: false,
  weights: config => idfWeightSpec(config),
  call: (config, { idfWeights }, [x], ops, context) =>
    lookUp(config, 'integer', x!, null, idfWeights ?? null, ops, context),
});

export default [stringLookup, integerLookup];
