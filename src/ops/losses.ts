/** Crossentropies and the losses and decoders of connectionist temporal classification. */

import type { DType } from '../numbers/dtype.ts';
import { logSoftmax, softplus } from './activations.ts';
import {
  add,
  clip,
  divide,
  equal,
  greaterEqual,
  less,
  logicalAnd,
  maximum,
  multiply,
  notEqual,
  subtract,
  where,
} from './binary.ts';
import { scan } from './control.ts';
import { castTensor, toTensor } from './convert.ts';
import { cast, log, negative } from './elementwise.ts';
import { arange, getItem, takeAlongAxis } from './index-by.ts';
import { log10, logaddexp } from './math.ts';
import { promote } from './promote.ts';
import { recordAll, refuse } from './record.ts';
import { argmax, max, mean, sum } from './reduce.ts';
import {
  concatenate,
  expandDims,
  full,
  fullLike,
  reshape,
  shape,
  squeeze,
  stack,
  swapaxes,
  zerosLike,
} from './shape.ts';
import { cumsum } from './sort.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

/** keras.config.epsilon(). */
const EPSILON = 1e-7;

function real(x: TensorLike): SymbolicTensor {
  const given = toTensor(x);
  return castTensor(given, promote(given.dtype, 'float')!);
}

/** -(t·log p + (1 - t)·log(1 - p)), element by element. */
export function binaryCrossentropy(
  target: TensorLike,
  output: TensorLike,
  { fromLogits = false }: { fromLogits?: boolean } = {},
): SymbolicTensor {
  const [wanted, given] = [real(target), real(output)];
  if (fromLogits) return subtract(softplus(given), multiply(wanted, given));
  const p = clip(given, EPSILON, 1 - EPSILON);
  return negative(add(multiply(wanted, log(p)), multiply(subtract(1, wanted), log(subtract(1, p)))));
}

/** -Σ t·log p along the axis of the classes. */
export function categoricalCrossentropy(
  target: TensorLike,
  output: TensorLike,
  { fromLogits = false, axis = -1 }: { fromLogits?: boolean; axis?: number } = {},
): SymbolicTensor {
  const [wanted, given] = [real(target), real(output)];
  const logarithms = fromLogits
    ? logSoftmax(given, { axis })
    : log(clip(divide(given, sum(given, { axis, keepdims: true })), EPSILON, 1 - EPSILON));
  return negative(sum(multiply(wanted, logarithms), { axis }));
}

/** The same with class numbers as targets. */
export function sparseCategoricalCrossentropy(
  target: TensorLike,
  output: TensorLike,
  { fromLogits = false }: { fromLogits?: boolean; axis?: number } = {},
): SymbolicTensor {
  const given = real(output);
  let classes = cast(target, 'int32');
  if (classes.shape.length === given.shape.length && classes.shape.at(-1) === 1)
    classes = squeeze(classes, { axis: -1 });
  const logits = fromLogits ? given : log(clip(given, EPSILON, 1 - EPSILON));
  const picked = takeAlongAxis(logSoftmax(logits), expandDims(classes, -1), { axis: -1 });
  return negative(squeeze(picked, { axis: -1 }));
}

/** Peak signal-to-noise ratio in decibels, over all elements. */
export function psnr(x1: TensorLike, x2: TensorLike, maxVal: TensorLike): SymbolicTensor {
  const difference = subtract(x1, x2);
  const error = mean(multiply(difference, difference));
  return subtract(multiply(20, log10(real(maxVal))), multiply(10, log10(error)));
}

/** Stands for the logarithm of 0 where infinities would make NaN. */
const NEVER = -1e30;

/**
 * Negative logarithm of the probability of each target sequence, blanks at `maskIndex` between any two labels.
 * `target` (batch, labels), `output` logits (batch, steps, classes), lengths (batch).
 */
export function ctcLoss(
  target: TensorLike,
  output: TensorLike,
  targetLength: TensorLike,
  outputLength: TensorLike,
  { maskIndex = 0 }: { maskIndex?: number } = {},
): SymbolicTensor {
  const logits = real(output);
  const labels = cast(target, 'int32');
  const [batch, steps] = shape(logits) as [number | SymbolicTensor, number | SymbolicTensor];
  const count = labels.shape[1] ?? refuse('ctcLoss', 'the length of the targets must be known');
  const classes = logits.shape[2] ?? refuse('ctcLoss', 'the number of classes must be known');
  const blank = maskIndex < 0 ? maskIndex + classes : maskIndex;
  const blanks = fullLike(labels, blank);
  const path = concatenate(
    [reshape(stack([blanks, labels], { axis: 2 }), [batch, 2 * count]), getItem(blanks, ['...', { stop: 1 }])],
    { axis: 1 },
  );
  const emissions = takeAlongAxis(logSoftmax(logits), expandPath(path, steps), { axis: 2 });
  const states = 2 * count + 1;
  const first = full([batch, states], NEVER, { dtype: logits.dtype });
  const start = where(less(arange(states), 2), 0, first);
  // A label may follow the one before directly only where it is another one.
  const before = concatenate([full([batch, 2], -1, { dtype: 'int32' }), getItem(path, ['...', { stop: -2 }])], {
    axis: 1,
  });
  const skips = logicalAnd(notEqual(path, blank), notEqual(path, before));
  const lengths = cast(outputLength, 'int32');
  const shifted = (alpha: SymbolicTensor, by: number) =>
    concatenate([full([batch, by], NEVER, { dtype: logits.dtype }), getItem(alpha, ['...', { stop: -by }])], {
      axis: 1,
    });
  const body = ([alpha, step]: readonly SymbolicTensor[], [emission]: readonly SymbolicTensor[]) => {
    const stay = logaddexp(alpha!, shifted(alpha!, 1));
    const jump = where(skips, logaddexp(stay, shifted(alpha!, 2)), stay);
    const moved = add(where(equal(step!, 0), start, jump), emission!);
    const inside = expandDims(less(step!, lengths), 1);
    return [[where(inside, maximum(moved, NEVER), alpha!), add(step!, 1)], []] as const;
  };
  const [[last]] = scan(body, [first, toTensor(0, 'int32')], [emissions], { axis: 1 }) as [[SymbolicTensor], unknown];
  const end = multiply(cast(targetLength, 'int32'), 2);
  const at = (index: SymbolicTensor) => squeeze(takeAlongAxis(last, expandDims(index, 1), { axis: 1 }), { axis: 1 });
  const lastLabel = where(greaterEqual(end, 1), at(maximum(subtract(end, 1), 0)), NEVER);
  return negative(logaddexp(at(end), lastLabel));
}

