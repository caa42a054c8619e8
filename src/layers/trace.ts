/**
 * From a model to one symbolic graph: its inputs and outputs as tensors, its weights as nodes tied to the variables
 * that the artefact binds, and the variables that live from one predict to the next.
 */

import type { ByteSource, ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { Json, Layer, Model, TensorSpec } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import { castTensor, isSymbolic } from '../ops/convert.ts';
import { withScope } from '../ops/record.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { instantiate, type LayerInstance } from './build.ts';
import { type CustomObjects, noCustomObjects } from './custom.ts';
import type { CallArgument, CallOptions, CallOutcome } from './define.ts';
import { parseDType } from './policy.ts';
import { inputTensor, type TracedState, type TracedWeight, type Tracing } from './tracing.ts';
import { flattenStructure, type MaskedTensor, type ResolvedCall, walkModel } from './walk.ts';

export interface TraceOptions {
  readonly customObjects?: CustomObjects;
  /** Shapes for inputs, by name, batch axis included; they take the place of what the model says. */
  readonly inputShapes?: { readonly [name: string]: Shape };
  /** What `readAssets` gave; needed where layers have vocabularies in files. */
  readonly assets?: ReadonlyMap<ByteSource, readonly string[]>;
  /** Default true: throw where a variable is missing or misshapen. */
  readonly needWeights?: boolean;
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
 * Traces a model.
 * Throws `missing-custom-object`, `unsupported`, `bad-config` or `bad-weights`, naming the layer;
 * `bad-input` where an input has no known shape.
 */
export function traceModel(model: Model, options: TraceOptions = {}): TracedModel {
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

/** A subclassed model: its definition is called once, on the inputs that it was built with or that `inputShapes` gives. */
function traceRoot(root: Layer, options: TraceOptions, tracing: Tracing): TracedModel {
  const specs = rootInputs(root, options.inputShapes);
  if (specs.length === 0) throw unknownShape(root.name);
  const inputs = specs.map(spec => ({ spec, tensor: inputTensor(spec.name, spec.shape, spec.dtype) }));
  const instance = instanceOf(root, '', tracing);
  const tensors = inputs.map(({ tensor }) => tensor);
  const first = tensors.length === 1 ? tensors[0]! : tensors;
  const outcome = callInstance(instance, {
    inputs: tensors,
    masks: tensors.map(() => null),
    arguments: { [argumentNamesOf(instance)[0] ?? 'inputs']: first },
    first,
  });
  const several = outcome.outputs.length > 1;
  return {
    inputs,
    outputs: outcome.outputs.map((tensor, index) => ({
      spec: { name: several ? `output_${index}` : 'output', shape: tensor.shape, dtype: tensor.dtype },
      tensor,
      mask: outcome.masks[index] ?? null,
    })),
    weights: tracing.weights,
    states: [...tracing.states.values()],
  };
}

/**
 * Inputs of a subclassed model, `input` or `input_0`, `input_1` …: the shapes that `inputShapes` gives, else those of
 * its first call, which Keras records with the batch size of that day.
 */
export function rootInputs(root: Layer, given: TraceOptions['inputShapes'] = {}): readonly TensorSpec[] {
  const built = shapesIn(root.buildShape).map((shape): Shape => [null, ...shape.slice(1)]);
  const shapes = Object.keys(given).length > 0 ? Object.values(given) : built;
  const names =
    Object.keys(given).length > 0
      ? Object.keys(given)
      : shapes.map((_, index) => (shapes.length === 1 ? 'input' : `input_${index}`));
  return shapes.map((shape, index) => ({ name: names[index]!, shape, dtype: root.dtype.compute }));
}

/** Every shape in a recorded nesting of shapes. */
function shapesIn(recorded: Json): Shape[] {
  if (Array.isArray(recorded)) {
    const isShape = recorded.length > 0 && recorded.every(size => size === null || typeof size === 'number');
    return isShape ? [recorded as Shape] : recorded.flatMap(shapesIn);
  }
  return typeof recorded === 'object' && recorded !== null ? Object.values(recorded).flatMap(shapesIn) : [];
}

export function startTracing(options: TraceOptions, callModel: Tracing['callModel']): Tracing {
  return {
    customObjects: options.customObjects ?? noCustomObjects,
    assets: options.assets ?? new Map(),
    needWeights: options.needWeights ?? true,
    weights: [],
    states: new Map(),
    instances: new Map(),
    callModel,
  };
}

function unknownShape(name: string): LoadstoneError {
  return new LoadstoneError('bad-input', `the shape of the input "${name}" is not known`, {
    where: `input ${name}`,
    do: 'The model was saved before it was built; give the shape of its input.',
  });
}

/** A model's inputs in listed order, with the layer each comes in by; `shape` null where nobody knows it. */
export function inputSpecs(
  model: Model,
  given: TraceOptions['inputShapes'] = {},
): readonly { readonly layer: string; readonly spec: Omit<TensorSpec, 'shape'> & { readonly shape: Shape | null } }[] {
  const layers = new Map(model.layers.map(layer => [layer.name, layer]));
  return flattenStructure(model.inputs, 'listed').map(address => {
    const layer = layers.get(address.layer);
    return {
      layer: address.layer,
      spec: {
        name: address.layer,
        shape: given[address.layer] ?? (layer ? inputShape(layer) : null),
        dtype: parseDType(layer?.config.dtype) ?? layer?.dtype.compute ?? 'float32',
      },
    };
  });
}

function inputShape(layer: Layer): Shape | null {
  const shape = layer.config.batch_shape;
  const fits = Array.isArray(shape) && shape.every(size => size === null || Number.isInteger(size));
  return fits ? (shape as Shape) : null;
}

/** The layer of a model, made once. */
export function instanceOf(layer: Layer, scope: string, tracing: Tracing): LayerInstance {
  const known = tracing.instances.get(layer);
  if (known) return known;
  const made = instantiate(layer, scope === '' ? layer.name : `${scope}/${layer.name}`, tracing);
  tracing.instances.set(layer, made);
  return made;
}

/** Names of a layer's call parameters: the definition's, or what models call theirs. */
export function argumentNamesOf(instance: LayerInstance): readonly string[] {
  return instance.definition?.callArguments ?? ['inputs'];
}

/** Traces one call of a layer of a model. */
export function callInstance(instance: LayerInstance, resolved: ResolvedCall): CallOutcome {
  if (instance.source.model) {
    const ordered = modelInputs(instance.source.model, resolved);
    return instance.call(ordered.inputs, { masks: ordered.masks, arguments: resolved.arguments });
  }
  return instance.call(resolved.inputs, { masks: resolved.masks, arguments: resolved.arguments });
}

/** Inputs of a nested model in the sorted order of its input structure; a record given goes by names. */
function modelInputs(model: Model, { inputs, masks, first }: ResolvedCall): Pick<ResolvedCall, 'inputs' | 'masks'> {
  const isRecord = typeof first === 'object' && first !== null && !Array.isArray(first) && !isSymbolic(first);
  if (!isRecord || Array.isArray(model.inputs) === false) return { inputs, masks };
  const byName = first as { readonly [name: string]: CallArgument };
  const order = flattenStructure(model.inputs, 'sorted').map(({ layer }) =>
    inputs.indexOf(byName[layer] as SymbolicTensor),
  );
  if (order.includes(-1)) return { inputs, masks };
  return { inputs: order.map(index => inputs[index]!), masks: order.map(index => masks[index]!) };
}

/** Values for a nested model's InputLayers, cast to the dtypes that these declare. Throws `bad-config` for a wrong count. */
export function bindInputs(
  model: Model,
  inputs: readonly SymbolicTensor[],
  masks: readonly (SymbolicTensor | null)[],
): Map<string, MaskedTensor> {
  const layers = new Map(model.layers.map(layer => [layer.name, layer]));
  const wanted = flattenStructure(model.inputs, 'sorted');
  if (wanted.length !== inputs.length) {
    throw new LoadstoneError(
      'bad-config',
      `model "${model.name}" takes ${wanted.length} inputs and is called with ${inputs.length}`,
      {
        where: `layer ${model.name}`,
      },
    );
  }
  return new Map(
    wanted.map((address, index): [string, MaskedTensor] => {
      const layer = layers.get(address.layer);
      const dtype = parseDType(layer?.config.dtype) ?? layer?.dtype.compute ?? inputs[index]!.dtype;
      const cast =
        inputs[index]!.dtype === 'string' || dtype === 'string' ? inputs[index]! : castTensor(inputs[index]!, dtype);
      return [
        address.layer,
        { tensor: withKnownSizes(cast, layer ? inputShape(layer) : null), mask: masks[index] ?? null },
      ];
    }),
  );
}

function withKnownSizes(x: SymbolicTensor, declared: Shape | null): SymbolicTensor {
  if (!declared || declared.length !== x.shape.length) return x;
  return { ...x, shape: x.shape.map((size, axis) => size ?? declared[axis]!) };
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

/** Reads the text files that came with a model's layers, as lines. A missing newline at the end is no empty line. */
export async function readAssets(model: Model, options?: ReadOptions): Promise<Map<ByteSource, readonly string[]>> {
  const found = new Map<ByteSource, readonly string[]>();
  const visit = async (layer: Layer): Promise<void> => {
    for (const source of Object.values(layer.assets)) {
      if (!found.has(source)) found.set(source, linesOf(await source.read(0, source.size, options)));
    }
    for (const inner of Object.values(layer.sublayers).flat()) await visit(inner as Layer);
    for (const inner of layer.model?.layers ?? []) await visit(inner);
  };
  for (const layer of model.layers) await visit(layer);
  return found;
}

function linesOf(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
