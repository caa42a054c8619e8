/**
 * Feature columns of TensorFlow as DenseFeatures stores them: numbers, buckets, categories as indicators or embeddings
 * (tensorflow/python/feature_column/feature_column_v2.py). Names decide the order in which they stand side by side.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { encode } from './encode.ts';
import { numberTensor, type Token, tokenTensor } from './vocabulary.ts';

/** A column as configs hold it. */
export interface StoredColumn {
  readonly class_name: string;
  readonly config: { readonly [key: string]: unknown };
}

export type Features = { readonly [key: string]: SymbolicTensor };

function inner(column: StoredColumn, key: string): StoredColumn {
  return column.config[key] as StoredColumn;
}

/** A column's name, by which columns are sorted. */
export function columnName(column: StoredColumn): string {
  const { class_name: kind, config } = column;
  if (kind === 'BucketizedColumn') return `${columnName(inner(column, 'source_column'))}_bucketized`;
  if (kind === 'IndicatorColumn') return `${columnName(inner(column, 'categorical_column'))}_indicator`;
  if (kind === 'EmbeddingColumn') return `${columnName(inner(column, 'categorical_column'))}_embedding`;
  return String(config.key);
}

/** Number of categories. */
function bucketCount({ class_name: kind, config }: StoredColumn): number {
  if (kind === 'BucketizedColumn') return (config.boundaries as readonly number[]).length + 1;
  if (kind === 'IdentityCategoricalColumn') return config.number_buckets as number;
  if (kind === 'HashedCategoricalColumn') return config.hash_bucket_size as number;
  return (config.vocabulary_list as readonly Token[]).length + ((config.num_oov_buckets as number | undefined) ?? 0);
}

/** Shape of the variable of an embedding, null for columns without one. */
export function columnVariable(column: StoredColumn): readonly [number, number] | null {
  if (column.class_name !== 'EmbeddingColumn') return null;
  return [bucketCount(inner(column, 'categorical_column')), column.config.dimension as number];
}

function featureOf(features: Features, column: StoredColumn, layerName: string): SymbolicTensor {
  const found = features[String(column.config.key)];
  if (found) return found;
  throw new LoadstoneError(
    'bad-config',
    `layer "${layerName}" is not given its feature "${String(column.config.key)}"`,
    {
      where: `layer ${layerName}`,
    },
  );
}

/** Numbers of categories, (B, n); -1 where there is none. */
function categories(features: Features, column: StoredColumn, layerName: string, ops: Ops): SymbolicTensor {
  const { class_name: kind, config } = column;
  if (kind === 'BucketizedColumn') {
    const x = ops.cast(featureOf(features, inner(column, 'source_column'), layerName), 'float32');
    return ops.digitize(x, ops.convertToTensor(config.boundaries as number[], { dtype: 'float32' }));
  }
  const x = featureOf(features, column, layerName);
  const flat = x.shape.length === 1 ? ops.expandDims(x, -1) : x;
  if (kind === 'IdentityCategoricalColumn') return ops.cast(flat, 'int64');
  if (kind === 'HashedCategoricalColumn') return ops.hashBuckets(flat, config.hash_bucket_size as number);
  if (kind !== 'VocabularyListCategoricalColumn') throw unknown(kind, layerName);
  const words = config.vocabulary_list as readonly Token[];
  const kindOfKey = flat.dtype === 'string' ? 'string' : 'integer';
  const oov = (config.num_oov_buckets as number | undefined) ?? 0;
  const given = kindOfKey === 'string' ? flat : ops.cast(flat, 'int64');
  const missing = BigInt((config.default_value as number | undefined) ?? -1);
  const found = ops.lookup(
    given,
    tokenTensor(words, kindOfKey),
    numberTensor(0, words.length),
    oov > 0 ? -1n : missing,
  );
  if (oov === 0) return found;
  return ops.where(ops.equal(found, -1), ops.add(ops.hashBuckets(given, oov), words.length), found);
}

/** One column's part of the output, (B, width). */
export function columnTensor(
  features: Features,
  column: StoredColumn,
  variable: SymbolicTensor | undefined,
  layerName: string,
  ops: Ops,
): SymbolicTensor {
  const { class_name: kind, config } = column;
  if (kind === 'NumericColumn') {
    const x = ops.cast(featureOf(features, column, layerName), 'float32');
    const width = (config.shape as readonly number[]).reduce((product, size) => product * size, 1);
    return ops.reshape(x, [-1, width]);
  }
  if (kind === 'BucketizedColumn') {
    const hot = ops.oneHot(categories(features, column, layerName, ops), bucketCount(column));
    return ops.reshape(hot, [-1, bucketCount(column) * ((hot.shape.at(-2) ?? 1) || 1)]);
  }
  if (kind !== 'IndicatorColumn' && kind !== 'EmbeddingColumn') throw unknown(kind, layerName);
  const inside = inner(column, 'categorical_column');
  const ids = categories(features, inside, layerName, ops);
  const counts = { mode: 'count', depth: bucketCount(inside), dtype: 'float32', squeeze: false } as const;
  const shares = encode(ids, counts, ops);
  if (kind === 'IndicatorColumn') return shares;
  return combine(ops.matmul(shares, variable!), shares, String(config.combiner ?? 'mean'), ops);
}

/** Sum, mean or sum over the root of the count of the rows that were found; none give zeros. */
function combine(sum: SymbolicTensor, counts: SymbolicTensor, combiner: string, ops: Ops): SymbolicTensor {
  if (combiner === 'sum') return sum;
  const weights = combiner === 'sqrtn' ? ops.sqrt(ops.sum(ops.square(counts), { axis: -1, keepdims: true })) : null;
  return ops.divideNoNan(sum, weights ?? ops.sum(counts, { axis: -1, keepdims: true }));
}

function unknown(kind: string, layerName: string): LoadstoneError {
  return new LoadstoneError('unsupported', `layer "${layerName}" has a feature column of the kind ${kind}`, {
    where: `layer ${layerName}, key feature_columns`,
    do: 'Give a definition of DenseFeatures with customObjects or --custom.',
  });
}
