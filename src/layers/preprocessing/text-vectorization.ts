/** TextVectorization: strings to tokens, n-grams, and numbers by a vocabulary (keras text_vectorization.py). */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { bool, int, json, nullable, oneOf } from '../fields.ts';
import { outputMode } from './encode.ts';
import { idfWeightSpec, lookUp } from './lookup.ts';

const standardizers = ['lower_and_strip_punctuation', 'lower', 'strip_punctuation'];

export default defineLayer({
  name: 'TextVectorization',
  config: {
    maxTokens: nullable(int()),
    standardize: json('lower_and_strip_punctuation'),
    split: json('whitespace'),
    ngrams: json(),
    outputMode: outputMode('int'),
    outputSequenceLength: nullable(int()),
    padToMaxTokens: bool(false),
    vocabulary: json(),
    idfWeights: json(),
    ragged: bool(false),
    encodedDtype: oneOf(['int64', 'policy'], 'int64'),
  },
  castInputs: false,
  weights: config => idfWeightSpec(config),
  call(config, { idfWeights }, [x], ops, context) {
    const { standardize, split, ngrams } = config;
    refuseFunctions(context.layerName, standardize, standardizers, 'standardize');
    if (config.ragged && config.outputMode === 'int') refuseRagged(context.layerName);
    refuseFunctions(context.layerName, split, ['whitespace', 'character'], 'split');
    const texts = ops.toText(x!);
    const lone = split !== null && texts.shape.length > 1 ? ops.squeeze(texts, { axis: -1 }) : texts;
    const [tokens, real] = ops.tokenize(lone, {
      lower: standardize === 'lower' || standardize === 'lower_and_strip_punctuation',
      stripPunctuation: standardize === 'strip_punctuation' || standardize === 'lower_and_strip_punctuation',
      split: split as 'whitespace' | 'character' | null,
      ngrams: widths(ngrams),
    });
    const options = {
      ...config,
      numOovIndices: 1,
      invert: false,
      oovMethod: 'floormod',
      salt: null,
      maskToken: '',
      oovToken: '[UNK]',
    } as const;
    const found = lookUp(options, 'string', tokens, real, idfWeights ?? null, ops, context);
    if (config.outputMode !== 'int' || config.outputSequenceLength === null) return found;
    return toLength(found, config.outputSequenceLength, ops);
  },
});

/** A number n means all widths from 1 to n. */
function widths(ngrams: unknown): readonly number[] | null {
  if (typeof ngrams === 'number') return Array.from({ length: ngrams }, (_, at) => at + 1);
  return Array.isArray(ngrams) ? (ngrams as number[]) : null;
}

/** The last axis cut or filled with zeros to `length`. */
function toLength(numbers: SymbolicTensor, length: number, ops: Ops): SymbolicTensor {
  const rank = numbers.shape.length;
  const widened = ops.pad(
    numbers,
    Array.from({ length: rank }, (_, axis): [number, number] => [0, axis === rank - 1 ? length : 0]),
  );
  return ops.getItem(widened, ['...', { start: 0, stop: length }]);
}

/** What follows would go over each row's own length, and layers here take rows of one. */
function refuseRagged(layerName: string): never {
  throw new LoadstoneError('unsupported', `layer "${layerName}" gives rows of any length ("ragged")`, {
    where: `layer ${layerName}, key ragged`,
    do: 'Save the model as a SavedModel: its functions are run then, rows as they are. Or make it without ragged.',
  });
}

/** The user's own function in Python cannot be run. */
function refuseFunctions(layerName: string, stored: unknown, known: readonly string[], key: string): void {
  if (stored === null || known.includes(stored as string)) return;
  throw new LoadstoneError(
    'unsupported',
    `layer "${layerName}": "${key}" is a function of the user's, ${JSON.stringify(stored)}`,
    {
      where: `layer ${layerName}, key ${key}`,
      do: 'Give a definition of TextVectorization with customObjects or --custom.',
    },
  );
}
