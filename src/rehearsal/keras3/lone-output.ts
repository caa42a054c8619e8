/**
 * A graph inside a Sequential whose one output stands in a list: where Keras 3 keeps that list, the layers behind get it
 * in place of the tensor. Facts: `functional_from_config` in models/functional.py of 3.0 to 3.15 (3.3 and 3.5 to 3.10
 * unpack the list), `_maybe_rebuild` and `build` in models/sequential.py; what layers say, as recorded of 3.11 and 3.15.
 */

import type { Built } from '../built.ts';
import { isModel } from '../built.ts';
import { raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { has, isList, type PyDict } from '../python/values.ts';
import { type Run, since } from '../run.ts';

/** What goes from layer to layer: a tensor, a list of one, or the two that pooling makes of such a list. */
type Passed = 'tensor' | 'list' | 'pair';

function keepsList(run: Run): boolean {
  return !since(run, '3.3') || since(run, '3.4', '3.5') || since(run, '3.11');
}

/** Where a Sequential is called while it is made: its input is known, from 3.5 on also by a model that comes first. */
function isCalled(run: Run, config: PyDict, first: Built): boolean {
  if (first.className === 'InputLayer' || isList(config.build_input_shape)) return true;
  return since(run, '3.5') && isModel(first) && has(first.config, 'input_layers');
}

/** Raises what the first layer that cannot take the list says. */
export function passLoneOutput(run: Run, config: PyDict, layers: readonly Built[]): void {
  if (!keepsList(run) || layers.length < 2 || !isCalled(run, config, layers[0]!)) return;
  let passed: Passed = 'tensor';
  let model: Built | null = null;
  for (const layer of layers) {
    if (run.unbuilt.has(layer.name)) return;
    if (isModel(layer)) {
      passed = givesList(layer) ? 'list' : 'tensor';
      model = layer;
    } else if (passed !== 'tensor') passed = passThrough(run, layer, passed, model!);
  }
}

function givesList({ className, config }: Built): boolean {
  const ends = config.output_layers;
  return className !== 'Sequential' && isList(ends ?? null) && (ends as unknown[]).length === 1;
}

const elementwise =
  /^(Dropout|SpatialDropout[123]D|Activation|ReLU|LeakyReLU|Softmax|ELU|Gaussian(Noise|Dropout)|AlphaDropout|Rescaling|ActivityRegularization)$/;

function passThrough(run: Run, layer: Built, passed: Passed, model: Built): Passed {
  const { className, name } = layer;
  if (elementwise.test(className)) return passed;
  const facts = {
    failure: 'nested-model-reload-bug',
    evidence: {
      text: `"${model.name}" gives its one output as a list, and Keras ${run.version} hands the list to "${name}"`,
      where: layer.where,
      offset: null,
    },
  };
  if (passed === 'pair') {
    const text = `Layer "${name}" expects 1 input(s), but it received 2 input tensors. Inputs received: [<KerasTensor>, <KerasTensor>]`;
    raise('ValueError', text, facts);
  }
  if (/^Global(Max|Average)Pooling[123]D$|^(Max|Average)Pooling1D$/.test(className)) return 'pair';
  const said = refusal(run, layer, outputShape(run, model));
  if (said) raise(said[0], said[1], facts);
  return 'tensor';
}

function outputShape(run: Run, { name }: Built): string {
  const shape = run.inferred?.layers.find(layer => layer.name === name)?.model?.outputs[0]?.shape;
  return shape ? reprShape(shape) : '(None,)';
}

/** What a layer says of a list of one shape; null where it is not known. */
function refusal(run: Run, { className, name, config }: Built, shape: string): readonly [string, string] | null {
  const inCall = (type: string, text: string) =>
    [type, `Exception encountered when calling ${className}.call().\n\n\u001b[1m${text}\u001b[0m`] as const;
  const inBuild = (made: string) =>
    [
      'ValueError',
      since(run, '3.13')
        ? `Cannot convert '${made}' to a shape. Found invalid dimension '${shape}' of type '<class 'tuple'>'. `
        : 'Invalid dtype: tuple',
    ] as const;
  if (/^(Dense|LSTM|GRU|SimpleRNN|RNN|Bidirectional|Conv[123]DTranspose)$/.test(className))
    return inBuild(`(${shape}, ${String(config.units ?? config.filters ?? 1)})`);
  if (/Normalization$/.test(className)) return inBuild(`(${shape},)`);
  if (/^(Depthwise|Separable)Conv[12]D$/.test(className) && !since(run, '3.13')) return inBuild(shape);
  if (/^(Depthwise|Separable)Conv[12]D$/.test(className))
    return [
      'ValueError',
      `Kernel shape must have the same length as input, but received kernel of shape (${shape}) and input of shape [${shape}].`,
    ];
  if (/^Conv[123]D$/.test(className)) return ['TypeError', "unsupported operand type(s) for %: 'tuple' and 'int'"];
  if (/^(Flatten|Reshape|Permute|Embedding)$/.test(className))
    return inCall('AttributeError', "'list' object has no attribute 'shape'");
  if (/^(RepeatVector|(UpSampling|ZeroPadding|Cropping)[123]D)$/.test(className))
    return inCall('IndexError', 'list index out of range');
  if (/^(Max|Average)Pooling[23]D$/.test(className))
    return inCall('ValueError', 'operands could not be broadcast together with shapes (0,4) (2,) ');
  if (className === 'TimeDistributed')
    return [
      'ValueError',
      `\`TimeDistributed\` Layer should be passed an \`input_shape\` with at least 3 dimensions, received: [${shape}]`,
    ];
  if (className !== 'PReLU') return null;
  const input = since(run, '3.13') ? `Input 0 with name 'None' of layer '${name}'` : `Input 0 of layer "${name}"`;
  return [
    'ValueError',
    `${input} is incompatible with the layer: expected ndim=1, found ndim=2. Full shape received: ${shape}`,
  ];
}
