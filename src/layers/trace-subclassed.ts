/** Subclassed models: what a definition of the user's says is traced once, on inputs whose shapes somebody knows. */

import type { Json, Layer, TensorSpec } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import { argumentNamesOf, callInstance, instanceOf, unknownShape } from './calling.ts';
import type { TracedModel, TraceOptions } from './trace.ts';
import { inputTensor, type Tracing } from './tracing.ts';

/** A subclassed model: its definition is called once, on the inputs that it was built with or that `inputShapes` gives. */
export function traceRoot(root: Layer, options: TraceOptions, tracing: Tracing): TracedModel {
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
