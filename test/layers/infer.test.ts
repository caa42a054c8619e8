import { describe, expect, it } from 'vitest';
import { customObjects } from '../../src/layers/custom.ts';
import { defineLayer } from '../../src/layers/define.ts';
import { int } from '../../src/layers/fields.ts';
import { describeLayer, inferModel } from '../../src/layers/infer.ts';
import { float32Policy } from '../../src/layers/policy.ts';
import { traceModel } from '../../src/layers/trace.ts';
import type { Call, JsonObject, Layer, Model } from '../../src/model/types.ts';

function tensorOf(layer: string, node = 0): Call {
  return { args: [{ kind: 'tensor', at: { layer, node, tensor: 0 } }], kwargs: {} };
}

function layerOf(name: string, className: string, config: JsonObject, calls: readonly Call[]): Layer {
  return {
    name,
    className,
    origin: className.startsWith('My') ? 'custom' : 'layer',
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
  };
}

function modelOf(layers: readonly Layer[], outputs: readonly string[]): Model {
  return {
    className: 'Functional',
    origin: 'layer',
    registeredName: null,
    name: 'model',
    trainable: true,
    layers,
    inputs: layers
      .filter(layer => layer.className === 'InputLayer')
      .map(layer => ({ layer: layer.name, node: 0, tensor: 0 })),
    outputs: outputs.map(layer => ({ layer, node: 0, tensor: 0 })),
    config: null,
  };
}

const input = layerOf('x', 'InputLayer', { batch_shape: [null, 4], dtype: 'float32' }, []);

describe('inferModel', () => {
  it('tells shapes and variables', () => {
    const model = modelOf([layerOf('y', 'Dense', { units: 3 }, [tensorOf('x')]), input], ['y']);
    const inferred = inferModel(model);
    expect(inferred.findings).toEqual([]);
    expect(inferred.outputs).toEqual([{ name: 'y', shape: [null, 3], dtype: 'float32' }]);
    expect(inferred.layers[0]!.weights.map(({ name, shape }) => [name, shape])).toEqual([
      ['kernel', [4, 3]],
      ['bias', [3]],
    ]);
  });

  it('tells what it can behind a layer that nobody defines', () => {
    const model = modelOf(
      [input, layerOf('mine', 'MyLayer', {}, [tensorOf('x')]), layerOf('y', 'Dense', { units: 3 }, [tensorOf('mine')])],
      ['y'],
    );
    const inferred = inferModel(model);
    expect(inferred.findings.map(finding => finding.code)).toEqual(['missing-custom-object']);
    expect(inferred.outputs).toEqual([null]);
    expect(inferred.layers[2]!.weights.map(({ name, shape }) => [name, shape])).toEqual([
      ['kernel', null],
      ['bias', [3]],
    ]);
  });

  it('asks a definition of the user as it asks a built-in', () => {
    const scale = defineLayer({
      name: 'MyLayer',
      config: { units: int(4) },
      weights: ({ units }) => ({ factor: [units], movingMean: { shape: [units], trainable: false } }),
      outputShape: (_config, [x]) => x!,
      call: (_config, { factor }, [x], ops) => ops.multiply(x!, factor!),
    });
    const model = modelOf([input, layerOf('mine', 'MyLayer', {}, [tensorOf('x')])], ['mine']);
    const inferred = inferModel(model, { customObjects: customObjects([scale]) });
    expect(inferred.layers[1]!.weights.map(({ name, trainable }) => [name, trainable])).toEqual([
      ['factor', true],
      ['moving_mean', false],
    ]);
  });

  it('says which key of which layer is wrong', () => {
    const model = modelOf([input, layerOf('y', 'Dense', { units: 'many' }, [tensorOf('x')])], ['y']);
    expect(inferModel(model).findings).toMatchObject([
      { code: 'bad-config', what: 'layer "y": "units" is "many", needed a whole number' },
    ]);
  });

  it('names layers that need each other in a circle', () => {
    const model = modelOf(
      [
        input,
        layerOf('a', 'Dense', { units: 1 }, [tensorOf('b')]),
        layerOf('b', 'Dense', { units: 1 }, [tensorOf('a')]),
      ],
      ['a'],
    );
    expect(inferModel(model).findings).toMatchObject([{ code: 'bad-config' }]);
  });
});

describe('describeLayer', () => {
  it('names variables without knowing the input', () => {
    const described = describeLayer(layerOf('y', 'Dense', { units: 3, use_bias: false }, []));
    expect(described.weights).toMatchObject([{ name: 'kernel', shape: null, trainable: true, dtype: 'float32' }]);
  });
});

describe('traceModel', () => {
  it('refuses to run without weights, naming layer and weight', () => {
    const model = modelOf([input, layerOf('y', 'Dense', { units: 3 }, [tensorOf('x')])], ['y']);
    expect(() => traceModel(model)).toThrow('weight "kernel" of layer "y" is not in the artefact');
  });
});
