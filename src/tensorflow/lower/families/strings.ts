/** Strings and rows of any length: what Keras's preprocessing layers for text compile to. */

import type { Tensor } from '../../../numbers/tensor.ts';
import * as ops from '../../../ops/exports.ts';
import * as strings from '../../../ops/strings.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { dtypeOf, type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { knownElements } from '../value.ts';

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
  StringLength: node =>
    strings.textLength(node.x(0), node.attributes.text('unit', 'BYTE') === 'BYTE' ? 'byte' : 'character'),
  StringToNumber: node => strings.parseNumbers(node.x(0), dtypeOf(node, 'out_type') as 'float32'),
  AsString: node => ops.toText(node.x(0)),
  StringToHashBucketFast: hash,
  StringToHashBucketStrong: saltedHash,
  RaggedTensorToTensor: ragged,
  Bincount: bincount(false),
  DenseBincount: bincount(true),
};
