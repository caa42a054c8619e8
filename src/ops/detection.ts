/** Choosing among overlapping boxes, as detectors end (tensorflow/core/kernels/image/non_max_suppression_op.cc). */

import { castTensor, toTensor } from './convert.ts';
import { recordAll } from './record.ts';
import type { SymbolicTensor, TensorLike } from './types.ts';

interface SuppressionOptions {
  /** A box that overlaps one already chosen by a larger share than this is left out. */
  readonly overlapThreshold?: TensorLike;
  /** Boxes of no higher score are left out. */
  readonly scoreThreshold?: TensorLike;
  /** Above 0, overlap lowers a box's score instead of leaving the box out (soft suppression). */
  readonly softSigma?: TensorLike;
  /** `boxes` is a square matrix that says how far each box overlaps each. */
  readonly areOverlaps?: boolean;
  /** How many there shall be where fewer are chosen: filled up with 0. */
  readonly paddedTo?: number | null;
}

/**
 * Which of `boxes` (n, 4: two opposite corners) to keep, best score first and no more than `most`: their numbers, their
 * scores, and how many they are.
 */
export function nonMaxSuppression(
  boxes: TensorLike,
  scores: TensorLike,
  most: TensorLike,
  options: SuppressionOptions = {},
): readonly [SymbolicTensor, SymbolicTensor, SymbolicTensor] {
  const { overlapThreshold = 0.5, scoreThreshold = Number.NEGATIVE_INFINITY, softSigma = 0 } = options;
  const { areOverlaps = false, paddedTo = null } = options;
  const given = toTensor(scores);
  const numbers = [overlapThreshold, scoreThreshold, softSigma].map(x => castTensor(toTensor(x, 'float32'), 'float32'));
  const [indices, chosen, count] = recordAll(
    'nonMaxSuppression',
    [toTensor(boxes), given, castTensor(toTensor(most, 'int32'), 'int32'), ...numbers],
    { areOverlaps, paddedTo },
    [
      { shape: [paddedTo], dtype: 'int32' },
      { shape: [paddedTo], dtype: given.dtype },
      { shape: [], dtype: 'int32' },
    ],
  );
  return [indices!, chosen!, count!];
}

interface CombinedOptions {
  readonly perClass: number;
  readonly total: number;
  readonly overlapThreshold: TensorLike;
  readonly scoreThreshold: TensorLike;
  /** Corners are brought to 0 and 1. */
  readonly clip: boolean;
}

/**
 * Suppression class by class, then the best of all classes, for each sample: `boxes` (batch, n, 1 or classes, 4), `scores`
 * (batch, n, classes). Gives boxes, scores, classes (as numbers of the scores' dtype), filled up with 0, and counts.
 */
export function combinedNonMaxSuppression(
  boxes: TensorLike,
  scores: TensorLike,
  { perClass, total, overlapThreshold, scoreThreshold, clip }: CombinedOptions,
): readonly SymbolicTensor[] {
  const [corners, given] = [toTensor(boxes), toTensor(scores)];
  const batch = corners.shape[0] ?? given.shape[0] ?? null;
  const numbers = [overlapThreshold, scoreThreshold].map(x => castTensor(toTensor(x, 'float32'), 'float32'));
  return recordAll('combinedNonMaxSuppression', [corners, given, ...numbers], { perClass, total, clip }, [
    { shape: [batch, total, 4], dtype: corners.dtype },
    { shape: [batch, total], dtype: given.dtype },
    { shape: [batch, total], dtype: given.dtype },
    { shape: [batch], dtype: 'int32' },
  ]);
}
