/**
 * A layer said by other means: as a model of operations where the release has operations as layers, else as Lambdas
 * with functions of that release's Python. Its variables are held by Dense layers inside.
 */

import { isTarget, type Target } from '../../eras/write/target.ts';
import type { Call, Layer, Model, TensorAddress } from '../../model/types.ts';
import type { Shape } from '../../numbers/tensor.ts';
import type { OpNode } from '../../ops/types.ts';
import { plainLayer } from '../rewrite.ts';
import { inBasicOperations } from './decompose.ts';
import { type Ends, graphModel, inputLayer, type OperationTable, operationsModel } from './emission.ts';
import { generatedLambda, oneLambda, speechOf } from './generated-lambda.ts';
import { type HeldGraph, holdWeights } from './held-weights.ts';
import { keras3Operations } from './keras3.ts';
import { speaksPython } from './python-function.ts';
import { tensorflowOperations } from './tensorflow.ts';
import { callOn, numberMakers, type TracedLayer, traceLayer } from './trace-layer.ts';

/** The release's table of operations; null where it has no operations as layers. */
export function tableOf(target: Target): OperationTable | null {
  if (target.line === 'keras3') return keras3Operations;
  return isTarget(target, 'tf.keras', '2.4') || target.line === 'tf_keras' ? tensorflowOperations : null;
}

/** Null where the layer is called several times, or where the release cannot say what it computes. */
export function saidAnew(layer: Layer, model: Model, target: Target): Layer | null {
  const [call] = layer.calls;
  if (!call || layer.calls.length > 1) return null;
  const table = tableOf(target);
  return (table && asModel(layer, call, model, table)) ?? asFunction(layer, call, model, target);
}

/** The layer as a model of operations, with what works out sizes for it where it can't be said without. */
function asModel(layer: Layer, call: Call, model: Model, table: OperationTable): Layer | null {
  const alone = modelOf(layer, traceLayer(layer, call, model), table);
  if (alone) return alone;
  const makers = numberMakers(call, model);
  return makers.length > 0 ? modelOf(layer, traceLayer(layer, call, model, makers), table) : null;
}

/** Called on all tensors that the graph takes. */
function modelOf(layer: Layer, traced: TracedLayer | null, table: OperationTable): Layer | null {
  if (!traced) return null;
  const one = `${layer.name}_one`;
  const graph = holdWeights(traced, layer, { layer: one, node: 0, tensor: 0 });
  const basic = graph && inBasicOperations(graph.ends, speaking(table));
  if (!basic) return null;
  const first = `${layer.name}_input_0`;
  const makers = graph.held.length > 0 ? table.one(one, first, traced.ends.inputs[0]?.dtype, layer) : [];
  if (!makers) return null;
  const holders = [...makers, ...graph.held.map(({ holder }) => holder)];
  const given = new Map(graph.held.map(({ row, holder }) => [row.node, holder.name]));
  const inside = operationsModel(layer.name, basic, table, layer, { layers: holders, given });
  return inside && wrapped(layer, inside, traced.addresses);
}

function speaking(table: OperationTable): (node: OpNode) => boolean {
  return node => table.emit(node, () => ({ kind: 'value', value: null })) !== null;
}

function wrapped(layer: Layer, inside: Model, addresses: readonly TensorAddress[]): Layer {
  const config = { name: layer.name, trainable: true };
  return { ...plainLayer(layer.name, 'Functional', config, layer), model: inside, calls: [callOn(addresses)] };
}

/** The layer as a Lambda whose function the release's own Python runs. */
function asFunction(layer: Layer, call: Call, model: Model, target: Target): Layer | null {
  // A Lambda of Keras 1 raises where a mask comes with its input (keras/engine/topology.py of 1.2.2: compute_mask).
  if (target.line === 'keras1' && model.layers.some(makesMasks)) return null;
  const traced = traceLayer(layer, call, model);
  if (!traced) return null;
  const one = `${layer.name}_one`;
  const graph = holdWeights(traced, layer, { layer: one, node: 0, tensor: 0 });
  const speech = speechOf(target);
  const basic = graph && speech && inBasicOperations(graph.ends, speaksPython(speech));
  if (!basic) return null;
  const shapes = traced.ends.outputs.map(({ shape }) => shape);
  if (graph.held.length > 0) return functionModel(layer, { ...graph, ends: basic }, shapes, traced.addresses, target);
  const config = generatedLambda(layer.name, basic, shapes, target);
  return config && { ...plainLayer(layer.name, 'Lambda', config, layer), calls: [callOn(traced.addresses)] };
}

function makesMasks({ className, config }: Layer): boolean {
  return className === 'Masking' || config.mask_zero === true;
}

/** Dense layers that hold the variables, and a Lambda that computes with them. */
function functionModel(
  layer: Layer,
  { ends, held }: HeldGraph,
  shapes: readonly Shape[],
  addresses: readonly TensorAddress[],
  target: Target,
): Layer | null {
  const { name } = layer;
  const own: Ends['inputs'] = ends.inputs.slice(0, addresses.length);
  const one = oneLambda(`${name}_one`, target);
  const compute = generatedLambda(`${name}_call`, ends, shapes, target);
  if (!one || !compute) return null;
  const at = (of: string): TensorAddress => ({ layer: of, node: 0, tensor: 0 });
  const given = own.map((tensor, index) => inputLayer(`${name}_input_${index}`, tensor, layer));
  const sources = [...given.map(input => at(input.name)), ...held.map(({ holder }) => at(holder.name))];
  const layers = [
    ...given,
    { ...plainLayer(`${name}_one`, 'Lambda', one, layer), calls: [callOn([at(`${name}_input_0`)])] },
    ...held.map(({ holder }) => holder),
    { ...plainLayer(`${name}_call`, 'Lambda', compute, layer), calls: [callOn(sources)] },
  ];
  const outputs = shapes.map((_, tensor) => ({ layer: `${name}_call`, node: 0, tensor }));
  const inputs = given.map(input => at(input.name));
  return wrapped(layer, graphModel(name, layers, inputs, outputs), addresses);
}
