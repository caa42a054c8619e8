/**
 * A layer while its model is traced: made from a `Layer` of a model or from a `LayerSpec` inside another layer, built
 * when first called (its variables become weights of the graph), and called as often as the model calls it.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { DTypePolicy, JsonObject, Layer, Weight } from '../model/types.ts';
import { isFloating } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import { castTensor, isSymbolic } from '../ops/convert.ts';
import * as ops from '../ops/exports.ts';
import { record, withScope } from '../ops/record.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { resolveActivation } from './activations/resolve.ts';
import { parseConfig } from './config.ts';
import type {
  AnyLayerDefinition,
  CallArgument,
  CallableLayer,
  CallContext,
  CallOptions,
  CallOutcome,
  LayerSpec,
  WeightSpec,
} from './define.ts';
import type { ActivationFunction } from './fields.ts';
import { findDefinition } from './find.ts';
import { classNameToSnakeCase, toSnakeCase } from './names.ts';
import { parsePolicy } from './policy.ts';
import { builtInLayer } from './registry.ts';
import { inputTensor, type Tracing } from './tracing.ts';

/** What an instance is made from; every `Layer` is one. */
export type LayerSource = Pick<
  Layer,
  'name' | 'className' | 'origin' | 'registeredName' | 'config' | 'dtype' | 'sublayers' | 'model' | 'assets'
> & { readonly weights: readonly Weight[] | null };

/** One variable as the definition asks for it. */
export interface VariableSpec {
  /** Keras's name: `moving_mean`. */
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly dtype: NonNullable<Exclude<WeightSpec, Shape>['dtype']>;
  readonly optional: boolean;
}

export interface LayerInstance extends CallableLayer {
  readonly source: LayerSource;
  readonly path: string;
  /** Null for a model used as a layer. */
  readonly definition: AnyLayerDefinition | null;
  /** Variables, once built. */
  readonly variables: readonly VariableSpec[] | null;
  readonly sublayers: { readonly [attribute: string]: LayerInstance | readonly LayerInstance[] };
  /** Layers that stand where an activation is wanted, by config key. */
  readonly activations: { readonly [key: string]: LayerInstance };
}

/** Makes a layer ready to be called. Throws `missing-custom-object` or `unsupported` where nobody defines its class. */
export function instantiate(source: LayerSource, path: string, tracing: Tracing): LayerInstance {
  if (source.model) return modelInstance(source, path, tracing);
  const definition = findDefinition(source, tracing.customObjects);
  if (!definition) throw missing(source);
  const activations: { [key: string]: LayerInstance } = {};
  const activation = (stored: unknown, key: string): ActivationFunction =>
    resolveActivation(stored, { layerName: source.name, key }, tracing.customObjects, spec => {
      const made = fromSpec(spec, key, source, `${path}/${key}`, tracing);
      activations[key] = made;
      return x => made.call([x]).outputs[0]!;
    });
  const config = parseConfig(definition.config, source.config, {
    layerName: source.name,
    activation: (stored, { key }) => activation(stored, key),
  });
  const sublayers = makeSublayers(definition, config, source, path, tracing);
  let built: Built | null = null;
  const instance: LayerInstance = {
    source,
    path,
    definition,
    className: source.className,
    name: source.name,
    config,
    sublayers,
    activations,
    get variables() {
      return built?.variables ?? null;
    },
    stateShapes: inputShape => definition.stateShapes?.(config, inputShape, sublayers) ?? [],
    weights(inputShapes) {
      built ??= build(instance, inputShapes, tracing);
      return castWeights(instance, built);
    },
    call(inputs, options = {}) {
      return withScope(path, () => {
        built ??= build(
          instance,
          inputs.map(input => input.shape),
          tracing,
        );
        return callDefinition(instance, definition, built, inputs, options, tracing);
      });
    },
  };
  return instance;
}

