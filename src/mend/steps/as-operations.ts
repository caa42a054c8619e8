/**
 * Layers without weights that a release lacks, said as operations that it has: Lambdas (without their bytecode),
 * operations of another release, small layers of Keras 1. Each is traced as it would run, and the graph is written as a
 * model of operations under the layer's own name.
 */

import { lambdaRefusal } from '../../eras/write/lambda.ts';
import { isTarget, type Target, targetForm, targetHas } from '../../eras/write/target.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import { lambdaEquivalent } from '../../lambdas/index.ts';
import { type InferredCall, inferModel } from '../../layers/infer.ts';
import { traceModel } from '../../layers/trace.ts';
import type { Call, CallValue, Layer, Model, TensorAddress } from '../../model/types.ts';
import { type Ends, type OperationTable, operationsModel } from '../operations/emission.ts';
import { generatedLambda } from '../operations/generated-lambda.ts';
import { keras3Operations } from '../operations/keras3.ts';
import { tensorflowOperations } from '../operations/tensorflow.ts';
import { mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

/** The release's table of operations; null where it has no operations as layers. */
function tableOf(target: Target): OperationTable | null {
  if (target.line === 'keras3') return keras3Operations;
  return isTarget(target, 'tf.keras', '2.4') || target.line === 'tf_keras' ? tensorflowOperations : null;
}

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
  return (
    layer.weights.length === 0 &&
    Object.keys(layer.sublayers).length === 0 &&
    !targetHas(target, 'layers', layer.className)
  );
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
  const made = plain ?? asModel(layer, model, target) ?? asFunction(layer, shapes, model, target);
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

/** The layer as a Lambda whose function the release's own Python runs. */
function asFunction(layer: Layer, shapes: InferredCall, model: Model, target: Target): Layer | null {
  const [call] = layer.calls;
  if (!call || layer.calls.length > 1) return null;
  const addresses = addressesIn(call);
  const ends = traced(layer, call, addresses, model);
  const config = ends && generatedLambda(layer.name, ends, shapes.outputShapes, target);
  if (!config) return null;
  return { ...plainLayer(layer.name, 'Lambda', config, layer), calls: [callOn(addresses)] };
}

function callOn(addresses: readonly TensorAddress[]): Call {
  const tensors: CallValue[] = addresses.map(at => ({ kind: 'tensor', at }));
  const [only] = tensors;
  return { args: tensors.length === 1 && only ? [only] : [{ kind: 'list', items: tensors }], kwargs: {} };
}

function asLayer(layer: Layer, shapes: InferredCall, target: Target): Layer | null {
  const specs = shapes.inputShapes.map(shape => ({ shape, dtype: layer.dtype.compute }));
  const found = lambdaEquivalent(layer.config, specs);
  if (!found || !targetHas(target, 'layers', found.className)) return null;
  return { ...plainLayer(layer.name, found.className, found.config, layer), calls: layer.calls };
}

/** The layer as a model of operations, called on all tensors that its first call takes. */
function asModel(layer: Layer, model: Model, target: Target): Layer | null {
  const table = tableOf(target);
  const [call] = layer.calls;
  if (!table || !call || layer.calls.length > 1) return null;
  const addresses = addressesIn(call);
  const ends = traced(layer, call, addresses, model);
  // Constant results, and results that are inputs, are no operations.
  const inside = ends && operationsModel(layer.name, ends, table, layer);
  if (!inside) return null;
  const config = { name: layer.name, trainable: true };
  return { ...plainLayer(layer.name, 'Functional', config, layer), model: inside, calls: [callOn(addresses)] };
}

function addressesIn(call: Call): TensorAddress[] {
  const found = new Map<string, TensorAddress>();
  const collect = (value: CallValue): void => {
    if (value.kind === 'tensor') found.set(JSON.stringify(value.at), value.at);
    if (value.kind === 'list') value.items.forEach(collect);
    if (value.kind === 'record') Object.values(value.entries).forEach(collect);
  };
  [...call.args, ...Object.values(call.kwargs)].forEach(collect);
  return [...found.values()];
}

/** Traces the layer alone, on inputs of the shapes that reach it. */
function traced(layer: Layer, call: Call, addresses: readonly TensorAddress[], model: Model): Ends | null {
  const inferred = inferModel(model);
  const own = inferred.layers[model.layers.indexOf(layer)]?.calls[0];
  const outputs = own?.outputShapes.length ?? 1;
  const named = new Map(addresses.map((at, index) => [JSON.stringify(at), `argument_${index}`]));
  const inputs = addresses.map((at, index) => {
    const place = model.layers.findIndex(({ name }) => name === at.layer);
    const made = inferred.layers[place]?.calls[at.node];
    const input = inferred.inputs.find(spec => spec?.name === at.layer);
    const shape = made?.outputShapes[at.tensor] ?? input?.shape ?? null;
    const dtype = made?.outputDtypes[at.tensor] ?? input?.dtype ?? 'float32';
    return plainLayer(`argument_${index}`, 'InputLayer', { batch_shape: shape && [...shape], dtype }, layer);
  });
  const rename = (value: CallValue): CallValue => {
    if (value.kind === 'list') return { ...value, items: value.items.map(rename) };
    if (value.kind === 'record') {
      return {
        ...value,
        entries: Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, rename(item)])),
      };
    }
    if (value.kind !== 'tensor') return value;
    return { kind: 'tensor', at: { layer: named.get(JSON.stringify(value.at)) as string, node: 0, tensor: 0 } };
  };
  const kwargs = Object.fromEntries(Object.entries(call.kwargs).map(([key, value]) => [key, rename(value)]));
  const alone: Layer = { ...layer, calls: [{ args: call.args.map(rename), kwargs }] };
  const mini = {
    ...model,
    className: 'Functional',
    layers: [...inputs, alone],
    inputs: inputs.map(({ name }) => ({ layer: name, node: 0, tensor: 0 })),
    outputs: Array.from({ length: outputs }, (_, tensor) => ({ layer: layer.name, node: 0, tensor })),
  } as Model;
  try {
    const { inputs: given, outputs: results } = traceModel(mini);
    return { inputs: given.map(({ tensor }) => tensor), outputs: results.map(({ tensor }) => tensor) };
  } catch (error) {
    if (isLoadstoneError(error)) return null;
    throw error;
  }
}
