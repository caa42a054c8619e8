/** What tracing and inference share: a model's inputs, its layers made once, and calls of them. */

import { LoadstoneError } from '../findings/errors.ts';
import type { Layer, Model, TensorSpec } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import { castTensor, isSymbolic } from '../ops/convert.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { instantiate, type LayerInstance } from './build.ts';
import { noCustomObjects } from './custom.ts';
import type { CallArgument, CallOutcome } from './define.ts';
import { parseDType } from './policy.ts';
import type { TraceOptions } from './trace.ts';
import type { Tracing } from './tracing.ts';
import { flattenStructure, type MaskedTensor, type ResolvedCall } from './walk.ts';

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

/** A model's inputs in the order of Keras's `model.inputs` (dictionaries by their sorted keys), with the layer each comes in by; `shape` null where nobody knows it. */
export function inputSpecs(
  model: Model,
  given: TraceOptions['inputShapes'] = {},
): readonly { readonly layer: string; readonly spec: Omit<TensorSpec, 'shape'> & { readonly shape: Shape | null } }[] {
  const layers = new Map(model.layers.map(layer => [layer.name, layer]));
  return flattenStructure(model.inputs, 'sorted').map(address => {
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

/** The error for an input of unknown shape. */
export function unknownShape(name: string): LoadstoneError {
  return new LoadstoneError('bad-input', `the shape of the input "${name}" is not known`, {
    where: `input ${name}`,
    do: 'The model was saved before it was built; give the shape of its input.',
  });
}