function missing({ name, className, origin, registeredName }: LayerSource): LoadstoneError {
  if (origin !== 'custom') {
    return new LoadstoneError('unsupported', `no definition of the layer class ${className}`, {
      where: `layer ${name}`,
    });
  }
  return new LoadstoneError(
    'missing-custom-object',
    `layer "${name}" is of the custom class ${registeredName ?? className}`,
    {
      where: `layer ${name}`,
      do: 'Give its definition with customObjects or --custom; `loadstone inspect FILE --stubs stubs.ts` writes one to fill in.',
    },
  );
}

function modelInstance(source: LayerSource, path: string, tracing: Tracing): LayerInstance {
  const instance: LayerInstance = {
    source,
    path,
    definition: null,
    className: source.className,
    name: source.name,
    config: source.config,
    variables: [],
    sublayers: {},
    activations: {},
    stateShapes: () => [],
    weights: () => ({}),
    call: (inputs, options = {}) => tracing.callModel(source.model!, instance, inputs, options),
  };
  return instance;
}

type Instances = LayerInstance['sublayers'];

/** Sublayers in the definition's order; what the model binds goes before what the config says. */
function makeSublayers(
  definition: AnyLayerDefinition,
  config: LayerInstance['config'],
  source: LayerSource,
  path: string,
  tracing: Tracing,
): Instances {
  const wanted = definition.sublayers?.(config) ?? {};
  const make = (spec: LayerSpec, bound: Layer | undefined, attribute: string) =>
    bound
      ? instantiate(bound, `${path}/${attribute}`, tracing)
      : fromSpec(spec, attribute, source, `${path}/${attribute}`, tracing);
  const entries = Object.entries(wanted).map(([attribute, spec]) => {
    const bound = source.sublayers[attribute];
    if (!isList(spec)) return [attribute, make(spec, isList(bound) ? bound[0] : bound, attribute)] as const;
    const list = isList(bound) ? bound : [];
    return [attribute, spec.map((one, index) => make(one, list[index], `${attribute}/${index}`))] as const;
  });
  return Object.fromEntries(entries);
}

function isList<T>(value: T | readonly T[] | undefined): value is readonly T[] {
  return Array.isArray(value);
}

function fromSpec(
  spec: LayerSpec,
  attribute: string,
  owner: LayerSource,
  path: string,
  tracing: Tracing,
): LayerInstance {
  return instantiate(sourceOfSpec(spec, attribute, owner.dtype), path, tracing);
}

/** A `LayerSpec` as the model description would hold it, without weights bound. */
export function sourceOfSpec(spec: LayerSpec, attribute: string, dtype: DTypePolicy): LayerSource {
  const config = spec.config as JsonObject;
  return {
    name: typeof config.name === 'string' ? config.name : classNameToSnakeCase(spec.className) || attribute,
    className: spec.className,
    origin: builtInLayer(spec.className) ? 'layer' : 'custom',
    registeredName: spec.registeredName ?? null,
    config,
    dtype: parsePolicy(config.dtype, dtype),
    weights: null,
    sublayers: {},
    model: null,
    assets: {},
  };
}

interface Built {
  readonly variables: readonly VariableSpec[];
  /** By the definition's camelCase names; uncast. */
  readonly weights: { readonly [name: string]: SymbolicTensor };
  readonly keepDtype: ReadonlySet<string>;
}

/** The variables that a definition asks for, given its config and the shapes of its inputs. */
export function variablesOf(
  instance: LayerInstance,
  inputShapes: readonly Shape[],
): readonly (VariableSpec & { key: string; autocast: boolean })[] {
  const wanted: { readonly [name: string]: WeightSpec } =
    instance.definition?.weights?.(instance.config, inputShapes) ?? {};
  return Object.entries(wanted).map(([key, given]) => {
    const spec: Exclude<WeightSpec, Shape> = isShape(given) ? { shape: given } : given;
    return {
      key,
      name: spec.name ?? toSnakeCase(key),
      shape: spec.shape,
      trainable: spec.trainable ?? true,
      dtype: spec.dtype ?? instance.source.dtype.variable,
      optional: spec.optional ?? false,
      autocast: spec.autocast ?? true,
    };
  });
}

