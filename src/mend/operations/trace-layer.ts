/** One layer of a model traced alone: what it computes from the tensors of its first call. */

import { isLoadstoneError } from '../../findings/errors.ts';
import { inferModel } from '../../layers/infer.ts';
import { traceModel } from '../../layers/trace.ts';
import type { TracedWeight } from '../../layers/tracing.ts';
import { addressesIn } from '../../layers/walk.ts';
import type { Call, CallValue, Layer, Model, TensorAddress } from '../../model/types.ts';
import type { Shape } from '../../numbers/tensor.ts';
import { plainLayer } from '../rewrite.ts';
import type { Ends } from './emission.ts';

export interface TracedLayer {
  readonly ends: Ends;
  /** Variables that the graph may use: nodes `weight`. */
  readonly weights: readonly TracedWeight[];
  /** What the graph's inputs are in the model, in order. */
  readonly addresses: readonly TensorAddress[];
}

/** A call on these tensors: one alone, or a list. */
export function callOn(addresses: readonly TensorAddress[]): Call {
  const tensors: CallValue[] = addresses.map(at => ({ kind: 'tensor', at }));
  const [only] = tensors;
  return { args: tensors.length === 1 && only ? [only] : [{ kind: 'list', items: tensors }], kwargs: {} };
}

/** Traces the layer alone, on inputs of the shapes that reach it. */
export function traceLayer(layer: Layer, call: Call, model: Model): TracedLayer | null {
  const addresses = addressesIn(call);
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
    // The length of a list of sizes is no number of samples.
    const openBatches = !inputs.some(({ config }) => (config.batch_shape as Shape | null)?.length === 1);
    const { inputs: given, outputs: results, weights, states } = traceModel(mini, { openBatches });
    if (states.length > 0) return null;
    const ends = { inputs: given.map(({ tensor }) => tensor), outputs: results.map(({ tensor }) => tensor) };
    return { ends, weights, addresses };
  } catch (error) {
    if (isLoadstoneError(error)) return null;
    throw error;
  }
}
