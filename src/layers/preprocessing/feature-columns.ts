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
  if (kind === 'CrossedColumn') return crossed(column).map(partName).sort().join('_X_');
  if (kind === 'WeightedCategoricalColumn')
    return `${columnName(inner(column, 'categorical_column'))}_weighted_by_${String(config.weight_feature_key)}`;
  return String(config.key);
}

/** What a crossed column crosses: features by their keys, and columns. */
function crossed({ config }: StoredColumn): readonly (string | StoredColumn)[] {
  return config.keys as readonly (string | StoredColumn)[];
}

function partName(part: string | StoredColumn): string {
  return typeof part === 'string' ? part : columnName(part);
}

/** Keys of the features that a column reads. */
export function keysOf(column: StoredColumn): string[] {
  const { class_name: kind, config } = column;
  if (kind === 'CrossedColumn')
    return crossed(column).flatMap(part => (typeof part === 'string' ? [part] : keysOf(part)));
  const inside = (config.source_column ?? config.categorical_column) as StoredColumn | undefined;
  if (kind === 'WeightedCategoricalColumn') return [...keysOf(inside!), String(config.weight_feature_key)];
  return inside ? keysOf(inside) : [String(config.key)];
}

/** Number of categories. */
function bucketCount(column: StoredColumn): number {
  const { class_name: kind, config } = column;
  if (kind === 'CrossedColumn') return config.hash_bucket_size as number;
  if (kind === 'WeightedCategoricalColumn') return bucketCount(inner(column, 'categorical_column'));
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

function featureOf(features: Features, key: unknown, layerName: string): SymbolicTensor {
  const found = features[String(key)];
  if (found) return found;
  throw new LoadstoneError('bad-config', `layer "${layerName}" is not given its feature "${String(key)}"`, {
    where: `layer ${layerName}, key feature_columns`,
    do: 'Give the model an input of that name.',
  });
}

/** (B,) as (B, 1). */
function withValues(x: SymbolicTensor, ops: Ops): SymbolicTensor {
  return x.shape.length === 1 ? ops.expandDims(x, -1) : x;
}

/** Every combination of the values of all parts, hashed: (B, n·m…), the last part's values next to each other. */
function crossings(features: Features, column: StoredColumn, layerName: string, ops: Ops): SymbolicTensor {
  // TensorFlow's kernel takes sparse tensors, which columns give, before dense ones, which features are.
  const ordered = crossed(column).toSorted((a, b) => Number(typeof a === 'string') - Number(typeof b === 'string'));
  const parts = ordered.map(part =>
    typeof part === 'string'
      ? withValues(featureOf(features, part, layerName), ops)
      : ops.cast(categories(features, part, layerName, ops), 'int64'),
  );
  const apart = parts.map((part, at) =>
    ops.expandDims(
      part,
      parts.flatMap((_, other) => (other === at ? [] : [other + 1])),
    ),
  );
  const hashed = ops.crossBuckets(apart, column.config.hash_bucket_size as number);
  const count = hashed.shape.slice(1).reduce<number>((product, size) => product * (size ?? 1), 1);
  return ops.reshape(hashed, [-1, count]);
}

/** Numbers of categories, (B, n); -1 where there is none. */
function categories(features: Features, column: StoredColumn, layerName: string, ops: Ops): SymbolicTensor {
  const { class_name: kind, config } = column;
  if (kind === 'BucketizedColumn') {
    const x = ops.cast(featureOf(features, inner(column, 'source_column').config.key, layerName), 'float32');
    return ops.digitize(x, ops.convertToTensor(config.boundaries as number[], { dtype: 'float32' }));
  }
  if (kind === 'CrossedColumn') return crossings(features, column, layerName, ops);
  const flat = withValues(featureOf(features, config.key, layerName), ops);
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
    const x = ops.cast(featureOf(features, config.key, layerName), 'float32');
    const width = (config.shape as readonly number[]).reduce((product, size) => product * size, 1);
    return ops.reshape(x, [-1, width]);
  }
  if (kind === 'BucketizedColumn') {
    const hot = ops.oneHot(categories(features, column, layerName, ops), bucketCount(column));
    return ops.reshape(hot, [-1, bucketCount(column) * ((hot.shape.at(-2) ?? 1) || 1)]);
  }
  if (kind !== 'IndicatorColumn' && kind !== 'EmbeddingColumn') throw unknown(kind, layerName);
  const shares = sharesOf(features, inner(column, 'categorical_column'), layerName, ops);
  if (kind === 'IndicatorColumn') return shares;
  return combine(ops.matmul(shares, variable!), shares, String(config.combiner ?? 'mean'), ops);
}

/** How often, or with which weight, each category is there: (B, categories). */
function sharesOf(features: Features, column: StoredColumn, layerName: string, ops: Ops): SymbolicTensor {
  const depth = bucketCount(column);
  if (column.class_name !== 'WeightedCategoricalColumn') {
    const ids = categories(features, column, layerName, ops);
    return encode(ids, { mode: 'count', depth, dtype: 'float32', squeeze: false }, ops);
  }
  const ids = categories(features, inner(column, 'categorical_column'), layerName, ops);
  const weights = ops.cast(
    withValues(featureOf(features, column.config.weight_feature_key, layerName), ops),
    'float32',
  );
  return ops.sum(ops.multiply(ops.oneHot(ids, depth), ops.expandDims(weights, -1)), { axis: 1 });
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
