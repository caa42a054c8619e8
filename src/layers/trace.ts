/**
 * From a model to one symbolic graph: its inputs and outputs as tensors, its weights as nodes tied to the variables
 * that the artefact binds, and the variables that live from one predict to the next.
 */

import type { ByteSource } from '../bytes/source.ts';
import { isLoadstoneError } from '../findings/errors.ts';
import type { Json, Model, TensorSpec } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import { withScope } from '../ops/record.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { LayerInstance } from './build.ts';
import {
  argumentNamesOf,
  bindInputs,
  callInstance,
  inputSpecs,
  instanceOf,
  startTracing,
  unknownShape,
} from './calling.ts';
import type { CustomObjects } from './custom.ts';
import type { CallOptions, CallOutcome } from './define.ts';
import { traceRoot } from './trace-subclassed.ts';
import { inputTensor, type TracedState, type TracedWeight, type Tracing } from './tracing.ts';
import { flattenStructure, type MaskedTensor, walkModel } from './walk.ts';

export interface TraceOptions {
  readonly customObjects?: CustomObjects;
  /** Shapes for inputs, by name, batch axis included; they take the place of what the model says. */
  readonly inputShapes?: { readonly [name: string]: Shape };
  /** What `readAssets` gave; needed where layers have vocabularies in files. */
  readonly assets?: ReadonlyMap<ByteSource, readonly string[]>;
  /** Default true: throw where a variable is missing or misshapen. */
  readonly needWeights?: boolean;
  /** Default true: a batch size that the config fixes is left open. */
  readonly openBatches?: boolean;
}

export interface TracedModel {
  readonly inputs: readonly { readonly spec: TensorSpec; readonly tensor: SymbolicTensor }[];
  /** In the order in which the config lists them; `mask` is the one Keras would attach, or null. */
  readonly outputs: readonly {
    readonly spec: TensorSpec;
    readonly tensor: SymbolicTensor;
    readonly mask: SymbolicTensor | null;
  }[];
  readonly weights: readonly TracedWeight[];
  readonly states: readonly TracedState[];
}

/**
 * Traces a model. A batch size that the config fixes is left open, as Keras leaves it in `predict`, unless a layer keeps
 * states for it or cannot do without.
 * Throws `missing-custom-object`, `unsupported`, `bad-config` or `bad-weights`, naming the layer;
 * `bad-input` where an input has no known shape.
 */
export function traceModel(model: Model, options: TraceOptions = {}): TracedModel {
  const stays = options.openBatches === false || model.root || keepsStates(model);
  const open = stays ? {} : openBatches(model, options.inputShapes);
  if (Object.keys(open).length > 0) {
    try {
      return traceDeclared(model, { ...options, inputShapes: { ...options.inputShapes, ...open } });
    } catch (error) {
      if (!isLoadstoneError(error, 'bad-config') && !isLoadstoneError(error, 'unsupported')) throw error;
    }
  }
  return traceDeclared(model, options);
}

/** Shapes of the inputs whose batch size is fixed, with the batch axis open. */
function openBatches(model: Model, given: TraceOptions['inputShapes']): { [name: string]: Shape } {
  const fixed = inputSpecs(model, given).filter(({ spec }) => typeof spec.shape?.[0] === 'number');
  return Object.fromEntries(fixed.map(({ spec }) => [spec.name, [null, ...spec.shape!.slice(1)]]));
}

/** True where a layer, or one inside a layer, keeps states from one batch to the next. */
function keepsStates(model: Model): boolean {
  const holds = (value: Json): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([key, inner]) => (key === 'stateful' && inner === true) || holds(inner as Json));
  };
  return model.layers.some(layer => holds(layer.config) || (layer.model !== null && keepsStates(layer.model)));
}

function traceDeclared(model: Model, options: TraceOptions): TracedModel {
  const tracing = startTracing(options, (nested, instance, inputs, call) =>
    callNested(nested, instance, inputs, call, tracing),
  );
  if (model.root) return traceRoot(model.root, options, tracing);
  const specs = inputSpecs(model, options.inputShapes);
  const inputs = specs.map(({ layer, spec }) => {
    if (spec.shape === null) throw unknownShape(spec.name);
    const full = { ...spec, shape: spec.shape };
    return { layer, spec: full, tensor: inputTensor(spec.name, spec.shape, spec.dtype) };
  });
  const values = new Map<string, MaskedTensor>(inputs.map(({ layer, tensor }) => [layer, { tensor, mask: null }]));
  const outputs = runGraph(model, '', values, tracing, 'listed');
  return {
    inputs: inputs.map(({ spec, tensor }) => ({ spec, tensor })),
    outputs: outputs.map(({ tensor, mask, layer }) => ({
      spec: { name: layer, shape: tensor.shape, dtype: tensor.dtype },
      tensor,
      mask,
    })),
    weights: tracing.weights,
    states: [...tracing.states.values()],
  };
}

function callNested(
  model: Model,
  instance: LayerInstance,
  inputs: readonly SymbolicTensor[],
  options: CallOptions,
  tracing: Tracing,
): CallOutcome {
  const values = bindInputs(model, inputs, options.masks ?? []);
  const outputs = runGraph(model, instance.path, values, tracing, 'sorted');
  return { outputs: outputs.map(({ tensor }) => tensor), masks: outputs.map(({ mask }) => mask) };
}

function runGraph(
  model: Model,
  scope: string,
  values: ReadonlyMap<string, MaskedTensor>,
  tracing: Tracing,
  order: 'listed' | 'sorted',
): readonly (MaskedTensor & { readonly layer: string })[] {
  const graph = walkModel(
    model,
    values,
    layer => argumentNamesOf(instanceOf(layer, scope, tracing)),
    (layer, _node, resolved) => withScope(layer.name, () => callInstance(instanceOf(layer, scope, tracing), resolved!)),
  );
  return flattenStructure(model.outputs, order).map(address => ({ ...graph.at(address)!, layer: address.layer }));
}
