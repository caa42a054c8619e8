/**
 * Would predict take these inputs, and if not, why? Each problem says what is wrong with which input, and the line of
 * NumPy that mends it. What can only be guessed (a range of 0 to 255 where the model holds no rescaling) is a remark.
 */

import type { Model, TensorSpec } from '../model/types.ts';
import type { Shape, Tensor } from '../numbers/tensor.ts';
import { type GivenInput, givenInput } from '../rehearsal/predict/given.ts';
import { missingRow } from '../rehearsal/predict/graph.ts';
import { unscaledUpTo } from '../rehearsal/predict/scaling.ts';

export interface InputProblem {
  /** Name of the input; the first for what concerns all. */
  readonly input: string;
  readonly what: string;
  readonly do: string;
  /** False for remarks: predict would take it. */
  readonly refused: boolean;
}

export function checkInputs(model: Model, specs: readonly TensorSpec[], given: readonly Tensor[]): InputProblem[] {
  const name = specs[0]?.name ?? 'input';
  if (given.length !== specs.length) {
    const what = `the model takes ${specs.length} inputs (${specs.map(spec => spec.name).join(', ')}), ${given.length} are given`;
    return [{ input: name, what, do: `model.predict([${specs.map(spec => spec.name).join(', ')}])`, refused: true }];
  }
  return specs.flatMap((spec, index) => {
    const tensor = given[index] as Tensor;
    const values = givenInput(tensor);
    return [
      ...shapeProblems(spec, tensor),
      ...typeProblems(spec, tensor),
      ...rowProblems(model, spec, values),
      ...rangeRemarks(model, spec, values),
    ];
  });
}

function text(shape: Shape): string {
  return `(${shape.map(size => size ?? 'None').join(', ')}${shape.length === 1 ? ',' : ''})`;
}

function fits(wanted: Shape, given: readonly number[]): boolean {
  return (
    wanted.length === given.length && wanted.every((size, axis) => axis === 0 || size === null || size === given[axis])
  );
}

function shapeProblems({ name, shape }: TensorSpec, tensor: Tensor): InputProblem[] {
  if (fits(shape, tensor.shape)) return [];
  const problem = (what: string, advice: string): InputProblem[] => [
    {
      input: name,
      what: `${what}: it takes ${text(shape)}, given is ${text(tensor.shape)}`,
      do: advice,
      refused: true,
    },
  ];
  for (const { what, advice, becomes } of remedies) {
    const result = becomes(tensor.shape, shape);
    if (result && fits(shape, result)) return problem(what, adviceFor(advice, name, result));
  }
  if (tensor.shape.length !== shape.length) {
    return problem(
      `an array of ${tensor.shape.length} axes where ${shape.length} are needed`,
      `${name} = ${name}.reshape(${text(shape).replace('None', '-1').replaceAll('None', '…')})`,
    );
  }
  return sizeProblem(name, shape, tensor.shape, problem);
}

/** The remedy's line with the input's name for `x`. */
function adviceFor(advice: string, name: string, shape: readonly number[]): string {
  const target = `(-1, ${shape.slice(1).join(', ')})`;
  return advice.replace('SHAPE', target).replace(/\bx\b/g, name);
}

interface Remedy {
  readonly what: string;
  /** NumPy with `x` for the input's name. */
  readonly advice: string;
  /** The shape after it; null where it does not apply. */
  readonly becomes: (given: readonly number[], wanted: Shape) => readonly number[] | null;
}

