/** Graphs of models traced and run: sharing, nesting, masks, nested arguments, states. */

import { describe, expect, it } from 'vitest';
import { customObjects } from '../../src/layers/custom.ts';
import { defineLayer } from '../../src/layers/define.ts';
import { float32Policy } from '../../src/layers/policy.ts';
import { traceModel } from '../../src/layers/trace.ts';
import type { Call, CallValue, JsonObject, Layer, Model, TensorRef } from '../../src/model/types.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import { nodeBackend } from '../../src/run/node/backend.ts';
import { compileProgram } from '../../src/run/program.ts';

function tensorRef(name: string, shape: readonly number[], values: readonly number[]): TensorRef {
  const tensor: Tensor = { dtype: 'float32', shape, data: Float32Array.from(values) };
  return {
    path: name,
    shape,
    dtype: 'float32',
    storage: 'memory',
    plain: null,
    at: {},
    conversions: [],
    read: async () => tensor,
  };
}

const at = (layer: string, node = 0, tensor = 0): CallValue => ({ kind: 'tensor', at: { layer, node, tensor } });
const call = (...args: CallValue[]): Call => ({ args, kwargs: {} });

function layer(
  name: string,
  className: string,
  config: JsonObject,
  calls: readonly Call[],
  more: Partial<Layer> = {},
): Layer {
  return {
    name,
    className,
    origin: 'layer',
    registeredName: null,
    config,
    dtype: float32Policy,
    trainable: true,
    calls,
    weights: [],
    sublayers: {},
    model: null,
    buildShape: null,
    assets: {},
    at: {},
    ...more,
  };
}

const input = (name: string, shape: readonly (number | null)[]) =>
  layer(name, 'InputLayer', { batch_shape: shape, dtype: 'float32' }, []);

function dense(name: string, kernel: readonly number[], calls: readonly Call[]): Layer {
  const tensor = tensorRef(`${name}/kernel`, [2, kernel.length / 2], kernel);
  const weights = [{ name: 'kernel', shape: tensor.shape, trainable: true, tensor }];
  return layer(name, 'Dense', { units: kernel.length / 2, use_bias: false }, calls, { weights });
}

function model(layers: readonly Layer[], inputs: Model['inputs'], outputs: Model['outputs']): Model {
  return {
    className: 'Functional',
    origin: 'layer',
    registeredName: null,
    name: 'model',
    trainable: true,
    layers,
    inputs,
    outputs,
    config: null,
  };
}

const address = (name: string, node = 0, tensor = 0) => ({ layer: name, node, tensor });

