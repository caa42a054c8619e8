/**
 * What a model is without running it: shapes at every call, variables of every layer, parameter counts. Unlike a
 * trace it needs no weights and does not stop at a layer that nobody defines: what lies behind is unknown, a finding
 * says why, and all else is told.
 */

import type { ByteSource } from '../bytes/source.ts';
import { isLoadstoneError } from '../findings/errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { DTypePolicy, JsonObject, Layer, Model, TensorSpec } from '../model/types.ts';
import type { DType } from '../numbers/dtype.ts';
import { isStatic, type Shape } from '../numbers/tensor.ts';
import { withScope } from '../ops/record.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { instantiate, type LayerInstance, type LayerSource, sourceOfSpec } from './build.ts';
import { shapeList } from './call-definition.ts';
import { argumentNamesOf, bindInputs, callInstance, inputSpecs, instanceOf, startTracing } from './calling.ts';
import type { CustomObjects } from './custom.ts';
import { noCustomObjects } from './custom.ts';
import type { CallOutcome, LayerSpec } from './define.ts';
import { rootInputs } from './trace-subclassed.ts';
import { inputTensor, type Tracing } from './tracing.ts';
import { variablesOf } from './variables.ts';
import { flattenStructure, type MaskedTensor, type ResolvedCall, type WalkedGraph, walkModel } from './walk.ts';

export interface InferredVariable {
  /** Keras's name inside the layer: `moving_mean`. */
  readonly name: string;
  /** Null where it depends on an input shape that is not known. */
  readonly shape: readonly number[] | null;
  /** Before the layer's own `trainable: false` is applied. */
  readonly trainable: boolean;
  readonly dtype: DType;
  /** Some files lack it. */
  readonly optional: boolean;
}

/** Shapes at one call of a layer. */
export interface InferredCall {
  readonly inputShapes: readonly Shape[];
  readonly outputShapes: readonly Shape[];
  readonly outputDtypes: readonly DType[];
}

export interface InferredLayer {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  readonly dtype: DTypePolicy;
  /** False where nobody defines the class, or its config cannot be read: `weights` is then empty and means nothing. */
  readonly known: boolean;
  /** One for each call of the layer; null where the shapes at that call are not known. */
  readonly calls: readonly (InferredCall | null)[];
  /** Own variables in creation order. */
  readonly weights: readonly InferredVariable[];
  /** Layers inside by attribute, in creation order. */
  readonly sublayers: { readonly [attribute: string]: InferredLayer | readonly InferredLayer[] };
  /** The graph inside, when the layer is itself a model. */
  readonly model: InferredModel | null;
}

export interface InferredModel {
  /** Parallel to `model.layers`. */
  readonly layers: readonly InferredLayer[];
  /** In listed order; null where the shape is not known. */
  readonly inputs: readonly (TensorSpec | null)[];
  readonly outputs: readonly (TensorSpec | null)[];
  /** A subclassed model itself, as its definition tells; null for the graph kinds. */
  readonly root: InferredLayer | null;
}

export interface InferOptions {
  readonly customObjects?: CustomObjects;
  /** Shapes for inputs, by name, batch axis included. */
  readonly inputShapes?: { readonly [name: string]: Shape };
  /** What `readAssets` gave, for layers whose outputs depend on their vocabularies. */
  readonly assets?: ReadonlyMap<ByteSource, readonly string[]>;
  /** Told of each call that could be traced, in order; models inside tell theirs before the call that they are. */
  readonly onCall?: (layer: Layer, node: number, outcome: CallOutcome) => void;
}

/**
 * Infers a model. Needs of its layers only name, class, config, dtype, calls and nested models; weights and sublayers
 * that are already bound are used, those that are not are told. Never throws for what is wrong with a model.
 */
