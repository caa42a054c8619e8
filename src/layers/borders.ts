/** How many cells to add or cut at both ends of each spatial axis, in every form in which configs store it. */

import { type Field, refuse } from './fields.ts';

export type Borders = readonly (readonly [number, number])[];

/**
 * Accepts n; [n, m] (one number for each axis, or for a lone axis its two ends); pairs; and a flat list of two numbers
 * for each axis (Keras 1).
 */
export function borders(rank: number, fallback: number): Field<Borders> {
  const needed = `a whole number, ${rank === 1 ? 'two of them' : `${rank} of them`}, or a pair for each axis`;
  return {
    read(value, context) {
      if (value === undefined) return repeated(rank, fallback);
      return parse(value, rank) ?? refuse(value, needed, context);
    },
  };
}

function repeated(rank: number, cells: number): Borders {
  return Array.from({ length: rank }, () => [cells, cells] as const);
}

function parse(value: unknown, rank: number): Borders | null {
  if (Number.isInteger(value)) return repeated(rank, value as number);
  if (!Array.isArray(value)) return null;
  if (value.every(Number.isInteger)) {
    const list = value as number[];
    if (list.length === 2 * rank)
      return Array.from({ length: rank }, (_, axis) => [list[2 * axis]!, list[2 * axis + 1]!] as const);
    return list.length === rank ? list.map(cells => [cells, cells] as const) : null;
  }
  const pairs = value.map(one =>
    Array.isArray(one) && one.length === 2 && one.every(Number.isInteger) ? (one as [number, number]) : null,
  );
  return pairs.length === rank && pairs.every(pair => pair !== null) ? pairs : null;
}
