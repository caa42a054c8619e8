/**
 * The vocabulary of a lookup layer: where it is (in the config, or in a file that came with the layer), and which
 * number each token has. Slots come in the order mask, out of vocabulary, tokens (keras index_lookup.py).
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { CallContext } from '../define.ts';
import type { OutputMode } from './encode.ts';

export type Token = string | number;

export interface LookupConfig {
  readonly vocabulary: unknown;
  readonly numOovIndices: number;
  readonly maskToken: Token | null;
  readonly oovToken: Token;
  readonly outputMode: OutputMode;
}

export interface Vocabulary {
  /** Tokens without the special ones, in order. */
  readonly tokens: readonly Token[];
  /** Number of the first slot for unknown tokens, and of the first token. */
  readonly oovStart: number;
  readonly tokenStart: number;
}

/** Reads the vocabulary. Throws `bad-weights` where there is none: an .h5 does not keep what was adapted. */
export function readVocabulary(config: LookupConfig, context: CallContext, kind: 'string' | 'integer'): Vocabulary {
  const stored = listIn(config.vocabulary) ?? context.asset('vocabulary.txt');
  if (stored === null) throw missing(context.layerName);
  const given: readonly Token[] = kind === 'string' ? stored.map(String) : stored.map(Number);
  const oovStart = config.maskToken !== null && config.outputMode === 'int' ? 1 : 0;
  const tokenStart = oovStart + config.numOovIndices;
  const special = [
    ...(oovStart === 1 ? [config.maskToken!] : []),
    ...new Array<Token>(config.numOovIndices).fill(config.oovToken),
  ];
  const withSpecial = special.length > 0 && special.every((token, at) => String(given[at]) === String(token));
  return { tokens: withSpecial ? given.slice(tokenStart) : given, oovStart, tokenStart };
}

function listIn(stored: unknown): readonly Token[] | null {
  if (Array.isArray(stored)) return stored as readonly Token[];
  const wrapped = stored as { items?: unknown; value?: unknown; config?: { value?: unknown } } | null;
  if (typeof wrapped !== 'object' || wrapped === null) return null;
  return listIn(wrapped.items ?? wrapped.value ?? wrapped.config?.value ?? null);
}

function missing(layerName: string): LoadstoneError {
  return new LoadstoneError('bad-weights', `layer "${layerName}" has no vocabulary in this artefact`, {
    where: `layer ${layerName}`,
    do: 'Save the model as .keras or SavedModel, which keep adapted vocabularies, or put the vocabulary into the config.',
  });
}

/** Tokens as a tensor, of strings or of int64. */
export function tokenTensor(tokens: readonly Token[], kind: 'string' | 'integer'): Tensor {
  if (kind === 'string') return { dtype: 'string', shape: [tokens.length], data: tokens.map(String) };
  return { dtype: 'int64', shape: [tokens.length], data: BigInt64Array.from(tokens, token => BigInt(token)) };
}

/** The numbers from `start` on. */
export function numberTensor(start: number, count: number): Tensor {
  return { dtype: 'int64', shape: [count], data: BigInt64Array.from({ length: count }, (_, at) => BigInt(start + at)) };
}
