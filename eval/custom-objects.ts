/**
 * The custom layers, activations and models of the corpus as a user of Loadstone would define them, written after its
 * recipes. They are also examples of every form of definition.
 */

import {
  customObjects,
  type Definition,
  defineLoss,
  defineMetric,
  defineModel,
  defineNamed,
  type GivenObjects,
} from '../src/layers/custom.ts';
import { defineActivation, defineLayer } from '../src/layers/define.ts';
import { activation, float, int, nullable } from '../src/layers/fields.ts';

const scaleLayer = defineLayer({
  name: 'ScaleLayer',
  config: { factor: float(2) },
  weights: (_config, [x]) => ({ scale: [x!.at(-1)!] }),
  call: ({ factor }, { scale }, [x], ops) => ops.multiply(ops.multiply(x!, scale!), factor),
});

/** Its class has no `get_config`: the units are known only by the kernel in the file. */
const noConfigLayer = defineLayer({
  name: 'NoConfigLayer',
  config: { units: nullable(int()) },
  weights: ({ units }, [x]) => ({ w: [x!.at(-1)!, units] }),
  call: (_config, { w }, [x], ops) => ops.matmul(x!, w!),
});

const defaultConfigLayer = defineLayer({
  name: 'DefaultConfigLayer',
  config: {},
  weights: (_config, [x]) => ({ b: [x!.at(-1)!] }),
  call: (_config, { b }, [x], ops) => ops.add(x!, b!),
});

const regScale = defineLayer({
  name: 'RegScale',
  aliases: ['zoo_pkg>RegScale'],
  config: { power: int(1) },
  weights: (_config, [x]) => ({ g: [x!.at(-1)!] }),
  call: ({ power }, { g }, [x], ops) => ops.multiply(x!, ops.power(g!, power)),
});

const compositeLayer = defineLayer({
  name: 'CompositeLayer',
  config: { hidden: int(4), activation: activation('relu') },
  sublayers: ({ hidden, activation }) => ({
    d1: { className: 'Dense', config: { units: hidden, activation: activation.identifier } },
    norm: { className: 'LayerNormalization', config: {} },
  }),
  call: (_config, _weights, [x], _ops, { sublayers }) => sublayers.norm!.call(sublayers.d1!.call([x!]).outputs).outputs,
});

const minimalCell = defineLayer({
  name: 'MinimalCell',
  config: { units: int() },
  callArguments: ['x', 'states'],
  stateShapes: ({ units }) => [[units]],
  weights: ({ units }, [x]) => ({ k: [x!.at(-1)!, units], r: [units, units] }),
  call: (_config, { k, r }, [x, state], ops) => {
    const next = ops.tanh(ops.add(ops.matmul(x!, k!), ops.matmul(state!, r!)));
    return [next, next];
  },
});

const scaleShift = defineLayer({
  name: 'ScaleShift',
  config: { start: float(1.5) },
  weights: (_config, [x]) => ({ gain: [x!.at(-1)!], offset: [x!.at(-1)!] }),
  call: ({ start }, { gain, offset }, [x], ops) => ops.add(ops.multiply(ops.multiply(x!, gain!), start), offset!),
});

/** Its class has no `get_config` either; the recipe calls it with a power of 2. */
const needsArg = defineLayer({
  name: 'NeedsArg',
  config: {},
  call: (_config, _weights, [x], ops) => ops.multiply(x!, x!),
});

const plain = defineLayer({
  name: 'Plain',
  config: {},
  call: (_config, _weights, [x], ops) => ops.subtract(ops.multiply(x!, 2), 1),
});

const tinyModel = defineModel({
  name: 'TinyModel',
  config: { units: int(4) },
  sublayers: ({ units }) => ({
    d1: { className: 'Dense', config: { units, activation: 'relu' } },
    drop: { className: 'Dropout', config: { rate: 0.3 } },
    d2: { className: 'Dense', config: { units: 2 } },
  }),
  call: (_config, _weights, [x], _ops, { sublayers }) => sublayers.d2!.call(sublayers.d1!.call([x!]).outputs).outputs,
});

