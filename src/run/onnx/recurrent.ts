/** ONNX forms of recurrent layers. ONNX wants time first, weights transposed, and gates in an order of its own. */

import type { GateActivation } from '../../ops/recurrent.ts';
import type { OpNode } from '../../ops/types.ts';
import type { OnnxAttributes, Value } from './builder.ts';
import type { Lowered, Lowering, Rule } from './lowering.ts';

const names: Readonly<Record<GateActivation['name'], string>> = {
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  relu: 'Relu',
  softsign: 'Softsign',
  softplus: 'Softplus',
  linear: 'Affine',
  hardSigmoid: 'HardSigmoid',
  elu: 'Elu',
  leakyRelu: 'LeakyRelu',
};

/** Activations with their numbers; ONNX lists the numbers of those that have any. */
function activations(list: readonly GateActivation[]): OnnxAttributes {
  const alphas = list.flatMap(item => ('alpha' in item ? [item.alpha] : item.name === 'linear' ? [1] : []));
  const betas = list.flatMap(item => ('beta' in item ? [item.beta] : item.name === 'linear' ? [0] : []));
  return {
    activations: list.map(item => names[item.name]),
    activation_alpha: alphas.length > 0 ? { floats: alphas } : undefined,
    activation_beta: betas.length > 0 ? { floats: betas } : undefined,
  };
}

interface Form {
  readonly operator: string;
  /** Which of Keras's gates stands at each of ONNX's places. */
  readonly gates: readonly number[];
  activations(activation: GateActivation, recurrentActivation: GateActivation): readonly GateActivation[];
}

/** Gates of the last axis brought into ONNX's order. */
function regroup(value: Value, form: Form, lowering: Lowering): Value {
  const { gates } = form;
  if (gates.every((gate, at) => gate === at)) return value;
  const parts = lowering.emitAll('Split', [value], { axis: -1, num_outputs: gates.length }, { outputs: gates.length });
  return lowering.emit(
    'Concat',
    gates.map(gate => parts[gate]!),
    { axis: -1 },
  );
}

/** (features, gates·units) to (1, gates·units, features). */
function matrix(value: Value, form: Form, lowering: Lowering): Value {
  const turned = lowering.transpose(regroup(value, form, lowering), [1, 0]);
  return lowering.emit('Unsqueeze', [turned, lowering.int64([0])], {}, { typed: [0] });
}

/** Biases of input and recurrence one after another, as (1, 2·gates·units). */
function biases(node: OpNode, form: Form, lowering: Lowering): Value {
  const bias = regroup(lowering.plain(node.inputs[3]!), form, lowering);
  if (node.inputs[3]!.shape.length === 2) {
    return lowering.emit('Reshape', [bias, lowering.int64([1, -1])], {}, { typed: [0] });
  }
  const none = lowering.emit('Sub', [bias, bias]);
  const both = lowering.emit('Concat', [bias, none], { axis: 0 });
  return lowering.emit('Unsqueeze', [both, lowering.int64([0])], {}, { typed: [0] });
}

function recurrence(form: Form): Rule {
  return (node, lowering) => {
    const [x, kernel, recurrentKernel, , ...states] = node.inputs;
    const { activation, recurrentActivation, goBackwards, resetAfter } = node.attributes as unknown as {
      activation: GateActivation;
      recurrentActivation: GateActivation;
      goBackwards: boolean;
      resetAfter?: boolean;
    };
    const inputs = [
      lowering.transpose(lowering.plain(x!), [1, 0, 2]),
      matrix(lowering.plain(kernel!), form, lowering),
      matrix(lowering.plain(recurrentKernel!), form, lowering),
      biases(node, form, lowering),
      null,
      ...states.map(state =>
        lowering.emit('Unsqueeze', [lowering.plain(state), lowering.int64([0])], {}, { typed: [0] }),
      ),
    ];
    const attributes = {
      hidden_size: recurrentKernel!.shape[0]!,
      direction: goBackwards ? 'reverse' : 'forward',
      linear_before_reset: resetAfter === undefined ? undefined : resetAfter ? 1 : 0,
      ...activations(form.activations(activation, recurrentActivation)),
    };
    const typed = inputs.flatMap((input, at) => (input ? [at] : []));
    const [sequence, ...last] = lowering.emitAll(form.operator, inputs, attributes, {
      outputs: 1 + states.length,
      typed,
    });
    return [
      outputs(node, sequence!, goBackwards, lowering),
      ...last.map(state => ({ plain: squeeze(state, 0, lowering) })),
    ];
  };
}

/** (steps, 1, batch, units) to (batch, steps, units); read backwards, the last step comes first in Keras. */
function outputs(node: OpNode, sequence: Value, goBackwards: boolean, lowering: Lowering): Lowered {
  if (!lowering.isUsed(node, 0)) return { plain: sequence };
  const ordered = lowering.transpose(squeeze(sequence, 1, lowering), [1, 0, 2]);
  if (!goBackwards) return { plain: ordered };
  const [from, to, axis, step] = [-1, -2147483648, 1, -1].map(number => lowering.int64([number]));
  return { plain: lowering.emit('Slice', [ordered, from!, to!, axis!, step!], {}, { typed: [0] }) };
}

function squeeze(value: Value, axis: number, lowering: Lowering): Value {
  return lowering.emit('Squeeze', [value, lowering.int64([axis])], {}, { typed: [0] });
}

export const recurrentRules: { readonly [op: string]: Rule } = {
  // Keras i, f, c, o; ONNX i, o, f, c.
  lstm: recurrence({
    operator: 'LSTM',
    gates: [0, 3, 1, 2],
    activations: (activation, gate) => [gate, activation, activation],
  }),
  gru: recurrence({ operator: 'GRU', gates: [0, 1, 2], activations: (activation, gate) => [gate, activation] }),
  simpleRnn: recurrence({ operator: 'RNN', gates: [0], activations: activation => [activation] }),
};
