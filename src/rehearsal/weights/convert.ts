/**
 * Layout conversions that loaders before Keras 3 apply to what they read, as far as shapes tell: Keras 1's arrays, the
 * blind transpose of kernels, CuDNN's biases. Facts: `preprocess_weights_for_loading` of the tags.
 */

import { evidence, raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { type Run, since } from '../run.ts';
import { otherRecurrent } from './gates.ts';
import type { RequiredLayer } from './required.ts';

type Shape = readonly number[];

const kernelClasses = ['Conv1D', 'Conv2D', 'Conv3D', 'Conv2DTranspose', 'ConvLSTM2D'];

/** Shapes as they are after conversion. */
export function convertSaved(run: Run, target: RequiredLayer, saved: readonly Shape[]): Shape[] {
  const { line } = run.environment;
  if (line === 'keras3') return [...saved];
  let shapes = [...saved];
  if (line === 'keras1') return asToday(target, shapes);
  if (isKeras1File(run)) shapes = fromKeras1(target, shapes);
  if (kernelClasses.includes(target.className)) shapes = transposeKernels(target, shapes);
  return convertRecurrent(run, target, shapes);
}

/** Keras 1 takes its own layout as it lies: where that is the layer's in today's words, the shapes agree. */
function asToday(target: RequiredLayer, shapes: readonly Shape[]): Shape[] {
  const today = fromKeras1(target, [...shapes]);
  const agree = today.every((shape, index) => same(shape, target.weights[index]?.shape ?? []));
  return agree ? today : [...shapes];
}

/** True where the file has no `keras_version` beside its weights, or says 1. */
function isKeras1File(run: Run): boolean {
  return run.weightsVersion === null || run.weightsVersion === '1';
}

function same(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function fromKeras1({ className, config }: Pick<RequiredLayer, 'className' | 'config'>, shapes: Shape[]): Shape[] {
  const first = config.data_format === 'channels_first';
  const kernel = shapes[0];
  const permuted = (axes: readonly number[]) => [axes.map(axis => kernel![axis]!), ...shapes.slice(1)];
  if (kernel?.length === 4 && className === 'Conv1D') return [[kernel[0]!, kernel[2]!, kernel[3]!], ...shapes.slice(1)];
  if (kernel?.length === 4 && className === 'Conv2D' && first) return permuted([2, 3, 1, 0]);
  if (kernel?.length === 4 && className === 'Conv2DTranspose') return permuted(first ? [2, 3, 0, 1] : [0, 1, 3, 2]);
  if (kernel?.length === 5 && className === 'Conv3D' && first) return permuted([2, 3, 4, 1, 0]);
  if (className === 'Bidirectional' && shapes.length > 6) {
    const half = shapes.length / 2;
    const inner = { className: half === 12 ? 'LSTM' : 'GRU', config };
    return [...fromKeras1(inner, shapes.slice(0, half)), ...fromKeras1(inner, shapes.slice(half))];
  }
  const gates = className === 'GRU' ? 3 : className === 'LSTM' || className === 'ConvLSTM2D' ? 4 : 0;
  if (gates === 0 || shapes.length !== 3 * gates) return shapes;
  const joined = (shape: Shape) => [...shape.slice(0, -1), shape.at(-1)! * gates];
  return [joined(shapes[0]!), joined(shapes[1]!), joined(shapes[2]!)];
}

function size(shape: Shape): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** A kernel of another shape is transposed, whatever it is; one of another rank cannot be. */
function transposeKernels({ className, weights }: RequiredLayer, shapes: Shape[]): Shape[] {
  const needed = weights[0]?.shape;
  const kernel = shapes[0];
  if (!needed || !kernel || same(needed, kernel)) return shapes;
  const transpose = (shape: Shape): Shape => {
    if (shape.length === 4) return [shape[3]!, shape[2]!, shape[0]!, shape[1]!];
    raise('ValueError', "axes don't match array", {
      failure: size(shape) === size(needed) ? 'architecture-mismatch-shape' : 'weights-order-or-name-mismatch',
      evidence: evidence(`a kernel of shape ${reprShape(shape)} where one of ${reprShape(needed)} is needed`),
    });
  };
  return shapes.map((shape, index) =>
    index === 0 || (index === 1 && className === 'ConvLSTM2D') ? transpose(shape) : shape,
  );
}

function convertRecurrent(run: Run, target: RequiredLayer, shapes: Shape[]): Shape[] {
  if (run.environment.line === 'keras2' && !since(run, '2.1.5')) return shapes;
  const gates =
    /LSTM$/.test(target.className) && !/Conv/.test(target.className) ? 4 : /GRU$/.test(target.className) ? 3 : 0;
  if (gates === 0 || shapes.length !== 3) return shapes;
  const [kernel, recurrent, bias] = shapes as [Shape, Shape, Shape];
  const units = recurrent[0] ?? 0;
  const doubled = same(bias, [2 * units * gates]);
  const single = same(bias, [units * gates]);
  const paired = gates === 3 && same(bias, [2, units * gates]);
  if (!doubled && !single && !paired) {
    const other = otherRecurrent(target, shapes);
    const words = `the bias has shape ${reprShape(bias)}, ${target.className} of ${units} units has another`;
    raise('ValueError', `Invalid bias shape: ${reprShape(bias)}`, {
      failure: other ? 'layer-type-mismatch' : 'architecture-mismatch-shape',
      evidence: other ?? evidence(words, target.name),
    });
  }
  if (gates === 4) {
    const wanted = target.className === 'CuDNNLSTM' ? 2 * units * gates : units * gates;
    return [kernel, recurrent, [wanted]];
  }
  const source = doubled ? 'CuDNNGRU' : paired ? 'GRU(reset_after=True)' : 'GRU(reset_after=False)';
  const wanted =
    target.className === 'CuDNNGRU' ? 'CuDNNGRU' : `GRU(reset_after=${resetsAfter(target) ? 'True' : 'False'})`;
  if (source === wanted) return shapes;
  if (source === 'GRU(reset_after=False)' || wanted === 'GRU(reset_after=False)') {
    raise('ValueError', `${source} is not compatible with ${wanted}`, {
      failure: 'architecture-mismatch-shape',
      evidence: evidence(`the file holds ${source}, the model has ${wanted}`, target.name),
    });
  }
  return [kernel, recurrent, wanted === 'CuDNNGRU' ? [2 * units * gates] : [2, units * gates]];
}

function resetsAfter(target: RequiredLayer): boolean {
  const bias = target.weights[2]?.shape;
  return bias ? bias.length === 2 : target.config.reset_after === true;
}
