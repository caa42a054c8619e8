/** Traces a model once and keeps, for each call of each layer, the tensors that go in and come out. */

import { isLoadstoneError } from '../../findings/errors.ts';
import type { LayerInstance } from '../../layers/build.ts';
import {
  argumentNamesOf,
  bindInputs,
  callInstance,
  inputSpecs,
  instanceOf,
  startTracing,
} from '../../layers/calling.ts';
import type { CustomObjects } from '../../layers/custom.ts';
import type { CallOutcome } from '../../layers/define.ts';
import { inputTensor, type Tracing } from '../../layers/tracing.ts';
import { addressesIn, flattenStructure, type MaskedTensor, walkModel } from '../../layers/walk.ts';
import type { Call, Layer, Model, TensorAddress, TensorRef } from '../../model/types.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';

export interface CapturedCall {
  /** Where the tensors come from that the call takes, each once. */
  readonly addresses: readonly TensorAddress[];
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** The masks that come with the inputs. */
  readonly masks: readonly (SymbolicTensor | null)[];
}

export interface Captured {
  /** By layer; those that could not be traced are missing. */
  readonly calls: ReadonlyMap<Layer, readonly CapturedCall[]>;
  readonly weights: ReadonlyMap<OpNode, TensorRef>;
  /** Why layers could not be traced. */
  readonly failures: ReadonlyMap<Layer, string>;
  /** Where in a layer's model tensors can be had, by layer: inputs and outputs of all around it. */
  readonly places: ReadonlyMap<Layer, ReadonlyMap<SymbolicTensor, TensorAddress>>;
}

/** Layers that cannot be traced leave those behind them untraced, too. */
export function captureCalls(model: Model, customObjects: CustomObjects): Captured {
  const calls = new Map<Layer, CapturedCall[]>();
  const places = new Map<Layer, Map<SymbolicTensor, TensorAddress>>();
  const failures = new Map<Layer, string>();
  const kept: Kept = { calls, places, failures };
  const tracing = startTracing(
    { needWeights: false, customObjects },
    (inner, instance, inputs, options): CallOutcome => {
      const values = bindInputs(inner, inputs, options.masks ?? []);
      const ends = capture(inner, instance.path, values, tracing, kept);
      if (ends.some(end => end === null)) throw new Error('unknown');
      const known = ends as readonly MaskedTensor[];
      return { outputs: known.map(({ tensor }) => tensor), masks: known.map(({ mask }) => mask) };
    },
  );
  const specs = inputSpecs(model, {});
  const values = new Map(
    specs.flatMap(({ layer, spec }): [string, MaskedTensor][] => {
      if (spec.shape === null) return [];
      return [[layer, { tensor: inputTensor(spec.name, [null, ...spec.shape.slice(1)], spec.dtype), mask: null }]];
    }),
  );
  if (values.size === specs.length) capture(model, '', values, tracing, kept);
  const weights = tracing.weights.flatMap(({ tensor, weight }) => {
    return weight?.tensor ? [[tensor.node, weight.tensor] as const] : [];
  });
  return { calls, weights: new Map(weights), places, failures };
}

interface Kept {
  readonly calls: Map<Layer, CapturedCall[]>;
  readonly places: Map<Layer, Map<SymbolicTensor, TensorAddress>>;
  readonly failures: Map<Layer, string>;
}

function capture(
  model: Model,
  scope: string,
  values: ReadonlyMap<string, MaskedTensor>,
  tracing: Tracing,
  { calls, places, failures }: Kept,
): readonly (MaskedTensor | null)[] {
  const attempt = <T>(layer: Layer, act: () => T): T | null => {
    try {
      return act();
    } catch (error) {
      if (isLoadstoneError(error)) failures.set(layer, error.what);
      else if ((error as Error).message !== 'unknown') throw error;
      return null;
    }
  };
  const instance = (layer: Layer): LayerInstance | null => attempt(layer, () => instanceOf(layer, scope, tracing));
  const done = new Map<string, CallOutcome>();
  const at = new Map<SymbolicTensor, TensorAddress>(
    [...values].map(([layer, { tensor }]) => [tensor, { layer, node: 0, tensor: 0 }]),
  );
  const find = ({ layer, node, tensor }: TensorAddress): MaskedTensor => {
    const outcome = done.get(`${node} ${layer}`);
    if (!outcome) return values.get(layer) as MaskedTensor;
    return { tensor: outcome.outputs[tensor] as SymbolicTensor, mask: outcome.masks[tensor] ?? null };
  };
  const graph = walkModel(
    model,
    values,
    layer => {
      const made = instance(layer);
      return made ? argumentNamesOf(made) : [];
    },
    (layer, node, resolved) => {
      const made = instance(layer);
      const outcome = made && resolved ? attempt(layer, () => callInstance(made, resolved)) : null;
      if (!outcome) return null;
      done.set(`${node} ${layer.name}`, outcome);
      const addresses = addressesIn(layer.calls[node] as Call);
      const inputs = addresses.map(find);
      const list = calls.get(layer) ?? [];
      list[node] = {
        addresses,
        inputs: inputs.map(({ tensor }) => tensor),
        outputs: outcome.outputs,
        masks: inputs.map(({ mask }) => mask),
      };
      calls.set(layer, list);
      // What a layer hands on as it is stands where it was first.
      outcome.outputs.forEach((output, tensor) => {
        if (!at.has(output)) at.set(output, { layer: layer.name, node, tensor });
      });
      places.set(layer, at);
      return outcome;
    },
  );
  return flattenStructure(model.outputs, 'sorted').map(address => graph.at(address));
}
