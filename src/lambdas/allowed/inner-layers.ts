/**
 * Layers without variables that a function makes and calls itself (`Flatten()(x)`, `keras.layers.add([a, b])`): they
 * are made by their own definitions. A layer with variables has none stored, and is refused by whoever makes it.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import type { Ops, SymbolicTensor } from '../../ops/index.ts';
import { refuse } from '../machine/refuse.ts';
import type { Session } from '../machine/session.ts';
import { asTensor } from '../machine/tensors.ts';
import { numberOf, pyList, pyTensor, type ReferenceValue, typeName, type Value } from '../machine/values.ts';

/** Makes a layer by class and config and gives its call. */
export type MakeLayer = (
  className: string,
  config: JsonObject,
) => (inputs: readonly SymbolicTensor[]) => readonly SymbolicTensor[];

const pooling = 'pool_size strides padding data_format';

/** Constructor arguments in order, by today's names. */
const constructors: Readonly<Record<string, string>> = {
  Activation: 'activation',
  Add: '',
  Average: '',
  AveragePooling1D: pooling,
  AveragePooling2D: pooling,
  AveragePooling3D: pooling,
  Concatenate: 'axis',
  Cropping1D: 'cropping',
  Cropping2D: 'cropping data_format',
  Cropping3D: 'cropping data_format',
  Dot: 'axes normalize',
  Dropout: 'rate',
  ELU: 'alpha',
  Flatten: 'data_format',
  GlobalAveragePooling1D: '',
  GlobalAveragePooling2D: '',
  GlobalAveragePooling3D: '',
  GlobalMaxPooling1D: '',
  GlobalMaxPooling2D: '',
  GlobalMaxPooling3D: '',
  LeakyReLU: 'negative_slope',
  Maximum: '',
  MaxPooling1D: pooling,
  MaxPooling2D: pooling,
  MaxPooling3D: pooling,
  Minimum: '',
  Multiply: '',
  Permute: 'dims',
  ReLU: 'max_value negative_slope threshold',
  RepeatVector: 'n',
  Rescaling: 'scale offset',
  Reshape: 'target_shape',
  Softmax: 'axis',
  Subtract: '',
  UnitNormalization: 'axis',
  UpSampling1D: 'size',
  UpSampling2D: 'size data_format interpolation',
  UpSampling3D: 'size data_format',
  ZeroPadding1D: 'padding data_format',
  ZeroPadding2D: 'padding data_format',
  ZeroPadding3D: 'padding data_format',
};

const otherNames: Readonly<Record<string, string>> = {
  MaxPool1D: 'MaxPooling1D',
  MaxPool2D: 'MaxPooling2D',
  MaxPool3D: 'MaxPooling3D',
  AvgPool2D: 'AveragePooling2D',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
  GlobalMaxPool2D: 'GlobalMaxPooling2D',
};

/** `keras.layers.add([a, b])` is `Add()([a, b])`. */
const functional: Readonly<Record<string, string>> = {
  add: 'Add',
  subtract: 'Subtract',
  multiply: 'Multiply',
  average: 'Average',
  maximum: 'Maximum',
  minimum: 'Minimum',
  concatenate: 'Concatenate',
  dot: 'Dot',
};

/** Arguments that only name the layer. */
const ignored = new Set(['name', 'dtype', 'trainable', 'input_shape', 'batch_input_shape']);

/** What calls `keras.layers.*` for the machine; null for everything else. */
export function innerLayers(makeLayer: MakeLayer, session: { readonly ops: Ops }): NonNullable<Session['callOther']> {
  return (callee, args, keywords) => {
    const name = /^keras\.layers\.(\w+)$/.exec(callee.path)?.[1];
    if (name === undefined) return null;
    const merge = Object.hasOwn(functional, name) ? functional[name] : undefined;
    if (merge !== undefined) {
      const [inputs = pyList([]), ...rest] = args;
      return apply(makeLayer(merge, configOf(callee, merge, rest, keywords)), inputs, session);
    }
    const className = otherNames[name] ?? name;
    if (!Object.hasOwn(constructors, className)) return null;
    const call = makeLayer(className, configOf(callee, className, args, keywords));
    return {
      kind: 'callable',
      name,
      call: ([inputs = pyList([])]) => apply(call, inputs, session),
    };
  };
}

function configOf(
  callee: ReferenceValue,
  className: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): JsonObject {
  const names = (constructors[className] ?? '').split(' ').filter(Boolean);
  if (args.length > names.length) refuse(`the arguments of ${callee.written}`);
  const config: { [key: string]: Json } = {};
  args.forEach((value, index) => {
    config[names[index] ?? ''] = jsonOf(value, callee);
  });
  for (const [keyword, value] of keywords) {
    const key = keyword === 'alpha' && className === 'LeakyReLU' ? 'negative_slope' : keyword;
    if (ignored.has(key)) continue;
    if (!names.includes(key)) refuse(`the argument ${keyword} of ${callee.written}`);
    config[key] = jsonOf(value, callee);
  }
  return config;
}

function jsonOf(value: Value, callee: ReferenceValue): Json {
  const number = value.kind === 'bool' ? null : numberOf(value);
  if (number !== null) return number;
  if (value.kind === 'none') return null;
  if (value.kind === 'bool' || value.kind === 'string') return value.value;
  if (value.kind === 'list' || value.kind === 'tuple') return value.items.map(item => jsonOf(item, callee));
  return refuse(`${typeName(value)} as an argument of ${callee.written}`);
}

function apply(
  call: (inputs: readonly SymbolicTensor[]) => readonly SymbolicTensor[],
  inputs: Value,
  session: { readonly ops: Ops },
): Value {
  const list = inputs.kind === 'list' || inputs.kind === 'tuple' ? inputs.items : [inputs];
  const outputs = call(list.map(item => asTensor(item, session as Session)));
  const [only] = outputs;
  return outputs.length === 1 && only ? pyTensor(only) : pyList(outputs.map(pyTensor));
}