/** Tried in order; the first that makes the shape fit is told. */
const remedies: readonly Remedy[] = [
  { what: 'the batch axis is missing', advice: 'x = x[None]', becomes: given => [1, ...given] },
  { what: 'the channel axis is missing', advice: 'x = np.expand_dims(x, -1)', becomes: given => [...given, 1] },
  { what: 'batch and channel axis are missing', advice: 'x = x[None, ..., None]', becomes: given => [1, ...given, 1] },
  {
    what: 'there is an axis of one too many at the end',
    advice: 'x = np.squeeze(x, -1)',
    becomes: given => (given.at(-1) === 1 ? given.slice(0, -1) : null),
  },
  {
    what: 'channels stand first',
    advice: 'x = np.moveaxis(x, 1, -1)',
    becomes: ([batch, channels, ...rest]) => [batch ?? 1, ...rest, channels ?? 1],
  },
  {
    what: 'channels stand last',
    advice: 'x = np.moveaxis(x, -1, 1)',
    becomes: given => [given[0] ?? 1, given.at(-1) ?? 1, ...given.slice(1, -1)],
  },
  {
    what: 'it has colours where the model takes grey',
    advice: 'x = x.mean(axis=-1, keepdims=True)',
    becomes: given => (given.at(-1) === 3 ? [...given.slice(0, -1), 1] : null),
  },
  {
    what: 'it is grey where the model takes colours',
    advice: 'x = np.repeat(x, 3, axis=-1)',
    becomes: (given, wanted) => (given.at(-1) === 1 && wanted.at(-1) === 3 ? [...given.slice(0, -1), 3] : null),
  },
  { what: 'it is flat', advice: 'x = x.reshape(SHAPE)', becomes: flattened },
];

function flattened(given: readonly number[], wanted: Shape): readonly number[] | null {
  const inner = wanted.slice(1);
  if (given.length !== 2 || inner.length < 2 || inner.includes(null)) return null;
  const count = (inner as number[]).reduce((product, size) => product * size, 1);
  return given[1] === count ? [given[0] ?? 1, ...(inner as number[])] : null;
}

function sizeProblem(
  name: string,
  wanted: Shape,
  given: readonly number[],
  problem: (what: string, advice: string) => InputProblem[],
): InputProblem[] {
  const axis = wanted.findIndex((size, at) => at > 0 && size !== null && size !== given[at]);
  const [need, have] = [wanted[axis] as number, given[axis] as number];
  if (wanted.length === 4 && axis < 3) {
    const [height, width] = [wanted[1], wanted[2]];
    return problem(
      `pictures of ${given[1]} × ${given[2]}`,
      `${name} = tf.image.resize(${name}, (${height}, ${width})).numpy()`,
    );
  }
  const isSequence = (wanted.length === 2 || wanted.length === 3) && axis === 1;
  const shorter = isSequence && have < need;
  if (shorter) {
    const pad = wanted.length === 3 ? `((0, 0), (0, ${need - have}), (0, 0))` : `((0, 0), (0, ${need - have}))`;
    return problem(`sequences of ${have}, unpadded`, `${name} = np.pad(${name}, ${pad})`);
  }
  if (isSequence && wanted.length === 3)
    return problem(`sequences of ${have}, too long`, `${name} = ${name}[:, :${need}]`);
  return problem(
    `axis ${axis} has ${have} where ${need} are needed`,
    `check how ${name} is made: the model was trained on ${need}`,
  );
}

function typeProblems({ name, dtype }: TensorSpec, tensor: Tensor): InputProblem[] {
  const isText = tensor.dtype === 'string';
  if (isText === (dtype === 'string')) return [];
  const what = isText ? 'strings where numbers are needed' : 'numbers where strings are needed';
  const advice = isText
    ? `turn words into indices first; the model holds no vocabulary for ${name}`
    : `${name} = ${name}.astype(str)`;
  return [{ input: name, what, do: advice, refused: true }];
}

/** Indices beyond the rows of a table are refused where they are looked up, on a CPU at least. */
function rowProblems(model: Model, spec: TensorSpec, { range }: GivenInput): InputProblem[] {
  const missing = missingRow(model, spec, range);
  if (!missing) return [];
  const { layer, rows, worst } = missing;
  const what = `it holds ${worst}, and "${layer}" has ${rows} rows (0 to ${rows - 1})`;
  const advice = `use the vocabulary of the training, or bring what it lacks to one index: ${spec.name} = np.where(${spec.name} < ${rows}, ${spec.name}, 1)`;
  return [{ input: spec.name, what, do: advice, refused: true }];
}

function rangeRemarks(model: Model, spec: TensorSpec, { range }: GivenInput): InputProblem[] {
  const greatest = unscaledUpTo(model, spec, range);
  if (greatest === null) return [];
  const what = `values go up to ${greatest}, and nothing in the model scales them: it was likely trained on 0 to 1 or -1 to 1`;
  return [{ input: spec.name, what, do: `${spec.name} = ${spec.name} / 255.0`, refused: false }];
}
