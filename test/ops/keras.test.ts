/**
 * Operations give what Keras gives: results of keras.ops, Keras 3.15.1 on TensorFlow, recorded by
 * `test/fixtures/keras-ops/make.py`. Small arrays go in as inputs of the graph, so that nothing is folded away.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareTensors } from '../../src/numbers/compare.ts';
import type { DType } from '../../src/numbers/dtype.ts';
import { packNumbers } from '../../src/numbers/pack.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import * as ops from '../../src/ops/exports.ts';
import type { SymbolicTensor } from '../../src/ops/types.ts';
import { computeBoth } from '../run/both.ts';

interface Recorded {
  readonly dtype: DType;
  readonly shape: number[];
  readonly data: (number | boolean | string)[];
}

interface Case {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly options: { readonly [name: string]: unknown };
  readonly result: unknown;
}

const cases = JSON.parse(readFileSync(new URL('../fixtures/keras-ops/cases.json', import.meta.url), 'utf8')) as Case[];

const camel = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function isRecorded(value: unknown): value is Recorded {
  return typeof value === 'object' && value !== null && 'dtype' in value;
}

function toTensor({ dtype, shape, data }: Recorded): Tensor {
  return { dtype, shape, data: packNumbers(data.map(Number), dtype) };
}

/** Every recorded array in a value, in order. */
function arraysIn(value: unknown): Recorded[] {
  if (isRecorded(value)) return [value];
  return Array.isArray(value) ? value.flatMap(arraysIn) : [];
}

/** The value with its arrays replaced by the tensors in `from`, in order. */
function withTensors(value: unknown, from: SymbolicTensor[]): unknown {
  if (isRecorded(value)) return from.shift()!;
  return Array.isArray(value) ? value.map(item => withTensors(item, from)) : value;
}

/** Sizes and lists that Keras takes as arrays and ours as numbers. */
const asNumbers: { readonly [op: string]: readonly number[] } = { slice: [1], slice_update: [1], moments: [1] };

function call({ op, args, options }: Case, inputs: SymbolicTensor[]): readonly SymbolicTensor[] {
  const plain = args.map((arg, at) => (asNumbers[op]?.includes(at) && isRecorded(arg) ? arg.data : arg));
  const given = plain.map(arg => withTensors(arg, inputs));
  const named = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [camel(name), withTensors(value, inputs)]),
  );
  const compute = (ops as unknown as { readonly [name: string]: (...args: unknown[]) => unknown })[camel(op)]!;
  return flat(compute(...given, named));
}

function flat(value: unknown): SymbolicTensor[] {
  if (typeof value === 'number') return [ops.constant(value)];
  return ops.isTensor(value) ? [value] : (value as unknown[]).flatMap(flat);
}

/** Double the tolerance of a prediction would hide a wrong formula; these are single operations. */
const tolerance = { absolute: 2e-5, relative: 2e-4 };

describe.each(cases.map((entry, at) => [`${entry.op} #${at}`, entry] as const))('%s', (_, entry) => {
  it('is what Keras gives', async () => {
    const skipped = entry.args.map((arg, at) => (asNumbers[entry.op]?.includes(at) ? [] : arraysIn(arg)));
    const arrays = [...skipped.flat(), ...Object.values(entry.options).flatMap(arraysIn)];
    const { outputs, session, host } = await computeBoth(arrays.map(toTensor), (...inputs) => call(entry, inputs), []);
    const expected = arraysIn(entry.result).map(toTensor);
    expect(outputs.length).toBe(expected.length);
    expected.forEach((tensor, at) => {
      expect(compareTensors(session[at]!, tensor, tolerance).why, `output ${at}`).toBeNull();
      expect(compareTensors(host[at]!, tensor, tolerance).why, `output ${at} on the host`).toBeNull();
      expect(outputs[at]!.dtype, `dtype of output ${at}`).toBe(tensor.dtype);
    });
  });
});
