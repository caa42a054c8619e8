/**
 * Layers without weights that a release lacks, said as operations that it has: Lambdas (without their bytecode),
 * operations of another release, small layers of Keras 1. Each is traced as it would run, and the graph is written as a
 * model of operations under the layer's own name.
 */

import { lacksCallArgument } from '../../eras/write/call-arguments.ts';
import { classNameOfKeras1 } from '../../eras/write/keras1.ts';
import { lambdaRefusal } from '../../eras/write/lambda.ts';
import { writeLayer } from '../../eras/write/layer.ts';
import { type Target, targetForm, targetHas } from '../../eras/write/target.ts';
import { lambdaEquivalent } from '../../lambdas/index.ts';
import { type InferredCall, inferModel } from '../../layers/infer.ts';
import type { CallValue, Layer, Model } from '../../model/types.ts';
import { saidAnew, tableOf } from '../operations/said-anew.ts';
import { mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';
import { computesOtherwise } from '../verify.ts';
import { lacksActivation } from './activations.ts';

const tensorflowClasses = new Set([
  'TFOpLambda',
  'SlicingOpLambda',
  'TensorFlowOpLayer',
  'ClassMethod',
  'InstanceMethod',
]);

function isForeign(layer: Layer, target: Target): boolean {
  if (layer.model || layer.origin === 'custom' || layer.className === 'InputLayer') return false;
  if (layer.className === 'Lambda') return true;
  if (layer.origin === 'operation') {
    const isTensorflow = tensorflowClasses.has(layer.className);
    if (target.line === 'keras3') return isTensorflow;
    return !isTensorflow || layer.className === 'TensorFlowOpLayer' || tableOf(target) === null;
  }
  if (layer.className === 'Activation' && lacksActivation(layer, target)) return true;
  const className = target.line === 'keras1' ? classNameOfKeras1(layer.className, layer.config) : layer.className;
  if (className === null || !targetHas(target, 'layers', className)) return true;
  return takesForeignArgument(layer, target) || scalesAlone(layer) || isMisread(layer, target);
}

/** Of another kind than its config says: layer-normalization.ts tells why. */
function scalesAlone({ className, config, weights }: Layer): boolean {
  if (className !== 'LayerNormalization' || config.center === false || config.rms_scaling === true) return false;
  return weights.length === 1 && weights[0]?.name === 'gamma';
}

/** True where a call names what the release's `call` has not. */
function takesForeignArgument({ className, calls }: Layer, target: Target): boolean {
  return calls.some(({ kwargs }) =>
    Object.entries(kwargs).some(([key, value]) => saysSomething(value) && lacksCallArgument(className, key, target)),
  );
}

function saysSomething(value: CallValue): boolean {
  return value.kind !== 'value' || (value.value !== null && value.value !== false);
}

/** True where the release would take an argument otherwise, as one that it has not. */
function isMisread(layer: Layer, target: Target): boolean {
  if (Object.keys(layer.sublayers).length > 0) return false;
  const result = writeLayer(layer, target, () => {});
  if ('refused' in result) return false;
  const { className, config } = result.written;
  // What a Merge of Keras 1 means is read with its graph.
  if (className === 'Merge') return false;
  return computesOtherwise(layer, { class_name: className, config }, target);
}

export const asOperations: MendStep = {
  title: 'Lambdas and operations of other releases as layers or operations that the release has',
  apply(model, target, tell) {
    return mapModels(model, inner => {
      if (!inner.layers.some(layer => isForeign(layer, target))) return inner;
      const inferred = inferModel(inner);
      const layers = inner.layers.map((layer, index) => {
        if (!isForeign(layer, target)) return layer;
        return replaced(layer, inferred.layers[index]?.calls[0] ?? null, inner, target, tell);
      });
      return { ...inner, layers };
    });
  },
};

function replaced(layer: Layer, shapes: InferredCall | null, model: Model, target: Target, tell: Tell): Layer {
  if (!shapes) return layer;
  const plain = layer.className === 'Lambda' ? asLayer(layer, shapes, target) : null;
  if (!plain && staysLambda(layer, target)) return layer;
  const made = plain ?? saidAnew(layer, model, target);
  if (!made) return layer;
  const before = layer.className === 'Lambda' ? 'Lambda with bytecode' : `${layer.className}`;
  tell({
    failure: layer.className === 'Lambda' ? 'lambda-marshal-python-version' : 'newer-file-older-keras',
    where: `layer ${layer.name}`,
    before,
    after: describe(made),
    why: 'read from what the layer computes; the numbers are the same and nothing is left that only one release can load',
    ...(made.className !== plain?.className && { said: layer.name }),
  });
  return made;
}

function describe(made: Layer): string {
  if (made.model) return `a model of ${made.model.layers.length - 1} operations`;
  return made.className === 'Lambda' ? 'Lambda with a function of that release' : made.className;
}

/** A Lambda that the release takes as it is, where operations would have to be a function there too. */
function staysLambda(layer: Layer, target: Target): boolean {
  const form = layer.className === 'Lambda' && !tableOf(target) ? targetForm(target, 'layers', 'Lambda') : null;
  return form !== null && lambdaRefusal(layer.name, layer.config, form, target) === null;
}

function asLayer(layer: Layer, shapes: InferredCall, target: Target): Layer | null {
  const specs = shapes.inputShapes.map(shape => ({ shape, dtype: layer.dtype.compute }));
  const found = lambdaEquivalent(layer.config, specs);
  if (!found || !targetHas(target, 'layers', found.className)) return null;
  const made = { ...plainLayer(layer.name, found.className, found.config, layer), calls: layer.calls };
  return lacksActivation(made, target) ? null : made;
}
