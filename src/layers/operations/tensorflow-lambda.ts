/**
 * TFOpLambda and SlicingOpLambda: a function of TensorFlow as a layer (tf.keras 2.4 to 2.15, tf_keras). The config
 * names the function, the first argument stands in the graph's node, the others in its keyword arguments.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { SymbolicTensor, TensorLike } from '../../ops/types.ts';
import { type CallArgument, type CallContext, defineLayer } from '../define.ts';
import { text } from '../fields.ts';
import { readIndexKey } from './index-key.ts';
import type { Given } from './row.ts';
import { tensorflowAlgebra } from './tensorflow-algebra.ts';
import { tensorflowFunctions } from './tensorflow-functions.ts';
import { tensorflowPictures } from './tensorflow-pictures.ts';
import { tensorflowShapes } from './tensorflow-shapes.ts';
import { tensorflowWindows } from './tensorflow-windows.ts';

const table = {
  ...tensorflowFunctions,
  ...tensorflowShapes,
  ...tensorflowAlgebra,
  ...tensorflowWindows,
  ...tensorflowPictures,
};

/** Finds arguments by name; the first parameter is the node's own argument. */
function argumentsOf(parameters: readonly string[], { arguments: all }: CallContext): Given {
  return (...names) => {
    const byName = names.map(name => all[name]).find(value => value !== undefined);
    if (byName !== undefined) return byName;
    const position = parameters.indexOf(names[0]!);
    return position <= 0 ? all.inputs : all[`argument_${position}`];
  };
}

/** The function under its name, with and without the marks of TensorFlow 1's API. */
function find(name: string) {
  const plain = name.replace(/^tf\./, '');
  return table[plain] ?? table[plain.replace(/^compat\.v[12]\./, '')];
}

const tfOpLambda = defineLayer({
  name: 'TFOpLambda',
  config: { function: text() },
  castInputs: false,
  call({ function: name }, _weights, _inputs, ops, context) {
    const found = find(name);
    if (!found) throw unknownFunction(name, context.layerName);
    const result = found.compute(argumentsOf(found.parameters, context), ops);
    if (!Array.isArray(result)) return ops.convertToTensor(result as TensorLike);
    return (result as readonly TensorLike[]).map(item => ops.convertToTensor(item));
  },
});

const slicingOpLambda = defineLayer({
  name: 'SlicingOpLambda',
  config: { function: text('__operators__.getitem') },
  castInputs: false,
  call: (_config, _weights, [x], ops, { arguments: given }) =>
    ops.getItem(
      (given.inputs ?? x) as SymbolicTensor,
      readIndexKey((given.slice_spec ?? given.argument_1) as CallArgument),
    ),
});

/** Methods and properties of tensors as layers; what configs hold of them is for ragged tensors and classes. */
const methods = ['ClassMethod', 'InstanceMethod', 'InstanceProperty'].map(name =>
  defineLayer({
    name,
    config: {},
    castInputs: false,
    call: (_config, _weights, _inputs, _ops, { layerName }) => {
      throw unknownFunction(`a ${name} of a tensor class`, layerName);
    },
  }),
);

function unknownFunction(name: string, layerName: string): LoadstoneError {
  return new LoadstoneError(
    'unsupported',
    `layer "${layerName}" calls TensorFlow's ${name}, which Loadstone does not compute`,
    {
      where: `layer ${layerName}`,
      do: 'Give a definition of a layer of that class with customObjects or --custom.',
    },
  );
}

export default [tfOpLambda, slicingOpLambda, ...methods];