export function inferModel(
  model: Model,
  options: InferOptions = {},
): InferredModel & { readonly findings: readonly Finding[] } {
  const state = startInference(options.customObjects, options.assets, options.onCall);
  if (model.root) return { ...inferRoot(model, model.root, options, state), findings: state.findings };
  const specs = inputSpecs(model, options.inputShapes);
  const values = new Map(
    specs.map(({ layer, spec }): [string, MaskedTensor | null] => {
      if (spec.shape === null) return [layer, null];
      return [layer, { tensor: inputTensor(spec.name, spec.shape, spec.dtype), mask: null }];
    }),
  );
  const inferred = inferGraph(model, '', values, state);
  const inputs = specs.map(({ spec }) => (spec.shape === null ? null : { ...spec, shape: spec.shape }));
  return { ...inferred.result, inputs, findings: state.findings };
}

function inferRoot(model: Model, root: Layer, options: InferOptions, state: Inference): InferredModel {
  const specs = rootInputs(root, options.inputShapes);
  const instance = tryInstance(root, '', state);
  const tensors = specs.map(({ name, shape, dtype }) => inputTensor(name, shape, dtype));
  const first = tensors.length === 1 ? tensors[0]! : tensors;
  const named = { [(instance && argumentNamesOf(instance)[0]) ?? 'inputs']: first };
  const resolved: ResolvedCall = { inputs: tensors, masks: tensors.map(() => null), arguments: named, first };
  const outcome = tensors.length > 0 ? tryCall(instance, root, resolved, state) : null;
  const calls = outcome ? [callShapes(resolved, outcome)] : [];
  return {
    layers: model.layers.map(layer => describeInstance(tryInstance(layer, '', state), layer, [], state)),
    inputs: specs,
    outputs: (outcome?.outputs ?? []).map((tensor, index) => specOf(`output_${index}`, tensor)),
    root: describeInstance(instance, root, calls, state),
  };
}

interface Inference {
  readonly tracing: Tracing;
  readonly findings: Finding[];
  readonly models: Map<Model, InferredModel>;
  readonly onCall: InferOptions['onCall'];
}

function startInference(
  customObjects: CustomObjects = noCustomObjects,
  assets: InferOptions['assets'] = new Map(),
  onCall?: InferOptions['onCall'],
): Inference {
  const findings: Finding[] = [];
  const models = new Map<Model, InferredModel>();
  const tracing = startTracing(
    { customObjects, assets, needWeights: false },
    (model, instance, inputs, options): CallOutcome => {
      const { outputs } = inferGraph(model, instance.path, bindInputs(model, inputs, options.masks ?? []), state);
      if (!outputs.every(output => output !== null))
        throw new Error(`the outputs of model "${model.name}" are not known`);
      return { outputs: outputs.map(({ tensor }) => tensor), masks: outputs.map(({ mask }) => mask) };
    },
  );
  const state: Inference = { tracing, findings, models, onCall };
  return state;
}

interface InferredGraph {
  readonly result: InferredModel;
  /** Sorted, as Keras flattens a nested model's outputs. */
  readonly outputs: readonly (MaskedTensor | null)[];
}

function inferGraph(
  model: Model,
  scope: string,
  values: ReadonlyMap<string, MaskedTensor | null>,
  state: Inference,
): InferredGraph {
  const calls = new Map<Layer, (InferredCall | null)[]>(model.layers.map(layer => [layer, []]));
  const instances = new Map(model.layers.map(layer => [layer, tryInstance(layer, scope, state)]));
  const graph = tryWalk(state, () =>
    walkModel(
      model,
      values,
      layer => {
        const instance = instances.get(layer);
        return instance ? argumentNamesOf(instance) : [];
      },
      (layer, node, resolved) => {
        const outcome = resolved && tryCall(instances.get(layer)!, layer, resolved, state);
        calls.get(layer)![node] = resolved && outcome ? callShapes(resolved, outcome) : null;
        if (outcome) state.onCall?.(layer, node, outcome);
        return outcome;
      },
    ),
  );
  const at = (order: 'listed' | 'sorted') =>
    flattenStructure(model.outputs, order).map(address => ({ address, value: graph && tryAt(graph, address, state) }));
  const result: InferredModel = {
    layers: model.layers.map(layer => describe(instances.get(layer) ?? null, layer, calls.get(layer)!, values, state)),
    inputs: flattenStructure(model.inputs, 'listed').map(({ layer }) => specOf(layer, values.get(layer)?.tensor)),
    outputs: at('listed').map(({ address, value }) => specOf(address.layer, value?.tensor)),
    root: null,
  };
  state.models.set(model, result);
  return { result, outputs: at('sorted').map(({ value }) => value) };
}

