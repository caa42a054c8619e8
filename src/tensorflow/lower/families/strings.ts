/** Strings and rows of any length: what Keras's preprocessing layers for text compile to. */

import type { Tensor } from '../../../numbers/tensor.ts';
import * as ops from '../../../ops/exports.ts';
import * as strings from '../../../ops/strings.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { dtypeOf, type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { onSizes } from '../sizes.ts';
import { knownElements, knownScalar } from '../value.ts';

const unitOf = (node: OpView) => (node.attributes.text('unit', 'BYTE') === 'BYTE' ? 'byte' : 'character');

/** A string that must be known when the graph is traced: a pattern, a separator. */
function textAt(node: OpView, index: number): string {
  const { node: from } = node.x(index);
  const data = from.op === 'constant' ? (from.attributes.value as Tensor).data : null;
  if (data?.length === 1 && typeof data[0] === 'string') return data[0];
  throw unsupported(node.where, `${node.op} with a string that is known only when it runs`);
}

const changeCase =
  (to: 'lower' | 'upper'): Lowering =>
  node =>
    strings.changeCase(node.x(0), to, { unicode: node.attributes.text('encoding', '') !== '' });

const replace =
  (pattern: (node: OpView) => string, rewrite: (node: OpView) => string): Lowering =>
  node =>
    strings.replaceMatches(node.x(0), pattern(node), rewrite(node), {
      all: node.attributes.bool('replace_global', true),
    });

const splitLowering: Lowering = node =>
  strings.splitTexts(node.x(0), textAt(node, 1), { limit: node.attributes.int('maxsplit', -1) });

const join: Lowering = node => {
  const separator = node.attributes.text('separator', '');
  return strings.joinTexts(node.xs(), separator);
};

const ragged: Lowering = node => {
  const shape = knownElements(node.value(0));
  if (shape === null) throw unsupported(node.where, `${node.op} into a shape that is known only when it runs`);
  const types = node.attributes.texts('row_partition_types') as strings.RowPartition[];
  const sizes = node.value(0).tensor.shape.length === 0 ? [] : shape.map(size => (size < 0 ? null : size));
  return strings.raggedToDense(node.x(1), node.x(2), node.xs(3), types, sizes);
};

const hash: Lowering = node => ops.hashBuckets(node.x(0), node.attributes.int('num_buckets'));

const saltedHash: Lowering = node => {
  const [first = 0n, second = 0n] = node.attributes.bigints('key').map(key => BigInt.asUintN(64, key));
  return ops.hashBuckets(node.x(0), node.attributes.int('num_buckets'), { salt: [first, second] });
};

/** How often each number below `size` occurs, by rows where there are rows; or whether, or the sum of its weights. */
const bincount =
  (binaryAttribute: boolean): Lowering =>
  node => {
    const x = node.x(0);
    const size = node.sizes(1)[0]!;
    const weights = node.x(2);
    const hits = ops.equal(ops.expandDims(x, -1), ops.cast(ops.arange(size), x.dtype));
    const axis = x.shape.length - 1;
    if (binaryAttribute && node.attributes.bool('binary_output', false))
      return ops.cast(ops.any(hits, { axis }), weights.dtype);
    const hasWeights = weights.shape.length === x.shape.length && weights.shape.at(-1) !== 0;
    const counted: SymbolicTensor = hasWeights
      ? ops.where(hits, ops.expandDims(weights, -1), ops.cast(ops.constant(0), weights.dtype))
      : ops.cast(hits, weights.dtype);
    return ops.cast(ops.sum(counted, { axis }), weights.dtype);
  };

/** Features crossed and hashed, of dense columns alone: the only form that Keras makes. Every cell has a value. */
const crossHashed: Lowering = node => {
  const strong = node.value(node.inputs.length - 2);
  if (node.attributes.int('N') !== 0 || knownScalar(strong) !== 0)
    throw unsupported(node.where, `${node.op} of sparse features, or salted`);
  return crossedCells(node, node.xs(0, node.inputs.length - 3), node.number(node.inputs.length - 3));
};

/** The key by which `tf.sparse.cross_hashed` hashes unless told otherwise. */
const usualKey = 0xdecafcaffen;

/** The older operation for the same. */
const crossByKey: Lowering = node => {
  const { attributes } = node;
  const isUsual = attributes.bool('hashed_output') && BigInt(attributes.int('hash_key')) === usualKey;
  if (attributes.int('N', 0) !== 0 || !isUsual || attributes.int('num_buckets', 0) === 0)
    throw unsupported(node.where, `${node.op} of sparse features, or into strings`);
  return crossedCells(node, node.xs(), attributes.int('num_buckets'));
};

