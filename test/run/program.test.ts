/** Programs: stages, memory that is the caller's, faults told as such, weights in place. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileSource } from '../../src/bytes/node/file.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import type { TensorRef } from '../../src/model/types.ts';
import { bytesOf, type TypedArray } from '../../src/numbers/dtype.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import * as ops from '../../src/ops/exports.ts';
import { nodeBackend } from '../../src/run/node/backend.ts';
import { makePlan } from '../../src/run/plan.ts';
import { compileProgram } from '../../src/run/program.ts';
import { configureWeb, webBackend } from '../../src/run/web-backend.ts';
import { sample } from './both.ts';

configureWeb({ threads: 1, runtime: () => import('onnxruntime-web') });

const folder = mkdtempSync(join(tmpdir(), 'loadstone-run-'));
const opened: ByteSource[] = [];
afterAll(async () => {
  for (const source of opened) await source.close?.();
  rmSync(folder, { recursive: true });
});

/** A weight that lies at an odd offset of a file. */
async function weightInFile(tensor: Tensor, lead: number): Promise<TensorRef> {
  const bytes = bytesOf(tensor.data as TypedArray);
  const path = join(folder, `weights-${lead}.bin`);
  writeFileSync(path, Buffer.concat([Buffer.alloc(lead, 7), bytes, Buffer.alloc(5, 7)]));
  const source = await fileSource(path);
  opened.push(source);
  return {
    path: 'w',
    shape: tensor.shape,
    dtype: tensor.dtype,
    storage: 'contiguous',
    plain: { source, offset: lead, length: bytes.byteLength },
    at: {},
    conversions: [],
    read: async () => tensor,
  };
}

describe('stages', () => {
  it('are one session where nothing needs the host', () => {
    const x = ops.input([null, 4], 'float32', 'x');
    expect(makePlan([ops.softmax(ops.matmul(x, ops.constant(sample([4, 3]))))]).map(stage => stage.kind)).toEqual([
      'onnx',
    ]);
  });

  it('alternate where the host must compute between', async () => {
    const x = ops.input([null, 3, 3], 'float32', 'x');
    const y = ops.add(ops.inv(ops.add(x, ops.eye(3))), 1);
    expect(makePlan([y]).map(stage => stage.kind)).toEqual(['onnx', 'host', 'onnx']);
    const program = await compileProgram([x], [y], new Map(), nodeBackend);
    const [result] = await program.run([{ dtype: 'float32', shape: [1, 3, 3], data: new Float32Array(9) }]);
    expect(Array.from(result!.data as Float32Array)).toEqual([2, 1, 1, 1, 2, 1, 1, 1, 2]);
    await program.release();
  });
});

describe('results', () => {
  it('never share memory with inputs', async () => {
    const x = ops.input([null, 2], 'float32', 'x');
    const program = await compileProgram([x], [x, ops.add(x, 0)], new Map(), nodeBackend);
    const given = sample([1, 2]);
    const results = await program.run([given]);
    (results[0]!.data as Float32Array)[0] = 99;
    expect((given.data as Float32Array)[0]).not.toBe(99);
    await program.release();
  });

  it('have the dtype of the graph where it is computed in another', async () => {
    const x = ops.input([null], 'bfloat16', 'x');
    const program = await compileProgram([x], [ops.multiply(x, 2)], new Map(), nodeBackend);
    const [result] = await program.run([{ dtype: 'bfloat16', shape: [1], data: Uint16Array.of(0x3fc0) }]);
    expect(result).toEqual({ dtype: 'bfloat16', shape: [1], data: Uint16Array.of(0x4040) });
    await program.release();
  });
});

describe('faults of the input', () => {
  it('are told in words', async () => {
    const x = ops.input([null], 'int32', 'x');
    const program = await compileProgram(
      [x],
      [ops.take(ops.constant(sample([5, 2])), x, { axis: 0 })],
      new Map(),
      nodeBackend,
    );
    const run = program.run([{ dtype: 'int32', shape: [1], data: Int32Array.of(9) }]);
    await expect(run).rejects.toMatchObject({
      code: 'bad-input',
      what: 'the index 9 is outside of a table with 5 rows',
    });
    await program.release();
  });
});

describe('weights', () => {
  const kernel = sample([64, 300]);
  const x = ops.input([null, 64], 'float32', 'x');

  it.each([0, 3, 4096])('are used in place, at offset %i', async lead => {
    const w = ops.weight('w', [64, 300], 'float32');
    const weights = new Map([[w.node.id, await weightInFile(kernel, lead)]]);
    const given = sample([2, 64], 'float32', { seed: 5 });
    const program = await compileProgram([x], [ops.matmul(x, w)], weights, nodeBackend, { prepack: false });
    const plain = await compileProgram([x], [ops.matmul(x, ops.constant(kernel))], new Map(), nodeBackend);
    const [[found], [expected]] = [await program.run([given]), await plain.run([given])];
    expect(found!.data).toEqual(expected!.data);
    await program.release();
    await plain.release();
  });

  it('are handed over as bytes where files cannot be used', async () => {
    const w = ops.weight('w', [64, 300], 'float32');
    const weights = new Map([[w.node.id, await weightInFile(kernel, 8)]]);
    const given = sample([2, 64], 'float32', { seed: 5 });
    const program = await compileProgram([x], [ops.matmul(x, w)], weights, webBackend);
    const plain = await compileProgram([x], [ops.matmul(x, ops.constant(kernel))], new Map(), nodeBackend);
    const [[found], [expected]] = [await program.run([given]), await plain.run([given])];
    (found!.data as Float32Array).forEach((value, at) => {
      expect(value).toBeCloseTo((expected!.data as Float32Array)[at]!, 4);
    });
    await program.release();
    await plain.release();
  });

  it('that nobody gave are told', async () => {
    const w = ops.weight('dense/kernel', [64, 300], 'float32');
    const compiled = compileProgram([x], [ops.matmul(x, w)], new Map(), nodeBackend);
    await expect(compiled).rejects.toMatchObject({ code: 'bad-weights' });
  });
});