function isShape(spec: WeightSpec): spec is Shape {
  return Array.isArray(spec);
}

function build(instance: LayerInstance, inputShapes: readonly Shape[], tracing: Tracing): Built {
  const variables = variablesOf(instance, inputShapes);
  const weights: { [name: string]: SymbolicTensor } = {};
  for (const variable of variables) {
    const bound = instance.source.weights?.find(weight => weight.name === variable.name) ?? null;
    if (!bound?.tensor && variable.optional && (tracing.needWeights || instance.source.weights?.length)) continue;
    if (tracing.needWeights) requireTensor(instance, variable, bound);
    const shape = bound?.tensor?.shape ?? variable.shape;
    const dtype = bound?.tensor && !isFloating(variable.dtype) ? bound.tensor.dtype : variable.dtype;
    const path = `${instance.path}/${variable.name}`;
    const tensor = record('weight', [], { name: path }, { shape, dtype });
    tracing.weights.push({ tensor, path, weight: bound });
    weights[variable.key] = tensor;
  }
  const keepDtype = new Set(variables.filter(variable => !variable.autocast).map(variable => variable.key));
  return { variables, weights, keepDtype };
}

/** Throws `bad-weights` where a variable that the layer needs is missing or of another shape. */
function requireTensor(instance: LayerInstance, variable: VariableSpec, bound: Weight | null): void {
  const facts = { where: `layer ${instance.path}, weight ${variable.name}` };
  if (!bound?.tensor) {
    throw new LoadstoneError(
      'bad-weights',
      `weight "${variable.name}" of layer "${instance.name}" is not in the artefact`,
      {
        ...facts,
        do: `Give an artefact that holds it, of shape (${variable.shape.map(size => size ?? 'None').join(', ')}).`,
      },
    );
  }
  const found = bound.tensor.shape;
  const fits =
    found.length === variable.shape.length &&
    variable.shape.every((size, axis) => size === null || size === found[axis]);
  if (fits) return;
  throw new LoadstoneError(
    'bad-weights',
    `weight "${variable.name}" of layer "${instance.name}" has shape (${found.join(', ')}), needed (${variable.shape.map(size => size ?? 'None').join(', ')})`,
    { ...facts, do: 'The config and the weights belong to different models; give the ones that were saved together.' },
  );
}

function callDefinition(
  instance: LayerInstance,
  definition: AnyLayerDefinition,
  built: Built,
  inputs: readonly SymbolicTensor[],
  options: CallOptions,
  tracing: Tracing,
): CallOutcome {
  const given = definition.castInputs === false ? inputs : inputs.map(input => toCompute(instance, input));
  const implicit = options.masks ?? [];
  const context = makeContext(instance, inputs, options, tracing);
  const result = definition.call(instance.config, castWeights(instance, built), given, ops, context);
  if ('masks' in result) return { ...result, outputs: refine(result.outputs, definition, instance, inputs) };
  const outputs = refine(isSymbolic(result) ? [result] : result, definition, instance, inputs);
  const masks = outputMasks(
    definition,
    instance,
    given,
    inputs.map((_, index) => implicit[index] ?? context.masks[index] ?? null),
    outputs,
    context,
  );
  return { outputs, masks };
}

/** A tensor in the layer's compute dtype, where both are floating. */
function toCompute(instance: LayerInstance, x: SymbolicTensor): SymbolicTensor {
  const { compute } = instance.source.dtype;
  return isFloating(x.dtype) && isFloating(compute) ? castTensor(x, compute) : x;
}

function castWeights(instance: LayerInstance, built: Built): Built['weights'] {
  const cast = ([key, tensor]: [string, SymbolicTensor]) =>
    [key, built.keepDtype.has(key) ? tensor : toCompute(instance, tensor)] as const;
  return Object.fromEntries(Object.entries(built.weights).map(cast));
}