function specOf(name: string, tensor: SymbolicTensor | undefined): TensorSpec | null {
  return tensor ? { name, shape: tensor.shape, dtype: tensor.dtype } : null;
}

function callShapes({ inputs }: ResolvedCall, { outputs }: CallOutcome): InferredCall {
  return {
    inputShapes: inputs.map(input => input.shape),
    outputShapes: outputs.map(output => output.shape),
    outputDtypes: outputs.map(output => output.dtype),
  };
}

function tryInstance(layer: Layer, scope: string, state: Inference): LayerInstance | null {
  return attempt(state, layer.name, () => instanceOf(layer, scope, state.tracing));
}

function tryWalk(state: Inference, walk: () => WalkedGraph): WalkedGraph | null {
  return attempt(state, '', walk);
}

function tryAt(graph: WalkedGraph, address: Parameters<WalkedGraph['at']>[0], state: Inference): MaskedTensor | null {
  return attempt(state, address.layer, () => graph.at(address));
}

/** Runs `body`; what goes wrong becomes a finding, once. */
function attempt<T>(state: Inference, layer: string, body: () => T): T | null {
  try {
    return body();
  } catch (error) {
    const code = isLoadstoneError(error) ? error.code : 'inference-failed';
    const what = isLoadstoneError(error)
      ? error.what
      : `layer "${layer}": ${error instanceof Error ? error.message : String(error)}`;
    if (!state.findings.some(finding => finding.code === code && finding.what === what)) {
      state.findings.push({ code, severity: 'warning', what, at: {}, facts: { layer } });
    }
    return null;
  }
}

/** Calls a layer; where its call cannot be traced, its own rule of output shapes still tells what comes out. */
function tryCall(
  instance: LayerInstance | null,
  layer: Layer,
  resolved: ResolvedCall,
  state: Inference,
): CallOutcome | null {
  if (!instance) return null;
  const outcome = attempt(state, layer.name, () => withScope(layer.name, () => callInstance(instance, resolved)));
  if (outcome) return outcome;
  const rule = instance.definition?.outputShape;
  if (!rule) return null;
  return attempt(state, layer.name, () => {
    const shapes = shapeList(
      rule(
        instance.config,
        resolved.inputs.map(input => input.shape),
      ),
    );
    const outputs = shapes.map(shape => inputTensor(layer.name, shape, layer.dtype.compute));
    return { outputs, masks: outputs.map(() => null) };
  });
}

function describe(
  instance: LayerInstance | null,
  source: LayerSource,
  calls: readonly (InferredCall | null)[],
  values: ReadonlyMap<string, MaskedTensor | null>,
  state: Inference,
): InferredLayer {
  const own = values.get(source.name);
  const inputCall: InferredCall[] = own
    ? [{ inputShapes: [own.tensor.shape], outputShapes: [own.tensor.shape], outputDtypes: [own.tensor.dtype] }]
    : [];
  return { ...describeInstance(instance, source, calls, state), ...(inputCall.length > 0 && { calls: inputCall }) };
}

function describeInstance(
  instance: LayerInstance | null,
  source: LayerSource,
  calls: readonly (InferredCall | null)[],
  state: Inference,
): InferredLayer {
  const common = { name: source.name, className: source.className, config: source.config, dtype: source.dtype, calls };
  const inner = source.model ? (state.models.get(source.model) ?? inferUncalled(source.model, state)) : null;
  if (!instance) return { ...common, known: false, weights: [], sublayers: {}, model: inner };
  const inside = { ...instance.sublayers, ...instance.activations };
  const sublayers = Object.entries(inside).map(([attribute, held]) => {
    const list = Array.isArray(held) ? (held as readonly LayerInstance[]) : null;
    const one = (sub: LayerInstance) => describeInstance(sub, sub.source, [], state);
    return [attribute, list ? list.map(one) : one(held as LayerInstance)] as const;
  });
  return {
    ...common,
    known: true,
    weights: variablesFor(instance, calls[0]?.inputShapes ?? null, state),
    sublayers: Object.fromEntries(sublayers),
    model: inner,
  };
}

