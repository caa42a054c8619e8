/** Functions of every Python trace to the same numbers; what is not interpreted is named. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PythonVersion } from '../../src/containers/marshal/index.ts';
import { isLoadstoneError } from '../../src/findings/errors.ts';
import { decodeBase64 } from '../../src/lambdas/encoding.ts';
import { type LambdaLayer, readLambda, traceLambda } from '../../src/lambdas/layer-function.ts';
import type { JsonObject } from '../../src/model/types.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import * as ops from '../../src/ops/exports.ts';
import { nodeBackend } from '../../src/run/node/backend.ts';
import { compileProgram } from '../../src/run/program.ts';
import { marshalCode } from '../support/python-code.ts';

type Compiled = { [python in PythonVersion]?: { [source: string]: string } };

const compiled = JSON.parse(
  readFileSync(new URL('../fixtures/lambdas/compiled.json', import.meta.url), 'utf8'),
) as Compiled;

function stored(python: PythonVersion, part: string): string {
  const entry = Object.entries(compiled[python]!).find(([source]) => source.includes(part));
  if (!entry) throw new Error(`no ${part} of Python ${python}`);
  return entry[1];
}

const keras3 = { line: 'keras3', keras: '3.10.0', backend: 'tensorflow' };

function lambdaOf(
  code: string,
  config: JsonObject = {},
  defaults: JsonObject[string] = null,
  closure: JsonObject[string] = null,
) {
  return readLambda({ function: [code, defaults, closure], function_type: 'lambda', made_by: keras3, ...config });
}

function trace(lambda: LambdaLayer, shapes: readonly (readonly (number | null)[])[]) {
  const inputs = shapes.map((shape, index) => ops.input(shape, 'float32', `input_${index}`));
  const call = { inputs: inputs.length === 1 ? inputs[0]! : inputs, masks: inputs.map(() => null), layerName: 'lam' };
  return { inputs, outputs: traceLambda(lambda, call, ops) };
}

async function run(lambda: LambdaLayer, ...tensors: Tensor[]): Promise<Tensor[]> {
  const { inputs, outputs } = trace(
    lambda,
    tensors.map(tensor => [null, ...tensor.shape.slice(1)]),
  );
  const program = await compileProgram(inputs, outputs, new Map(), nodeBackend, { prepack: false });
  const results = await program.run(tensors);
  await program.release();
  return results;
}

const tensor = (shape: number[], ...data: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});
const numbers = (result: Tensor | undefined) =>
  Array.from(result!.data as Float32Array, value => Math.round(value * 1e4) / 1e4);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isLoadstoneError(error)) return error.what;
    throw error;
  }
  return 'nothing was refused';
}

const pythons = Object.keys(compiled) as PythonVersion[];
const two = tensor([2, 3], 1, 2, 3, -1, 0, 2);

describe.each(pythons)('a function of Python %s', python => {
  const of = (part: string, config?: JsonObject) => lambdaOf(stored(python, part), config);

  it('computes arithmetic', async () => {
    const [result] = await run(of('lambda x: x * 2.0 + 1.0'), two);
    expect(numbers(result)).toEqual([3, 5, 7, -1, 1, 5]);
  });

  it('calls with keywords', async () => {
    const [result] = await run(of('K.l2_normalize'), tensor([1, 2], 3, 4));
    expect(numbers(result)).toEqual([0.6, 0.8]);
  });

  it('slices', async () => {
    const [result] = await run(of('x[..., ::-1]'), two);
    expect(numbers(result)).toEqual([3, 2, 1, 2, 0, -1]);
    expect((await run(of('x[:, None]'), two))[0]!.shape).toEqual([2, 1, 3]);
  });

  it('goes through comprehensions, generators and inner functions', async () => {
    const [stacked] = await run(of('for i in range(3) if i != 1'), tensor([1, 3, 2], 1, 2, 3, 4, 5, 6));
    expect(numbers(stacked)).toEqual([1, 2, 5, 6]);
    const [sum] = await run(of('sum(v * 2 for v in t)'), two, two);
    expect(numbers(sum)).toEqual([4, 8, 12, -4, 0, 8]);
    const several = await run(of('for k in (1, 2.5, -3)'), tensor([1, 1], 2));
    expect(several.map(numbers)).toEqual([[2], [5], [-6]]);
    const doubled = await run(of('def inner(v)'), tensor([1, 1], 3), tensor([1, 1], 4));
    expect(doubled.map(numbers)).toEqual([[6], [8]]);
  });

  it('runs loops with continue and break, and while', async () => {
    const [total] = await run(of('if i == 2:'), tensor([1, 7], 1, 10, 100, 1000, 10000, 1e5, 1e6));
    expect(numbers(total)).toEqual([11011]);
    expect(numbers((await run(of('while n < 3'), tensor([1, 1], 1)))[0])).toEqual([8]);
  });

  it('decides by shapes, and takes arguments from the config', async () => {
    const [kept] = await run(of("mode == 'min'", { arguments: { mode: 'max' } }), two);
    expect(numbers(kept)).toEqual([3, 2]);
    const [first] = await run(of('x[0] if len(x) > 1 else x'), two, two);
    expect(numbers(first)).toEqual([-1, -2, -3, 1, -0, -2].map(value => value));
  });

  it('imports packages of numbers for itself', async () => {
    const [product] = await run(of('from keras import backend as K'), tensor([1, 1, 2], 1, 2), tensor([1, 2, 1], 3, 4));
    expect(numbers(product)).toEqual([11]);
  });

  it('names what it does not interpret', () => {
    expect(refusal(() => trace(of("__import__('os')"), [[null, 3]]))).toContain('a call of __import__');
    expect(
      refusal(() =>
        trace(of('K.random_normal'), [
          [null, 3],
          [null, 3],
        ]),
      ),
    ).toContain('random numbers');
    expect(refusal(() => trace(of('1 < x.shape[1] <= 5'), [[null, null]]))).toContain('None');
  });
});

describe('closures and defaults', () => {
  it('come from the config', async () => {
    const scaled = lambdaOf(stored('3.11', 'def outer'), {}, null, [0.5, 2]);
    const { freeNames } = scaled.function.kind === 'code' ? scaled.function.read.code : { freeNames: [] };
    const [offset, scale] = freeNames[0] === 'offset' ? [0.5, 2] : [2, 0.5];
    expect(numbers((await run(scaled, tensor([1, 1], 3)))[0])).toEqual([3 * scale! + offset!]);
    const cubed = lambdaOf(stored('3.7', 'factor=3'), {}, [3]);
    expect(numbers((await run(cubed, tensor([1, 1], 2)))[0])).toEqual([7]);
  });

  it('are said when they are missing', () => {
    const lost = lambdaOf(stored('3.11', 'def outer'));
    expect(refusal(() => trace(lost, [[null, 3]]))).toContain('whose value was not stored');
  });
});

describe('Python 3.5, whose bytecode no compiler here writes', () => {
  const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

  it('runs x/127.5 - 1.0', async () => {
    const code = marshalCode('3.5', {
      constants: [null, { float: 127.5 }, { float: 1 }],
      instructions: [
        ['LOAD_FAST', 0],
        ['LOAD_CONST', 1],
        ['BINARY_TRUE_DIVIDE'],
        ['LOAD_CONST', 2],
        ['BINARY_SUBTRACT'],
        ['RETURN_VALUE'],
      ],
    });
    expect(numbers((await run(lambdaOf(base64(code)), tensor([1, 2], 0, 255)))[0])).toEqual([-1, 1]);
  });

  it('calls with keyword pairs, and functions with comprehensions', async () => {
    const listcomp = marshalCode('3.5', {
      name: '<listcomp>',
      arguments: ['.0'],
      locals: ['v'],
      constants: [2],
      instructions: [
        ['BUILD_LIST', 0],
        ['LOAD_FAST', 0],
        ['FOR_ITER', 16],
        ['STORE_FAST', 1],
        ['LOAD_FAST', 1],
        ['LOAD_CONST', 0],
        ['BINARY_MULTIPLY'],
        ['LIST_APPEND', 2],
        ['JUMP_ABSOLUTE', 6],
        ['RETURN_VALUE'],
      ],
    });
    const code = marshalCode('3.5', {
      arguments: ['t'],
      names: ['K', 'concatenate'],
      constants: [null, { code: listcomp }, '<listcomp>', 'axis', -1],
      instructions: [
        ['LOAD_GLOBAL', 0],
        ['LOAD_ATTR', 1],
        ['LOAD_CONST', 1],
        ['LOAD_CONST', 2],
        ['MAKE_FUNCTION', 0],
        ['LOAD_FAST', 0],
        ['GET_ITER'],
        ['CALL_FUNCTION', 1],
        ['LOAD_CONST', 3],
        ['LOAD_CONST', 4],
        ['CALL_FUNCTION', 0x0101],
        ['RETURN_VALUE'],
      ],
    });
    const [result] = await run(lambdaOf(base64(code)), tensor([1, 1], 1), tensor([1, 1], 5));
    expect(numbers(result)).toEqual([2, 10]);
  });

  it('calls with *args and **kwargs', async () => {
    const code = marshalCode('3.5', {
      names: ['K', 'clip'],
      constants: [[{ float: 0 }], 'max_value', { float: 1 }],
      instructions: [
        ['LOAD_GLOBAL', 0],
        ['LOAD_ATTR', 1],
        ['LOAD_FAST', 0],
        ['LOAD_CONST', 0],
        ['LOAD_CONST', 1],
        ['LOAD_CONST', 2],
        ['BUILD_MAP', 1],
        ['CALL_FUNCTION_VAR_KW', 1],
        ['RETURN_VALUE'],
      ],
    });
    expect(numbers((await run(lambdaOf(base64(code)), tensor([1, 3], -1, 0.5, 3)))[0])).toEqual([0, 0.5, 1]);
  });
});

describe('hostile code', () => {
  const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
  const endless = marshalCode('3.7', { instructions: [['JUMP_ABSOLUTE', 0], ['LOAD_FAST', 0], ['RETURN_VALUE']] });
  const deep = marshalCode('3.7', {
    constants: [10],
    instructions: [
      ['LOAD_CONST', 0],
      ['DUP_TOP'],
      ['BINARY_POWER'],
      ['DUP_TOP'],
      ['BINARY_POWER'],
      ['DUP_TOP'],
      ['BINARY_POWER'],
      ['RETURN_VALUE'],
    ],
  });
  const below = marshalCode('3.7', { instructions: [['BINARY_ADD'], ['RETURN_VALUE']] });

  it('ends within limits', () => {
    expect(refusal(() => trace(lambdaOf(base64(endless)), [[null, 3]]))).toContain('steps');
    expect(refusal(() => trace(lambdaOf(base64(deep)), [[null, 3]]))).toContain('4096 bits');
    expect(refusal(() => trace(lambdaOf(base64(below)), [[null, 3]]))).toContain('of no Python');
  });
});

describe('mutated functions', () => {
  it('are traced or refused, and nothing else', () => {
    const all = pythons.flatMap(python => Object.values(compiled[python]!));
    const input = ops.input([null, 3, 4], 'float32', 'x');
    const mutation = fc.tuple(
      fc.nat(all.length - 1),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 5 }),
    );
    const property = fc.property(mutation, ([which, changes]) => {
      const bytes = decodeBase64(all[which]!)!;
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const lambda = lambdaOf(btoa(String.fromCharCode(...bytes)), {}, [1], [2, 3]);
      const call = { inputs: [input, input], masks: [null, null], layerName: 'lam' };
      expect(typeof refusal(() => traceLambda(lambda, call, ops))).toBe('string');
    });
    fc.assert(property, { numRuns: 400, interruptAfterTimeLimit: 10_000 });
  });
});
