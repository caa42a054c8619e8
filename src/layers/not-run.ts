/**
 * Layers whose computation is not in a Keras artefact: modules of other frameworks, SavedModels beside the file, and
 * base classes that compute nothing. Reading and describing them works; running says what is missing.
 */

import { LoadstoneError } from '../findings/errors.ts';
import { defineLayer } from './define.ts';
import { json, layer, text } from './fields.ts';

function refuse(layerName: string, what: string, advice: string): never {
  throw new LoadstoneError('unsupported', `layer "${layerName}" ${what}`, { where: `layer ${layerName}`, do: advice });
}

const withModule = [
  ['JaxLayer', 'calls JAX functions of Python'],
  ['FlaxLayer', 'calls a Flax module of Python'],
  ['TorchModuleWrapper', 'calls a PyTorch module'],
] as const;

const modules = withModule.map(([name, what]) =>
  defineLayer({
    name,
    config: {},
    call: (_config, _weights, _inputs, _ops, { layerName }) =>
      refuse(layerName, `${what}, which is not in the artefact`, 'Give a definition with customObjects or --custom.'),
  }),
);

const tfsmLayer = defineLayer({
  name: 'TFSMLayer',
  config: { filepath: text(''), callEndpoint: json('serve') },
  call: ({ filepath, callEndpoint }, _weights, _inputs, _ops, { layerName }) =>
    refuse(
      layerName,
      `runs the endpoint "${String(callEndpoint)}" of the SavedModel "${filepath}", which is another artefact`,
      `Run that SavedModel by itself: loadstone run "${filepath}".`,
    ),
});

/** Base classes of tf.keras that give their inputs back; those of cells and of Keras 3 have no call at all. */
const passThrough = ['Layer', 'PreprocessingLayer'].map(name =>
  defineLayer({ name, config: {}, castInputs: false, mask: 'pass', call: (_config, _weights, inputs) => inputs }),
);

const abstract = ['AbstractRNNCell', 'Recurrent', 'ConvRecurrent2D'].map(name =>
  defineLayer({
    name,
    config: {},
    call: (_config, _weights, _inputs, _ops, { layerName }) =>
      refuse(layerName, `is of the base class ${name}, which computes nothing`, 'Give the class that was meant.'),
  }),
);

/** A wrapper without a call of its own: the layer inside, called. */
const wrapper = defineLayer({
  name: 'Wrapper',
  config: { layer: layer() },
  sublayers: ({ layer }) => ({ layer }),
  call: (_config, _weights, inputs, _ops, { sublayers, masks }) => sublayers.layer!.call(inputs, { masks }),
});

export default [...modules, tfsmLayer, ...passThrough, ...abstract, wrapper];