/** A nested model that was never called with known shapes: its own InputLayers may know them. */
function inferUncalled(model: Model, state: Inference): InferredModel {
  const values = new Map(
    inputSpecs(model).map(({ layer, spec }): [string, MaskedTensor | null] => {
      const { name, shape, dtype } = spec;
      return [layer, shape === null ? null : { tensor: inputTensor(name, shape, dtype), mask: null }];
    }),
  );
  return inferGraph(model, model.name, values, state).result;
}

/** What the definition asks for, with sizes from what is bound where the input does not tell them. */
function variablesFor(
  instance: LayerInstance,
  inputShapes: readonly Shape[] | null,
  state: Inference,
): readonly InferredVariable[] {
  const specs = instance.variables ?? attempt(state, instance.name, () => guessVariables(instance, inputShapes)) ?? [];
  const bound = instance.source.weights ?? [];
  return specs
    .map(({ name, shape, trainable, dtype, optional }) => {
      const tensor = bound.find(weight => weight.name === name)?.tensor ?? null;
      const known = isStatic(shape) ? shape : (tensor?.shape ?? null);
      return {
        name,
        shape: known,
        trainable,
        dtype,
        optional,
        absent: optional && bound.length > 0 && tensor === null,
      };
    })
    .filter(({ absent }) => !absent)
    .map(({ absent: _absent, ...variable }) => variable);
}

/** Ranks of inputs to try when nothing is known of them: most layers take two to five axes. */
const likelyRanks = [2, 3, 4, 5];

/** Variables without knowing the input: names and order are right, sizes that depend on it are null. */
function guessVariables(instance: LayerInstance, inputShapes: readonly Shape[] | null): ReturnType<typeof variablesOf> {
  if (inputShapes) return variablesOf(instance, inputShapes);
  let failure: unknown = null;
  for (const rank of likelyRanks) {
    const shape: Shape = new Array(rank).fill(null);
    try {
      return variablesOf(instance, [shape, shape, shape]);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * Variables and sublayers of one layer from its class and config alone. Shapes that depend on the input are null.
 * `known` is false where nobody defines the class.
 */
export function describeLayer(source: LayerSource, customObjects?: CustomObjects): InferredLayer {
  const state = startInference(customObjects);
  const instance = attempt(state, source.name, () => instantiate(source, source.name, state.tracing));
  return describeInstance(instance, source, [], state);
}

/** `describeLayer` for a class name and config, as wrappers hold them. */
export function describeSpec(spec: LayerSpec, dtype: DTypePolicy, customObjects?: CustomObjects): InferredLayer {
  return describeLayer(sourceOfSpec(spec, 'layer', dtype), customObjects);
}

/** A layer called on inputs of given shapes, outside any model: what `describeLayer` tells, with shapes. */
export function inferLayer(
  source: LayerSource,
  inputs: readonly { readonly shape: Shape; readonly dtype?: DType }[],
  customObjects?: CustomObjects,
): InferredLayer & { readonly findings: readonly Finding[] } {
  const state = startInference(customObjects);
  const instance = attempt(state, source.name, () => instantiate(source, source.name, state.tracing));
  const tensors = inputs.map(({ shape, dtype }, index) =>
    inputTensor(`input_${index}`, shape, dtype ?? source.dtype.compute),
  );
  const resolved: ResolvedCall = { inputs: tensors, masks: tensors.map(() => null), arguments: {}, first: tensors };
  const outcome = tryCall(
    instance,
    { ...source, trainable: true, calls: [], weights: [], buildShape: null, at: {} },
    resolved,
    state,
  );
  const calls = outcome ? [callShapes(resolved, outcome)] : [];
  return { ...describeInstance(instance, source, calls, state), findings: state.findings };
}
