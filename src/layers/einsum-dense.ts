/**
 * EinsumDense: einsum(equation, x, kernel) + bias. The kernel's and the bias's shapes follow from the equation, the
 * input and `output_shape` (keras/src/layers/core/einsum_dense.py); `...` may stand at the left or the right.
 */

import type { Dim, Shape } from '../numbers/tensor.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { defineLayer } from './define.ts';
import { activation, int, list, nullable, refuse, text } from './fields.ts';
import { addBias, type KernelLayout, kernelFields, kernelWeights, multiplyKernel } from './quantized/kernel.ts';

interface EinsumShapes {
  readonly kernel: Dim[];
  readonly bias: Dim[] | null;
  readonly output: Dim[];
}

const forms = [
  /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/,
  /^\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)$/,
  /^([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.$/,
];

/** Reads an equation against shapes. Throws `bad-config` for an equation of another form. */
export function einsumShapes(
  equation: string,
  biasAxes: string | null,
  input: Shape,
  outputShape: Shape,
): EinsumShapes {
  const compact = equation.replaceAll(' ', '');
  const match = forms.map(form => form.exec(compact)).find(found => found !== null);
  if (!match)
    return refuse(equation, 'an equation like ab,bc->ac, ...x,xy->...y or ab...,bc->ac...', {
      layerName: 'einsum_dense',
      key: 'equation',
    });
  const [, from, through, to] = match as unknown as [string, string, string, string];
  const elided = input.length - from.length;
  const left = compact.startsWith('...');
  const between = left ? input.slice(1, elided) : [];
  const output: Dim[] = [input[0]!, ...between, ...outputShape, ...(left ? [] : input.slice(input.length - elided))];
  const sizeOf = (letter: string): Dim => {
    const into = from.indexOf(letter);
    if (into >= 0) return input[into + (left ? elided : 0)]!;
    const out = to.indexOf(letter);
    return out >= 0 ? output[out + (left ? elided : 0)]! : null;
  };
  const kernel = [...through].map(sizeOf);
  if (biasAxes === null) return { kernel, bias: null, output };
  const first = Math.min(...[...biasAxes].map(letter => to.indexOf(letter)));
  const bias = [...to.slice(first)].map(letter =>
    biasAxes.includes(letter) ? output[to.indexOf(letter) + (left ? elided : 0)]! : 1,
  );
  return { kernel, bias: left ? bias : [...bias, ...new Array<number>(elided).fill(1)], output };
}

/** Axes of kernel and input that are summed over, and which axis of the input each axis of the output is (or null). */
interface EinsumRoles {
  readonly kernelReduced: readonly number[];
  readonly inputReduced: readonly number[];
  readonly outputFromInput: readonly (number | null)[];
  readonly outputFromKernel: readonly (number | null)[];
}

/** Reads an equation against the rank of the input; elided axes go straight from input to output. */
function einsumRoles(equation: string, inputRank: number): EinsumRoles {
  const [operands, output] = equation.replaceAll(' ', '').split('->') as [string, string];
  const [input, kernel] = operands.split(',') as [string, string];
  const elided = inputRank - input.replace('...', '').length;
  const names = Array.from({ length: elided }, (_, at) => `…${at}`);
  const axesOf = (text: string) => {
    const [left, right] = text.split('...');
    return right === undefined ? [...text] : [...left!, ...names, ...right];
  };
  const [from, through, to] = [axesOf(input), [...kernel], axesOf(output)];
  const place = (list: readonly string[], name: string) => (list.includes(name) ? list.indexOf(name) : null);
  const reduced = (list: readonly string[], other: readonly string[]) =>
    list.flatMap((name, at) => (other.includes(name) && !to.includes(name) ? [at] : []));
  return {
    kernelReduced: reduced(through, from),
    inputReduced: reduced(from, through),
    outputFromInput: to.map(name => place(from, name)),
    outputFromKernel: to.map(name => (from.includes(name) ? null : place(through, name))),
  };
}

function layoutOf(kernel: Shape, { kernelReduced, outputFromKernel }: EinsumRoles): KernelLayout {
  return {
    shape: kernel,
    reduced: kernelReduced,
    scaleShape: outputFromKernel.map(axis => (axis === null ? 1 : kernel[axis]!)),
  };
}

/** A scale of the input, whose summed axes are 1, laid along the axes of the output. */
function againstOutput(
  scale: SymbolicTensor,
  { inputReduced, outputFromInput }: EinsumRoles,
  ops: Ops,
): SymbolicTensor {
  const kept = [...scale.shape.keys()].filter(axis => !inputReduced.includes(axis));
  const squeezed = ops.squeeze(scale, { axis: inputReduced });
  const present = outputFromInput.filter(axis => axis !== null);
  const ordered = ops.transpose(squeezed, { axes: present.map(axis => kept.indexOf(axis)) });
  const missing = outputFromInput.flatMap((axis, at) => (axis === null ? [at] : []));
  return missing.length > 0 ? ops.expandDims(ordered, missing) : ordered;
}

/** Sizes of the output as the config gives them, or as the layer that holds this one knows them. */
function outputSizes(outputShape: Shape, known: Shape | undefined): Shape {
  return outputShape.map((size, at) => size ?? known?.[at + 1] ?? null);
}

export default defineLayer({
  name: 'EinsumDense',
  config: {
    equation: text(),
    outputShape: list(nullable(int())),
    biasAxes: nullable(text()),
    activation: activation(),
    ...kernelFields,
  },
  // A layer that holds this one may know sizes that the config leaves open; it gives the output's shape second.
  weights: (config, [x, output]) => {
    const { equation, biasAxes } = config;
    const { kernel, bias } = einsumShapes(equation, biasAxes, x!, outputSizes(config.outputShape, output));
    return kernelWeights(config, layoutOf(kernel, einsumRoles(equation, x!.length)), bias);
  },
  outputShape: ({ equation, outputShape, biasAxes }, [x]) => einsumShapes(equation, biasAxes, x!, outputShape).output,
  call: (config, weights, [x], ops) => {
    const equation = config.equation.replaceAll(' ', '');
    const roles = einsumRoles(equation, x!.shape.length);
    const { kernel } = einsumShapes(equation, null, x!.shape, config.outputShape);
    const how = {
      layout: layoutOf(kernel, roles),
      product: (left: SymbolicTensor, right: SymbolicTensor) => ops.einsum(equation, left, right),
      inputAxes: roles.inputReduced,
      againstOutput: (scale: SymbolicTensor) => againstOutput(scale, roles, ops),
    };
    return config.activation(addBias(multiplyKernel(config, weights, x!, how, ops), weights.bias, config, ops));
  },
});
