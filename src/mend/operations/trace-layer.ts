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

/**
 * Traces the layer alone, on inputs of the shapes that reach it; or with `makers`, layers in front of it whose results
 * are then no inputs.
 */
export function traceLayer(layer: Layer, call: Call, model: Model, makers: readonly Layer[] = []): TracedLayer | null {
  const made = new Set(makers.map(({ name }) => name));
  const taken = [call, ...makers.flatMap(({ calls }) => calls)].flatMap(addressesIn).filter(at => !made.has(at.layer));
  const addresses = [...new Map(taken.map(at => [JSON.stringify(at), at])).values()];
  const inferred = inferModel(model);
  const own = inferred.layers[model.layers.indexOf(layer)]?.calls[0];
  const outputs = own?.outputShapes.length ?? 1;
  const named = new Map(addresses.map((at, index) => [JSON.stringify(at), `argument_${index}`]));
  const inputs = addresses.map((at, index) => {
    const place = model.layers.findIndex(({ name }) => name === at.layer);
    const before = inferred.layers[place]?.calls[at.node];
    const input = inferred.inputs.find(spec => spec?.name === at.layer);
    const shape = before?.outputShapes[at.tensor] ?? input?.shape ?? null;
    const dtype = before?.outputDtypes[at.tensor] ?? input?.dtype ?? 'float32';
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
    if (value.kind !== 'tensor' || made.has(value.at.layer)) return value;
    return { kind: 'tensor', at: { layer: named.get(JSON.stringify(value.at)) as string, node: 0, tensor: 0 } };
  };
  const renamed = ({ args, kwargs }: Call): Call => ({
    args: args.map(rename),
    kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, rename(value)])),
  });
  const alone: Layer = { ...layer, calls: [renamed(call)] };
  const inFront = makers.map(maker => ({ ...maker, calls: maker.calls.map(renamed) }));
  const mini = {
    ...model,
    className: 'Functional',
    layers: [...inputs, ...inFront, alone],
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

/**
 * Operations in front of the layer that work out whole numbers, such as sizes, in the model's order: what takes them is
 * often said only with them.
 */
export function numberMakers(call: Call, model: Model): Layer[] {
  const inferred = inferModel(model);
  const found = new Set<Layer>();
  const visit = (from: Call) => {
    for (const { layer: name } of addressesIn(from)) {
      const at = model.layers.findIndex(layer => layer.name === name);
      const layer = model.layers[at];
      const dtypes = inferred.layers[at]?.calls[0]?.outputDtypes ?? [];
      if (layer?.origin !== 'operation' || layer.calls.length !== 1 || found.has(layer)) continue;
      if (dtypes.length === 0 || !dtypes.every(dtype => dtype.startsWith('int'))) continue;
      found.add(layer);
      layer.calls.forEach(visit);
    }
  };
  visit(call);
  return model.layers.filter(layer => found.has(layer));
}