async function run(
  traced: ReturnType<typeof traceModel>,
  ...inputs: readonly (readonly number[])[]
): Promise<number[][]> {
  const weights = new Map(traced.weights.map(({ tensor, weight }) => [tensor.node.id, weight!.tensor!]));
  const states = traced.states.map(
    ({ shape }) => ({ dtype: 'float32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as Tensor,
  );
  const program = await compileProgram(
    [...traced.inputs.map(({ tensor }) => tensor), ...traced.states.map(({ before }) => before)],
    [...traced.outputs.map(({ tensor }) => tensor), ...traced.states.map(({ after }) => after)],
    weights,
    nodeBackend,
    { prepack: false },
  );
  const given = inputs.map((values, index): Tensor => {
    const shape = traced.inputs[index]!.spec.shape.slice(1) as number[];
    const perSample = shape.reduce((a, b) => a * b, 1);
    return { dtype: 'float32', shape: [values.length / perSample, ...shape], data: Float32Array.from(values) };
  });
  const results = await program.run([...given, ...states]);
  await program.release();
  return results.map(({ data }) => Array.from(data as Float32Array));
}

describe('a shared layer', () => {
  it('is called at every node with one weight', async () => {
    const shared = dense('shared', [1, 2, 3, 4], [call(at('a')), call(at('b'))]);
    const sum = layer('sum', 'Subtract', {}, [call({ kind: 'list', items: [at('shared', 1), at('shared', 0)] })]);
    const traced = traceModel(
      model([input('a', [null, 2]), input('b', [null, 2]), shared, sum], [address('a'), address('b')], address('sum')),
    );
    expect(traced.weights).toHaveLength(1);
    expect(await run(traced, [1, 0], [0, 1])).toEqual([[2, 2]]);
  });
});

describe('a nested model', () => {
  const inner = model(
    [input('x', [null, 2]), dense('d', [1, 0, 0, 2], [call(at('x'))])],
    [address('x')],
    [address('d')],
  );

  it('is traced at every call', async () => {
    const nested = layer('nested', 'Functional', {}, [call(at('a')), call(at('nested', 0))], { model: inner });
    const traced = traceModel(model([input('a', [null, 2]), nested], address('a'), address('nested', 1)));
    expect(await run(traced, [3, 5])).toEqual([[3, 20]]);
    expect(traced.weights.map(({ path }) => path)).toEqual(['nested/d/kernel']);
  });

  it('takes a record by the names of its inputs', async () => {
    const two = model(
      [
        input('p', [null, 1]),
        input('q', [null, 1]),
        layer('minus', 'Subtract', {}, [call({ kind: 'list', items: [at('p'), at('q')] })]),
      ],
      [address('p'), address('q')],
      [address('minus')],
    );
    const record: CallValue = { kind: 'record', entries: { q: at('a'), p: at('b') } };
    const nested = layer('nested', 'Functional', {}, [call(record)], { model: two });
    const traced = traceModel(
      model([input('a', [null, 1]), input('b', [null, 1]), nested], [address('a'), address('b')], address('nested')),
    );
    expect(await run(traced, [1], [10])).toEqual([[9]]);
  });
});

describe('masks', () => {
  const masking = layer('masking', 'Masking', { mask_value: 0 }, [call(at('a'))]);
  const pool = (calls: readonly Call[]) => layer('pool', 'GlobalAveragePooling1D', {}, calls);
  const a = input('a', [null, 3, 1]);

  it('go from layer to layer by themselves', async () => {
    const dropout = layer('dropout', 'Dropout', { rate: 0.5 }, [call(at('masking'))]);
    const traced = traceModel(model([a, masking, dropout, pool([call(at('dropout'))])], address('a'), address('pool')));
    expect(await run(traced, [2, 0, 4])).toEqual([[3]]);
  });

  it('stop where a layer does not pass them on', async () => {
    const reshape = layer('reshape', 'Reshape', { target_shape: [3, 1] }, [call(at('masking'))]);
    const traced = traceModel(model([a, masking, reshape, pool([call(at('reshape'))])], address('a'), address('pool')));
    expect(await run(traced, [2, 0, 4])).toEqual([[2]]);
  });

  it.each([
    ['and', 7],
    ['none', 5],
    ['or', 5],
  ])('meet in a merge by the rule "%s"', async (rule, expected) => {
    const add = layer('add', 'Add', { mask_rule: rule }, [call({ kind: 'list', items: [at('masking'), at('a')] })]);
    const traced = traceModel(model([a, masking, add, pool([call(at('add'))])], address('a'), address('pool')));
    // One input has a mask, the other none: only the oldest rule keeps it.
    expect(await run(traced, [5, 0, 2.5])).toEqual([[rule === 'and' ? 7.5 : expected]]);
  });

  it('given in the call go before those that came along', async () => {
    const other = layer('other', 'Masking', { mask_value: 4 }, [call(at('a'))]);
    const own = defineLayer({
      name: 'MaskOf',
      config: {},
      call: (_config, _weights, [x], ops, { masks }) => ops.cast(masks[0]!, x!.dtype),
    });
    const maskOf = layer('mask', 'MaskOf', {}, [call(at('other'))], { origin: 'custom' });
    const pooled = pool([{ args: [at('masking')], kwargs: { mask: at('mask') } }]);
    const traced = traceModel(model([a, masking, other, maskOf, pooled], address('a'), address('pool')), {
      customObjects: customObjects([own]),
    });
    expect(await run(traced, [2, 0, 4])).toEqual([[1]]);
  });
});

describe('a layer with a state', () => {
  const counter = defineLayer({
    name: 'Counter',
    config: {},
    call: (_config, _weights, [x], ops, context) => {
      const total = ops.add(context.state('total', [1, 1], 'float32'), x!);
      context.setState('total', total);
      return total;
    },
  });

  it('goes on from call to call', async () => {
    const counted = layer('counter', 'Counter', { stateful: true }, [call(at('a')), call(at('a'))], {
      origin: 'custom',
    });
    const traced = traceModel(
      model([input('a', [1, 1]), counted], address('a'), [address('counter', 0), address('counter', 1)]),
      {
        customObjects: customObjects([counter]),
      },
    );
    expect(traced.states).toHaveLength(1);
    expect(await run(traced, [3])).toEqual([[3], [6], [6]]);
  });
});

describe('a batch size that the config fixes', () => {
  it('is left open', () => {
    const traced = traceModel(
      model([input('a', [4, 2]), dense('d', [1, 2, 3, 4], [call(at('a'))])], address('a'), address('d')),
    );
    expect(traced.inputs[0]!.spec.shape).toEqual([null, 2]);
  });
});
