/**
 * From what a config stores as an activation to a function of tensors: a name, a function object
 * (`{"class_name": "function", "config": name}` since TF 2.13), a layer as an object, or null, which is linear.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import * as ops from '../../ops/exports.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { CustomObjects } from '../custom.ts';
import type { ActivationDefinition, LayerSpec } from '../define.ts';
import type { ActivationFunction, FieldContext } from '../fields.ts';
import { refuse } from '../fields.ts';
import { builtInActivation } from './registry.ts';

type Apply = (x: SymbolicTensor) => SymbolicTensor;

/**
 * Finds the activation that `stored` means. `makeLayer` makes a layer that stands where a function is wanted.
 * What nobody defines gives a function that throws `missing-custom-object` when it is called, so that a model with an
 * unknown activation can still be described. Throws `bad-config` for what is no activation at all.
 */
export function resolveActivation(
  stored: unknown,
  context: FieldContext,
  customObjects: CustomObjects,
  makeLayer: (spec: LayerSpec) => Apply,
): ActivationFunction {
  if (stored === null || stored === undefined) return byName('linear', null, {}, context, customObjects);
  if (typeof stored === 'string') return byName(stored, null, {}, context, customObjects);
  const object = stored as { class_name?: unknown; config?: unknown; registered_name?: unknown };
  if (typeof object !== 'object' || typeof object.class_name !== 'string') {
    return refuse(stored, 'the name of an activation, a function or a layer', context);
  }
  const registered = typeof object.registered_name === 'string' ? object.registered_name : null;
  if (object.class_name === 'function' && typeof object.config === 'string') {
    return byName(object.config, registered, {}, context, customObjects);
  }
  const config = (
    typeof object.config === 'object' && object.config !== null ? object.config : {}
  ) as LayerSpec['config'];
  const asFunction = customObjects.activation(object.class_name, registered) ?? builtInActivation(object.class_name);
  if (asFunction) return named(asFunction.name, x => asFunction.call(x, ops, config));
  const spec: LayerSpec = { className: object.class_name, config, registeredName: registered };
  let apply: Apply | null = null;
  return named(object.class_name, x => {
    apply ??= makeLayer(spec);
    return apply(x);
  });
}

function byName(
  name: string,
  registered: string | null,
  given: { readonly [name: string]: unknown },
  context: FieldContext,
  customObjects: CustomObjects,
): ActivationFunction {
  const definition: ActivationDefinition | null = customObjects.activation(name, registered) ?? builtInActivation(name);
  if (definition) return named(definition.name, x => definition.call(x, ops, given));
  return named(name, () => {
    throw new LoadstoneError('missing-custom-object', `layer "${context.layerName}" uses the activation "${name}"`, {
      where: `layer ${context.path ?? context.layerName}, key ${context.key}`,
      do: 'Define it with defineActivation and give it with customObjects or --custom.',
    });
  });
}

function named(identifier: string, apply: Apply): ActivationFunction {
  return Object.assign((x: SymbolicTensor) => apply(x), { identifier });
}
