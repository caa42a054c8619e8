/** Hashing and HashedCrossing: values, or combinations of them, into a number of bins (keras hashing.py, hashed_crossing.py). */

import type { DType } from '../../numbers/dtype.ts';
import { isFloating } from '../../numbers/dtype.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { int, json } from '../fields.ts';
import { encode, outputMode } from './encode.ts';
import { saltOf, token } from './lookup.ts';

const hashing = defineLayer({
  name: 'Hashing',
  config: { numBins: int(), maskValue: token(null), salt: json(), outputMode: outputMode('int') },
  castInputs: false,
  call({ numBins, maskValue, salt, outputMode }, _weights, [x], ops, { computeDtype }) {
    const lone = outputMode === 'one_hot' && x!.shape.at(-1) === 1 ? ops.squeeze(x!, { axis: -1 }) : x!;
    const bins = binsOf(lone, numBins, maskValue, saltOf(salt), ops);
    if (outputMode === 'int') return ops.cast(bins, wholeDtype(computeDtype));
    return encode(bins, { mode: outputMode, depth: numBins, dtype: computeDtype, squeeze: false }, ops);
  },
});

/** Bin 0 is for masked values where there are any. */
function binsOf(
  x: SymbolicTensor,
  numBins: number,
  maskValue: string | number | null,
  salt: readonly [bigint, bigint] | null,
  ops: Ops,
): SymbolicTensor {
  const keys = x.dtype === 'string' ? x : ops.cast(x, 'int64');
  if (maskValue === null || numBins <= 1) return ops.hashBuckets(keys, numBins, { salt });
  const others = ops.add(ops.hashBuckets(keys, numBins - 1, { salt }), 1);
  return ops.where(isMasked(x, maskValue, ops), 0, others);
}

function isMasked(x: SymbolicTensor, maskValue: string | number, ops: Ops): SymbolicTensor {
  if (x.dtype !== 'string') return ops.equal(x, Number(maskValue));
  const keys = { dtype: 'string', shape: [1], data: [String(maskValue)] } as const;
  const yes = { dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) } as const;
  return ops.equal(ops.lookup(x, { ...keys, data: [...keys.data] }, yes, 0n), 1);
}

/** Numbers of bins come in the layer's dtype where it is a whole one; TF 2.3 to 2.7 wrote floats and gave int64. */
function wholeDtype(compute: DType): DType {
  return compute === 'string' || isFloating(compute) ? 'int64' : compute;
}

const hashedCrossing = defineLayer({
  name: 'HashedCrossing',
  config: { numBins: int(), outputMode: outputMode('int') },
  castInputs: false,
  call({ numBins, outputMode }, _weights, inputs, ops, { computeDtype }) {
    const keys = inputs.map(x => (isFloating(x.dtype) ? ops.cast(x, 'int64') : x));
    const bins = ops.crossBuckets(keys, numBins);
    if (outputMode === 'int') return ops.cast(bins, wholeDtype(computeDtype));
    const dtype = computeDtype === 'string' ? 'float32' : computeDtype;
    return encode(bins, { mode: outputMode, depth: numBins, dtype, squeeze: true }, ops);
  },
});

/** Strings of several features joined in every combination (TF 2.3 to 2.5, experimental). */
const categoryCrossing = defineLayer({
  name: 'CategoryCrossing',
  config: { depth: json(), separator: { read: value => (typeof value === 'string' ? value : '_X_') } },
  castInputs: false,
  call({ depth, separator }, _weights, inputs, ops) {
    const texts = inputs.map(x => ops.toText(x));
    const depths = Array.isArray(depth) ? (depth as number[]) : depthsOf(depth, texts.length);
    const crossed = depths.flatMap(count => choose(texts, count)).map(chosen => ops.crossStrings(chosen, separator));
    return crossed.length === 1 ? crossed[0]! : ops.concatenate(crossed, { axis: -1 });
  },
});

/** No depth: all features at once; a number n: one feature, two of them, … n of them. */
function depthsOf(depth: unknown, count: number): readonly number[] {
  return typeof depth === 'number' ? Array.from({ length: depth }, (_, at) => at + 1) : [count];
}

/** All choices of `count` items, in order. */
function choose<T>(items: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return items.flatMap((item, at) => choose(items.slice(at + 1), count - 1).map(rest => [item, ...rest]));
}

export default [hashing, hashedCrossing, categoryCrossing];