/** The path repeated for every step. */
function expandPath(path: SymbolicTensor, steps: number | SymbolicTensor): SymbolicTensor {
  const zeros = expandDims(multiply(arange(steps), 0), [0, 2]);
  return add(expandDims(path, 1), zeros);
}

interface DecodeOptions {
  readonly strategy?: 'greedy' | 'beam_search';
  readonly beamWidth?: number;
  readonly topPaths?: number;
  readonly mergeRepeated?: boolean;
  readonly maskIndex?: number | null;
}

/** The likeliest label sequences (paths, batch, steps), filled up with -1, and their scores. */
export function ctcDecode(
  inputs: TensorLike,
  sequenceLengths: TensorLike,
  { strategy = 'greedy', beamWidth = 100, topPaths = 1, mergeRepeated = true, maskIndex = 0 }: DecodeOptions = {},
): readonly [SymbolicTensor, SymbolicTensor] {
  const logits = real(inputs);
  const lengths = cast(sequenceLengths, 'int32');
  const classes = logits.shape[2] ?? refuse('ctcDecode', 'the number of classes must be known');
  const blank = maskIndex === null ? classes - 1 : maskIndex < 0 ? maskIndex + classes : maskIndex;
  if (strategy === 'greedy') return greedyDecode(logits, lengths, blank, mergeRepeated);
  const [batch, steps] = logits.shape as [number | null, number | null];
  const outputs = recordAll('ctcBeamSearch', [logits, lengths], { beamWidth, topPaths, blank }, [
    { shape: [topPaths, batch, steps], dtype: 'int32' },
    { shape: [batch, topPaths], dtype: logits.dtype },
  ]);
  return [outputs[0]!, outputs[1]!];
}

function greedyDecode(
  logits: SymbolicTensor,
  lengths: SymbolicTensor,
  blank: number,
  mergeRepeated: boolean,
): readonly [SymbolicTensor, SymbolicTensor] {
  const best = argmax(logits, { axis: 2 });
  const steps = arange(shape(logits)[1]!);
  const inside = less(steps, expandDims(lengths, 1));
  const before = concatenate(
    [fullLike(getItem(best, ['...', { stop: 1 }]), -1), getItem(best, ['...', { stop: -1 }])],
    { axis: 1 },
  );
  const kept = logicalAnd(
    logicalAnd(inside, notEqual(best, blank)),
    mergeRepeated ? notEqual(best, before) : notEqual(best, -1),
  );
  // Kept labels go to the front in order: each to the place of how many were kept before it.
  const place = subtract(cumsum(castTensor(kept, 'int32'), { axis: 1 }), 1);
  const hits = logicalAnd(equal(expandDims(place, 2), steps), expandDims(kept, 2));
  const decoded = subtract(sum(where(hits, expandDims(add(best, 1), 2), 0), { axis: 1 }), 1);
  const scores = negative(
    sum(where(inside, max(logits, { axis: 2 }), zerosLike(castTensor(best, logits.dtype))), {
      axis: 1,
      keepdims: true,
    }),
  );
  return [expandDims(decoded, 0), scores];
}

/** Ones at all classes that occur in a row. */
export function multiHot(
  inputs: TensorLike,
  {
    numClasses,
    axis = -1,
    dtype = 'float32',
  }: { numClasses?: number | null; axis?: number; dtype?: DType | null } = {},
): SymbolicTensor {
  const given = cast(inputs, 'int32');
  const classes = numClasses ?? refuse('multiHot', 'the number of classes is missing');
  const hits = equal(expandDims(given, -1), arange(classes));
  const any = castTensor(max(castTensor(hits, 'int32'), { axis: given.shape.length > 1 ? 1 : 0 }), dtype ?? 'float32');
  return axis === -1 || any.shape.length < 2 ? any : swapaxes(any, -1, axis);
}
