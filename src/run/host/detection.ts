/** Host kernels that choose among overlapping boxes (tensorflow/core/kernels/image/non_max_suppression_op.cc). */

import { unpackNumbers } from '../../numbers/pack.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { type Kernel, type Kernels, result } from './kernel.ts';

/** How far boxes `a` and `b` overlap: 0 to 1. */
type Overlap = (a: number, b: number) => number;

interface Candidate {
  readonly box: number;
  score: number;
  /** The first chosen box that it was not compared with yet: one box lowers another's score once. */
  from: number;
}

interface Choice {
  readonly box: number;
  readonly score: number;
}

interface Bounds {
  readonly most: number;
  readonly overlapThreshold: number;
  readonly scoreThreshold: number;
  readonly softSigma: number;
}

/** Shared area by whole area, for boxes given by any two opposite corners. */
function sharedArea(corners: ArrayLike<number>, start: (box: number) => number): Overlap {
  const sides = (at: number) => {
    const [a, b, c, d] = [corners[at]!, corners[at + 1]!, corners[at + 2]!, corners[at + 3]!];
    return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)] as const;
  };
  return (a, b) => {
    const [top, left, bottom, right] = sides(start(a));
    const [top2, left2, bottom2, right2] = sides(start(b));
    const [area, area2] = [(bottom - top) * (right - left), (bottom2 - top2) * (right2 - left2)];
    if (area <= 0 || area2 <= 0) return 0;
    const height = Math.max(Math.min(bottom, bottom2) - Math.max(top, top2), 0);
    const width = Math.max(Math.min(right, right2) - Math.max(left, left2), 0);
    return (height * width) / (area + area2 - height * width);
  };
}

/** Best score first; among equals the box that comes first. */
const byScore = (a: Candidate, b: Candidate) => b.score - a.score || a.box - b.box;

function choose(scores: readonly number[], overlap: Overlap, bounds: Bounds): Choice[] {
  const { most, scoreThreshold } = bounds;
  const queue = scores
    .map((score, box): Candidate => ({ box, score, from: 0 }))
    .filter(({ score }) => score > scoreThreshold)
    .sort(byScore);
  const chosen: Choice[] = [];
  for (let next = queue.shift(); next && chosen.length < most; next = queue.shift()) {
    const before = next.score;
    const isOut = weaken(next, chosen, overlap, bounds);
    next.from = chosen.length;
    if (isOut) continue;
    if (next.score === before) chosen.push({ box: next.box, score: next.score });
    else if (next.score > scoreThreshold) insert(queue, next);
  }
  return chosen;
}

/** Compares a candidate with boxes chosen since it was last looked at; true where one of them suppresses it. */
function weaken(candidate: Candidate, chosen: readonly Choice[], overlap: Overlap, bounds: Bounds): boolean {
  const { overlapThreshold, scoreThreshold, softSigma } = bounds;
  for (let at = chosen.length - 1; at >= candidate.from; at -= 1) {
    const share = overlap(candidate.box, chosen[at]!.box);
    if (softSigma > 0) candidate.score *= Math.exp((-0.5 / softSigma) * share * share);
    else if (share > overlapThreshold) return true;
    if (candidate.score <= scoreThreshold) return false;
  }
  return false;
}

function insert(queue: Candidate[], candidate: Candidate): void {
  const at = queue.findIndex(other => byScore(candidate, other) < 0);
  queue.splice(at < 0 ? queue.length : at, 0, candidate);
}

const scalar = (x: Tensor) => Number(unpackNumbers(x)[0]);

const nonMaxSuppression: Kernel = (node, [boxes, scores, ...limits]) => {
  const { areOverlaps, paddedTo } = node.attributes as { areOverlaps: boolean; paddedTo: number | null };
  const [most, overlapThreshold, scoreThreshold, softSigma] = limits.map(scalar) as [number, number, number, number];
  const values = unpackNumbers(boxes!);
  const count = scores!.shape[0]!;
  const overlap: Overlap = areOverlaps ? (a, b) => values[a * count + b]! : sharedArea(values, box => box * 4);
  const chosen = choose(Array.from(unpackNumbers(scores!)), overlap, {
    most,
    overlapThreshold,
    scoreThreshold,
    softSigma,
  });
  const length = paddedTo ?? chosen.length;
  const filled = Array.from({ length }, (_, at) => chosen[at] ?? { box: 0, score: 0 });
  return [
    result(
      node,
      [length],
      filled.map(({ box }) => box),
    ),
    result(
      node,
      [length],
      filled.map(({ score }) => score),
      1,
    ),
    result(node, [], [chosen.length], 2),
  ];
};

interface Combined {
  readonly perClass: number;
  readonly total: number;
  readonly clip: boolean;
}

/** The best boxes of one sample, over all its classes. */
function chooseOverClasses(
  count: number,
  classes: number,
  scoreOf: (box: number, kind: number) => number,
  overlapIn: (kind: number) => Overlap,
  bounds: Bounds,
): (Choice & { readonly kind: number })[] {
  return Array.from({ length: classes }, (_, kind) => {
    const scores = Array.from({ length: count }, (_, box) => scoreOf(box, kind));
    return choose(scores, overlapIn(kind), bounds).map(choice => ({ ...choice, kind }));
  })
    .flat()
    .sort((a, b) => b.score - a.score);
}

const combinedNonMaxSuppression: Kernel = (node, [boxes, scores, ...limits]) => {
  const { perClass, total, clip } = node.attributes as unknown as Combined;
  const [overlapThreshold, scoreThreshold] = limits.map(scalar) as [number, number];
  const [batch, count, classes] = scores!.shape as [number, number, number];
  const kinds = boxes!.shape[2]!;
  const [corners, values] = [unpackNumbers(boxes!), unpackNumbers(scores!)];
  const bounds: Bounds = { most: perClass, overlapThreshold, scoreThreshold, softSigma: 0 };
  const made = [batch * total * 4, batch * total, batch * total, batch].map(size => new Float64Array(size));
  for (let sample = 0; sample < batch; sample += 1) {
    const start = (box: number, kind: number) => ((sample * count + box) * kinds + (kinds === 1 ? 0 : kind)) * 4;
    const scoreOf = (box: number, kind: number) => values[(sample * count + box) * classes + kind]!;
    const overlapIn = (kind: number) => sharedArea(corners, box => start(box, kind));
    const best = chooseOverClasses(count, classes, scoreOf, overlapIn, bounds).slice(0, total);
    best.forEach(({ box, score, kind }, place) => {
      const at = sample * total + place;
      for (let side = 0; side < 4; side += 1) {
        const value = corners[start(box, kind) + side]!;
        made[0]![at * 4 + side] = clip ? Math.min(Math.max(value, 0), 1) : value;
      }
      made[1]![at] = score;
      made[2]![at] = kind;
    });
    made[3]![sample] = best.length;
  }
  const shapes = [[batch, total, 4], [batch, total], [batch, total], [batch]];
  return made.map((numbers, at) => result(node, shapes[at]!, numbers, at));
};

export const detectionKernels: Kernels = { nonMaxSuppression, combinedNonMaxSuppression };
