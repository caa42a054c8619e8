/** One call of a layer's definition: its inputs cast, its context made, its outputs' shapes and masks settled. */

import { LoadstoneError } from '../findings/errors.ts';
import type { Shape } from '../numbers/tensor.ts';
import { castTensor, isSymbolic } from '../ops/convert.ts';
import * as ops from '../ops/exports.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { instantiate, type LayerInstance, sourceOfSpec } from './build.ts';
import type { AnyLayerDefinition, CallArgument, CallContext, CallOptions, CallOutcome } from './define.ts';
import { inputTensor, type Tracing } from './tracing.ts';
import { type Built, castWeights, toCompute } from './variables.ts';

/** Calls a definition for a layer that is built. */
export function callDefinition(
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
    sublayers: Object.fromEntries(list.filter((entry): entry is [string, LayerInstance] => !Array.isArray(entry[1]))),
    sublayerLists: Object.fromEntries(
      list.filter((entry): entry is [string, LayerInstance[]] => Array.isArray(entry[1])),
    ),
    state: (name, shape, dtype) => stateOf(instance, tracing, name, shape, dtype).after,
    setState(name, value) {
      const state = tracing.states.get(`${instance.path}/${name}`);
      if (state) state.after = castTensor(value, state.dtype);
    },
    asset: name => {
      const source = instance.source.assets[name];
      return source ? (tracing.assets.get(source) ?? null) : null;
    },
    layer: spec =>
      instantiate(
        sourceOfSpec(spec, spec.className, instance.source.dtype),
        `${instance.path}/${spec.className}`,
        tracing,
      ),
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
