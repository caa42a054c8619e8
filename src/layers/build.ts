/**
 * A layer while its model is traced: made from a `Layer` of a model or from a `LayerSpec` inside another layer, built
 * when first called (its variables become weights of the graph), and called as often as the model calls it.
 */

import { LoadstoneError } from '../findings/errors.ts';
import type { DTypePolicy, JsonObject, Layer, Weight } from '../model/types.ts';
import { resolveActivation } from './activations/resolve.ts';
import { callDefinition } from './call-definition.ts';
import { parseConfig } from './config.ts';
import type { AnyLayerDefinition, CallableLayer, LayerSpec } from './define.ts';
import type { ActivationFunction } from './fields.ts';
import { findDefinition } from './find.ts';
import { classNameToSnakeCase } from './names.ts';
import { naming } from './naming-errors.ts';
import { parsePolicy } from './policy.ts';
import { builtInLayer } from './registry.ts';
import type { Tracing } from './tracing.ts';
import { type Built, buildVariables, castWeights, type VariableSpec } from './variables.ts';

/** What an instance is made from; every `Layer` is one. */
export type LayerSource = Pick<
  Layer,
  'name' | 'className' | 'origin' | 'registeredName' | 'config' | 'dtype' | 'sublayers' | 'model' | 'assets'
> & { readonly weights: readonly Weight[] | null };

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
    resolveActivation(stored, { layerName: source.name, path, key }, tracing.customObjects, spec => {
      const made = fromSpec(spec, key, source, `${path}/${key}`, tracing);
      activations[key] = made;
      return x => made.call([x]).outputs[0]!;
    });
  const config = parseConfig(definition.config, source.config, {
    layerName: source.name,
    path,
    activation: (stored, { key }) => activation(stored, key),
    isGiven: name => tracing.customObjects.has(name),
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
      built ??= buildVariables(instance, inputShapes, tracing);
      return castWeights(instance, built);
    },
    call(inputs, options = {}) {
      return naming(instance, () => {
        built ??= buildVariables(
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
