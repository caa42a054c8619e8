/**
 * EinsumDense: einsum(equation, x, kernel) + bias. The kernel's and the bias's shapes follow from the equation, the
 * input and `output_shape` (keras/src/layers/core/einsum_dense.py); `...` may stand at the left or the right.
 */

import type { Dim, Shape } from '../numbers/tensor.ts';
import { defineLayer } from './define.ts';
import { activation, int, list, nullable, refuse, text } from './fields.ts';

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

export default defineLayer({
  name: 'EinsumDense',
  config: {
    equation: text(),
    outputShape: list(nullable(int())),
    biasAxes: nullable(text()),
    activation: activation(),
  },
  // A layer that holds this one may know sizes that the config leaves open; it gives the output's shape second.
  weights: ({ equation, outputShape, biasAxes }, [x, output]) => {
    const sizes = outputShape.map((size, at) => size ?? output?.[at + 1] ?? null);
    const { kernel, bias } = einsumShapes(equation, biasAxes, x!, sizes);
    return { kernel, ...(bias && { bias }) };
  },
  outputShape: ({ equation, outputShape, biasAxes }, [x]) => einsumShapes(equation, biasAxes, x!, outputShape).output,
  call: ({ equation, activation }, { kernel, bias }, [x], ops) => {
    const product = ops.einsum(equation.replaceAll(' ', ''), x!, kernel!);
    return activation(bias ? ops.add(product, bias) : product);
  },
});