/** Sizes that tracing lost and the definition's own rule knows. */
function refine(
  outputs: readonly SymbolicTensor[],
  definition: AnyLayerDefinition,
  instance: LayerInstance,
  inputs: readonly SymbolicTensor[],
): readonly SymbolicTensor[] {
  if (!definition.outputShape || outputs.every(output => !output.shape.slice(1).includes(null))) return outputs;
  const shapes = shapeList(
    definition.outputShape(
      instance.config,
      inputs.map(input => input.shape),
    ),
  );
  return outputs.map((output, index) => {
    const rule = shapes[index];
    if (!rule || rule.length !== output.shape.length) return output;
    return { ...output, shape: output.shape.map((size, axis) => size ?? rule[axis]!) };
  });
}

/** One shape or several, as a list of shapes. */
export function shapeList(shapes: Shape | readonly Shape[]): readonly Shape[] {
  const several = shapes.length > 0 && shapes.every(shape => Array.isArray(shape));
  return several ? (shapes as readonly Shape[]) : [shapes as Shape];
}

function outputMasks(
  definition: AnyLayerDefinition,
  instance: LayerInstance,
  inputs: readonly SymbolicTensor[],
  masks: readonly (SymbolicTensor | null)[],
  outputs: readonly SymbolicTensor[],
  context: CallContext,
): readonly (SymbolicTensor | null)[] {
  const rule = definition.mask ?? 'stop';
  const none = outputs.map(() => null);
  if (rule === 'stop') return none;
  if (rule === 'pass') return outputs.map(() => masks[0] ?? null);
  const found = rule(instance.config, inputs, masks, ops, context);
  const list = found === null || isSymbolic(found) ? [found] : found;
  return none.map((_, index) => list[index] ?? null);
}

function makeContext(
  instance: LayerInstance,
  inputs: readonly SymbolicTensor[],
  options: CallOptions,
  tracing: Tracing,
): CallContext {
  const given = options.arguments ?? {};
  const list = Object.entries(instance.sublayers);
  return {
    layerName: instance.name,
    computeDtype: instance.source.dtype.compute,
    masks: callMasks(inputs, options.masks ?? [], given.mask),
    arguments: given,
    sublayers: Object.fromEntries(list.filter((entry): entry is [string, LayerInstance] => !isList(entry[1]))),
    sublayerLists: Object.fromEntries(list.filter((entry): entry is [string, LayerInstance[]] => isList(entry[1]))),
    state: (name, shape, dtype) => stateOf(instance, tracing, name, shape, dtype).after,
    setState(name, value) {
      const state = tracing.states.get(`${instance.path}/${name}`);
      if (state) state.after = castTensor(value, state.dtype);
    },
    asset: name => {
      const source = instance.source.assets[name];
      return source ? (tracing.assets.get(source) ?? null) : null;
    },
  };
}

/** Masks for `call`: those that the call gives as `mask`, else those that came with the inputs. */
function callMasks(
  inputs: readonly SymbolicTensor[],
  implicit: readonly (SymbolicTensor | null)[],
  explicit: CallArgument | undefined,
): readonly (SymbolicTensor | null)[] {
  const list = Array.isArray(explicit) ? (explicit as readonly CallArgument[]) : [explicit];
  return inputs.map((_, index) => {
    const mask = list[index];
    return isSymbolic(mask) ? mask : (implicit[index] ?? null);
  });
}

function stateOf(
  instance: LayerInstance,
  tracing: Tracing,
  name: string,
  shape: Shape,
  dtype: SymbolicTensor['dtype'],
) {
  const path = `${instance.path}/${name}`;
  const known = tracing.states.get(path);
  if (known) return known;
  const sizes = shape.filter((size): size is number => size !== null);
  if (sizes.length !== shape.length) {
    throw new LoadstoneError('bad-config', `layer "${instance.name}" is stateful and its batch size is not known`, {
      where: `layer ${instance.path}`,
      do: 'Give the model an input with a fixed batch size.',
    });
  }
  const before = inputTensor(path, shape, dtype);
  const state = { path, shape: sizes, dtype, before, after: before };
  tracing.states.set(path, state);
  return state;
}
