/** A layer's variables: what its definition asks for, and the weights of the graph that stand for them. */

import { LoadstoneError } from '../findings/errors.ts';
import type { Weight } from '../model/types.ts';
import { type DType, isFloating } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import { castTensor } from '../ops/convert.ts';
import { record } from '../ops/record.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { LayerInstance } from './build.ts';
import type { WeightSpec } from './define.ts';
import { toSnakeCase } from './names.ts';
import type { Tracing } from './tracing.ts';

/** One variable as the definition asks for it. */
export interface VariableSpec {
  /** Keras's name: `moving_mean`. */
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly dtype: DType;
  readonly optional: boolean;
}

/** A layer's weights in the graph. */
export interface Built {
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

/** Makes the weights of a layer called on inputs of these shapes. Throws `bad-weights` where one is needed and missing. */
export function buildVariables(instance: LayerInstance, inputShapes: readonly Shape[], tracing: Tracing): Built {
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

const shapeText = (shape: Shape) => `(${shape.map(size => size ?? 'None').join(', ')})`;

/** Throws `bad-weights` where a variable that the layer needs is missing, of another shape or quantized. */
function requireTensor(instance: LayerInstance, variable: VariableSpec, bound: Weight | null): void {
  const fail = (what: string, advice: string): never => {
    throw new LoadstoneError('bad-weights', `weight "${variable.name}" of layer "${instance.name}" ${what}`, {
      where: `layer ${instance.path}, weight ${variable.name}`,
      do: advice,
    });
  };
  const needed = shapeText(variable.shape);
  if (!bound?.tensor) return fail('is not in the artefact', `Give an artefact that holds it, of shape ${needed}.`);
  const { shape: found, dtype } = bound.tensor;
  if (isFloating(variable.dtype) && (dtype === 'int8' || dtype === 'uint8')) {
    const advice = 'The layer was quantized and its config does not say so; save the model before it is quantized.';
    return fail(`is stored as ${dtype}, needed ${variable.dtype}`, advice);
  }
  const fits =
    found.length === variable.shape.length &&
    variable.shape.every((size, axis) => size === null || size === found[axis]);
  if (!fits) {
    const advice = 'The config and the weights belong to different models; give the ones that were saved together.';
    fail(`has shape ${shapeText(found)}, needed ${needed}`, advice);
  }
}

/** A tensor in the layer's compute dtype, where both are floating. */
export function toCompute(instance: LayerInstance, x: SymbolicTensor): SymbolicTensor {
  const { compute } = instance.source.dtype;
  return isFloating(x.dtype) && isFloating(compute) ? castTensor(x, compute) : x;
}

/** The weights as `call` gets them: cast to the compute dtype, but for those that keep their own. */
export function castWeights(instance: LayerInstance, built: Built): Built['weights'] {
  const cast = ([key, tensor]: [string, SymbolicTensor]) =>
    [key, built.keepDtype.has(key) ? tensor : toCompute(instance, tensor)] as const;
  return Object.fromEntries(Object.entries(built.weights).map(cast));
}
