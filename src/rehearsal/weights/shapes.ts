/** Assigning arrays to variables: what each release says of a shape that does not fit, if it looks at all. */

import { evidence } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { obstacle, type Run, remark, since } from '../run.ts';
import { shapeFailure } from './access.ts';
import type { LayerPlace } from './by-order.ts';
import { otherRecurrent } from './gates.ts';
import type { RequiredLayer, RequiredWeight } from './required.ts';
import type { SavedWeight } from './saved-layers.ts';

type Shape = readonly number[];

export function assignShapes(
  run: Run,
  target: RequiredLayer,
  shapes: readonly Shape[],
  saved: readonly SavedWeight[],
  place: LayerPlace,
): void {
  const other = otherRecurrent(target, shapes);
  target.weights.forEach((weight, index) => {
    const found = shapes[index];
    if (!found || !weight.shape || fits(weight.shape, found)) return;
    const text = mismatchText(run, target, weight, index, found, place);
    const words = `"${saved[index]?.name ?? weight.name}" has shape ${reprShape(found)}, the model needs ${reprShape(weight.shape)}`;
    const dataset = saved[index]?.dataset;
    const misfit = dataset?.kind === 'dataset' ? shapeFailure(run, dataset) : 'architecture-mismatch-shape';
    const failure = other ? 'layer-type-mismatch' : misfit;
    const seen = other ?? evidence(words, place.file, offsetOf(saved[index]));
    if (text === null) remark(run, failure, seen);
    else obstacle(run, 'ValueError', text, { failure, evidence: seen, suppose: `shape:${place.index}.${index}` });
  });
}

function offsetOf(saved: SavedWeight | undefined): number | null {
  return saved?.dataset.kind === 'dataset' ? saved.dataset.offset : null;
}

function fits(needed: Shape, found: Shape): boolean {
  return needed.length === found.length && needed.every((size, axis) => size === found[axis]);
}

/** Null where this release assigns without looking (graph mode of TensorFlow 1.15). */
function mismatchText(
  run: Run,
  target: RequiredLayer,
  weight: RequiredWeight,
  index: number,
  found: Shape,
  place: LayerPlace,
): string | null {
  const { line, tensorflow } = run.environment;
  const needed = weight.shape!;
  const variable = variableName(run, target, weight);
  if (line === 'keras3') return keras3Text(run, weight, needed, found, place, target);
  if (line === 'keras1' || line === 'keras2') return graphText(run, needed, found, index);
  if (since(run, '2.7')) {
    return `Cannot assign value to variable ' ${variable}:0': Shape mismatch.The variable shape ${reprShape(needed)}, and the assigned value shape ${reprShape(found)} are incompatible.`;
  }
  if (since(run, '2.4'))
    return `Cannot assign to variable ${variable}:0 due to variable shape ${reprShape(needed)} and value shape ${reprShape(found)} are incompatible`;
  if (tensorflow?.startsWith('1.15') || tensorflow?.startsWith('1.14')) return null;
  return `Shapes ${reprShape(needed)} and ${reprShape(found)} are incompatible`;
}

/** Standalone Keras asks TensorFlow 1's graph, which compares axis by axis; 2.3's variables take any shape. */
function graphText(run: Run, needed: Shape, found: Shape, index: number): string | null {
  if (run.environment.backend !== 'tensorflow') return null;
  if (run.environment.line === 'keras2' && since(run, '2.3')) return null;
  const listed = (shape: Shape) => `[${shape.join(',')}]`;
  const tail = `Shapes are ${listed(needed)} and ${listed(found)}. for 'Assign${index > 0 ? `_${index}` : ''}' (op: 'Assign') with input shapes: ${listed(needed)}, ${listed(found)}.`;
  if (needed.length !== found.length)
    return `Shapes must be equal rank, but are ${needed.length} and ${found.length} for 'Assign${index > 0 ? `_${index}` : ''}' (op: 'Assign') with input shapes: ${listed(needed)}, ${listed(found)}.`;
  const axis = needed.findIndex((size, at) => size !== found[at]);
  return `Dimension ${axis} in both shapes must be equal, but are ${needed[axis]} and ${found[axis]}. ${tail}`;
}

function variableName(_run: Run, target: RequiredLayer, weight: RequiredWeight): string {
  return `${weight.layer || target.name}/${weight.name}`;
}

function keras3Text(
  run: Run,
  weight: RequiredWeight,
  needed: Shape,
  found: Shape,
  place: LayerPlace,
  target: RequiredLayer,
): string {
  if (since(run, '3.6')) {
    const path = `${target.name}/${weight.name}`;
    return `Shape mismatch in layer #${place.index} (named ${target.name})for weight ${path}. Weight expects shape ${reprShape(needed)}. Received saved weight with shape ${reprShape(found)}`;
  }
  return `The shape of the target variable and the shape of the target value in \`variable.assign(value)\` must match. variable.shape=${reprShape(needed)}, Received: value.shape=${reprShape(found)}. Target variable: <KerasVariable shape=${reprShape(needed)}, dtype=float32, path=${target.name}/${weight.name}>`;
}