/** Indices, values and shape of a sparse tensor of one column. */
function crossedCells(node: OpView, features: readonly SymbolicTensor[], buckets: number): readonly SymbolicTensor[] {
  if (features.some(x => x.shape[1] !== 1)) throw unsupported(node.where, `${node.op} of features of several columns`);
  const crossed = ops.crossBuckets(features, buckets);
  const rows = ops.shape(crossed)[0]!;
  const line = ops.expandDims(ops.arange(0, { stop: rows, dtype: 'int64' }), 1);
  const indices = ops.concatenate([line, ops.zerosLike(line)], { axis: 1 });
  return [
    indices,
    ops.reshape(crossed, [-1]),
    ops.stack([rows, 1].map(size => ops.cast(ops.convertToTensor(size), 'int64'))),
  ];
}

/** Counts by rows of any length, that begin at `splits`. */
const raggedBincount: Lowering = node => {
  const [splits, values] = [node.x(0), node.x(1)];
  const size = node.sizes(2)[0]!;
  const weights = node.x(3);
  const count = ops.shape(values)[0]!;
  const places = ops.arange(0, { stop: count, dtype: splits.dtype });
  const rowOf = ops.subtract(ops.searchsorted(splits, places, { side: 'right' }), 1);
  const rows = onSizes.subtract!(ops.shape(splits)[0]!, 1)!;
  const indices = ops.stack([ops.cast(rowOf, 'int64'), ops.cast(values, 'int64')], { axis: -1 });
  const each = weights.shape[0] === 0 ? ops.broadcastTo(ops.cast(ops.constant(1), weights.dtype), [count]) : weights;
  const counted = ops.scatter(indices, each, [rows, size]);
  if (!node.attributes.bool('binary_output', false)) return ops.cast(counted, weights.dtype);
  return ops.cast(ops.notEqual(counted, 0), weights.dtype);
};

const ngrams: Lowering = node => {
  const widths = node.attributes.ints('ngram_widths');
  const padded = node.attributes.int('pad_width', 0) !== 0 || node.attributes.bool('preserve_short_sequences', false);
  if (padded) throw unsupported(node.where, `${node.op} with padding or short sequences kept`);
  return strings.ngrams(node.x(0), node.x(1), widths, node.attributes.text('separator', ' '));
};

/** Texts are UTF-8 here, and stay so. */
const transcode: Lowering = node => {
  const encodings = ['input_encoding', 'output_encoding'].map(name => node.attributes.text(name, 'UTF-8'));
  if (encodings.some(encoding => encoding !== 'UTF-8'))
    throw unsupported(node.where, `${node.op} from ${encodings.join(' to ')}`);
  return node.x(0);
};

export const textFamily: LoweringTable = {
  StringLower: changeCase('lower'),
  StringUpper: changeCase('upper'),
  StringStrip: node => strings.stripSpace(node.x(0)),
  StaticRegexReplace: replace(
    node => node.attributes.text('pattern'),
    node => node.attributes.text('rewrite'),
  ),
  RegexReplace: replace(
    node => textAt(node, 1),
    node => textAt(node, 2),
  ),
  StaticRegexFullMatch: node => strings.matchesWhole(node.x(0), node.attributes.text('pattern')),
  RegexFullMatch: node => strings.matchesWhole(node.x(0), textAt(node, 1)),
  StringSplitV2: { outputs: ['indices', 'values', 'shape'], lower: splitLowering },
  StringJoin: join,
  StringLength: node => strings.textLength(node.x(0), unitOf(node)),
  Substr: node => strings.subText(node.x(0), node.x(1), node.x(2), unitOf(node)),
  UnicodeDecode: { outputs: ['row_splits', 'char_values'], lower: node => strings.decodeTexts(node.x(0)) },
  UnicodeTranscode: transcode,
  UnicodeEncode: node => strings.encodeTexts(node.x(0), node.x(1)),
  StringToNumber: node => strings.parseNumbers(node.x(0), dtypeOf(node, 'out_type', 'float32') as 'float32'),
  AsString: node => ops.toText(node.x(0)),
  StringToHashBucketFast: hash,
  StringToHashBucketStrong: saltedHash,
  RaggedTensorToTensor: ragged,
  SparseCross: { outputs: ['output_indices', 'output_values', 'output_shape'], lower: crossByKey },
  SparseCrossHashed: { outputs: ['output_indices', 'output_values', 'output_shape'], lower: crossHashed },
  StringNGrams: { outputs: ['ngrams', 'ngrams_splits'], lower: ngrams },
  RaggedBincount: raggedBincount,
  Bincount: bincount(false),
  DenseBincount: bincount(true),
};