/** Without `get_config`; the recipe makes it with 3 units. */
const noConfigModel = defineModel({
  name: 'NoConfigModel',
  config: { units: int(3) },
  sublayers: ({ units }) => ({
    blocks: [
      { className: 'Dense', config: { units, activation: 'tanh' } },
      { className: 'Dense', config: { units } },
    ],
    head: { className: 'Dense', config: { units: 1 } },
  }),
  call: (_config, _weights, [x], _ops, { sublayers, sublayerLists }) => {
    const last = sublayerLists.blocks!.reduce((y, block) => block.call([y]).outputs[0]!, x!);
    return sublayers.head!.call([last]).outputs;
  },
});

const regModel = defineModel({
  name: 'RegModel',
  aliases: ['zoo_pkg>RegModel'],
  config: { units: int(3) },
  sublayers: ({ units }) => ({
    conv: { className: 'Conv1D', config: { filters: units, kernel_size: 3, padding: 'same' } },
    bn: { className: 'BatchNormalization', config: {} },
    rnn: { className: 'LSTM', config: { units } },
    out_layer: { className: 'Dense', config: { units: 2 } },
  }),
  call: (_config, _weights, inputs, _ops, { sublayers }) =>
    ['conv', 'bn', 'rnn', 'out_layer'].reduce((x, name) => sublayers[name]!.call(x).outputs, inputs),
});

/** What the recipes define twice under one name, so that a file cannot tell which is meant. */
function twins(cosine: boolean): readonly Definition[] {
  const wave = cosine ? 'cos' : 'sin';
  return [
    defineLayer({
      name: 'WaveLayer',
      config: { freq: float(1) },
      call: ({ freq }, _weights, [x], ops) => ops[wave](ops.multiply(x!, freq)),
    }),
    defineLayer({ name: 'Wave', config: {}, call: (_config, _weights, [x], ops) => ops[wave](ops.multiply(x!, 3)) }),
    defineActivation({ name: 'wavy', call: (x, ops) => ops[wave](x) }),
    defineActivation({
      name: 'my_act',
      call: (x, ops) => ops.multiply(x, ops.sigmoid(ops.multiply(x, cosine ? -1.5 : 1.5))),
    }),
  ];
}

const common: readonly Definition[] = [
  scaleLayer,
  noConfigLayer,
  defaultConfigLayer,
  regScale,
  compositeLayer,
  minimalCell,
  scaleShift,
  needsArg,
  plain,
  tinyModel,
  noConfigModel,
  regModel,
  defineActivation({ name: 'relu6', call: (x, ops) => ops.clip(x, 0, 6) }),
  defineLoss({ name: 'my_loss' }),
  defineLoss({ name: 'MyLoss' }),
  defineLoss({ name: 'GapLoss' }),
  defineMetric({ name: 'my_metric' }),
  defineMetric({ name: 'MyMetric' }),
  defineMetric({ name: 'GapMetric' }),
  defineNamed('regularizer', 'MyReg'),
  defineNamed('regularizer', 'HalfReg'),
  defineNamed('initializer', 'MyInit'),
  defineNamed('initializer', 'ThreeInit'),
  defineNamed('constraint', 'MyConstraint'),
  defineNamed('constraint', 'Cap'),
  defineNamed('schedule', 'MySchedule'),
  defineNamed('optimizer', 'SlowSGD'),
];

/** Builders of the corpus that use the cosine twins (recipes: the `cos` variant, `custom(True)`). */
const cosineBuilders = /_cos$|_twin$/;

/** The definitions for one builder of the corpus. */
export function corpusObjects(builder: string): GivenObjects {
  return [...common, ...twins(cosineBuilders.test(builder))];
}

/** The same, ready for inference and tracing. */
export function corpusCustomObjects(builder: string): ReturnType<typeof customObjects> {
  return customObjects(corpusObjects(builder));
}
