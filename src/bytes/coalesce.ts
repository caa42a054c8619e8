/** Plans which ranges to fetch for many small wishes: neighbours go together, so that a slow source is asked seldom. */

import type { Range } from './source.ts';

export interface PlannedRange<T extends Range> extends Range {
  /** The wishes that this range covers, by offset. */
  readonly parts: readonly T[];
}

export interface PlanOptions {
  /** Wishes with no more than this many bytes between them are fetched together. Default 0: only what touches. */
  gap?: number;
  /** A range that reached this many bytes takes no further wish. Default: no bound. */
  most?: number;
}

/** The ranges to fetch, by offset. Each wish lies whole in one of them. */
export function planRanges<T extends Range>(wishes: readonly T[], options: PlanOptions = {}): PlannedRange<T>[] {
  const { gap = 0, most = Number.POSITIVE_INFINITY } = options;
  const sorted = [...wishes].sort((a, b) => a.offset - b.offset);
  const ranges: { offset: number; length: number; parts: T[] }[] = [];
  for (const wish of sorted) {
    const last = ranges.at(-1);
    const length = last ? Math.max(last.length, wish.offset + wish.length - last.offset) : 0;
    if (last && wish.offset <= last.offset + last.length + gap && (length <= most || length === last.length)) {
      last.parts.push(wish);
      last.length = length;
    } else {
      ranges.push({ offset: wish.offset, length: wish.length, parts: [wish] });
    }
  }
  return ranges;
}
