/**
 * Ends as older releases take them: TF 1 cannot fetch a tensor that is fed, and before TF 2.2 inputs and outputs are lists.
 */

import { isTarget, type Target } from '../../eras/write/target.ts';
import type { Model, Structure, TensorAddress } from '../../model/types.ts';
import { freeName, mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

type Ends = Structure<TensorAddress>;

export const outputsOfTheirOwn: MendStep = {
  title: 'inputs and outputs in lists, and no outputs that are inputs',
  apply(model, target, tell) {
    if (!isOld(target)) return model;
    return mapModels(model, inner => {
      if (inner.className === 'Sequential' || inner.root) return inner;
      return withoutInputs({ ...inner, inputs: inLists(inner.inputs), outputs: inLists(inner.outputs) }, tell);
    });
  },
};

function isOld(target: Target): boolean {
  if (target.line === 'keras1' || target.line === 'keras2') return true;
  return target.line === 'tf.keras' && !isTarget(target, 'tf.keras', '2.2');
}

/** A dictionary, at whatever depth, as one list. */
function inLists(ends: Ends): Ends {
  const flat = (inner: Ends) => Array.isArray(inner) || typeof (inner as TensorAddress).layer === 'string';
  const isPlain = Array.isArray(ends) ? (ends as readonly Ends[]).every(flat) : flat(ends);
  return isPlain ? ends : listed(ends);
}

/** A dictionary's entries in the order in which they stand; a lone tensor alone. */
function listed(ends: Ends): readonly TensorAddress[] {
  if (Array.isArray(ends)) return (ends as readonly Ends[]).flatMap(listed);
  if (typeof (ends as TensorAddress).layer === 'string') return [ends as TensorAddress];
  return Object.values(ends as { [key: string]: Ends }).flatMap(listed);
}

/** An input that is an output too goes through a layer that leaves it as it is. */
function withoutInputs(model: Model, tell: Tell): Model {
  const inputs = new Map(
    model.layers.filter(({ className }) => className === 'InputLayer').map(layer => [layer.name, layer]),
  );
  if (!Array.isArray(model.outputs)) return model;
  let made = model;
  const outputs = (model.outputs as readonly Ends[]).flatMap(listed).map((at): TensorAddress => {
    const input = inputs.get(at.layer);
    if (!input) return at;
    const name = freeName(made, `${at.layer}_output`);
    const layer = {
      ...plainLayer(name, 'Activation', { activation: 'linear' }, input),
      calls: [{ args: [{ kind: 'tensor' as const, at }], kwargs: {} }],
    };
    made = { ...made, layers: [...made.layers, layer] };
    tell({
      failure: 'newer-file-older-keras',
      where: `output ${at.layer}`,
      before: 'the input itself',
      after: `Activation ${name}, linear`,
      why: 'TensorFlow 1 gives no tensor back that it is given',
    });
    return { layer: name, node: 0, tensor: 0 };
  });
  return made === model ? model : { ...made, outputs };
}
