/** Weights against an architecture as a table. */

import type { Pair, Pairing } from '../failures/pair-weights.ts';

const words: Readonly<Record<Pair['status'], string>> = {
  match: 'fits',
  shape: 'OTHER SHAPE',
  missing: 'NOT IN THE FILE',
  extra: 'not in the architecture',
};

export function pairingText({ by, pairs, edit }: Pairing): string {
  const fitting = pairs.filter(({ status }) => status === 'match').length;
  const rows = pairs.map(pair => [pair.layer ?? '–', pair.stored ?? '–', words[pair.status], shapesText(pair)]);
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] as string).length), 12));
  const head = ['architecture', 'file', '', 'shapes'];
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column] as number) : cell))
      .join('  ')
      .trimEnd();
  const verdict = fitting === pairs.length ? 'All weights fit' : `${fitting} of ${pairs.length} layers fit`;
  return [`${verdict}, paired by ${by}.`, ...(edit ? ['', `  ${edit}.`] : []), '', line(head), ...rows.map(line)].join(
    '\n',
  );
}

function shapesText({ status, shapes }: Pair): string {
  const list = (all: readonly (readonly number[])[]) => all.map(shape => `(${shape.join(', ')})`).join(' ');
  if (status === 'match') return list(shapes.wanted);
  if (status === 'missing') return `needs ${list(shapes.wanted)}`;
  return status === 'extra' ? `has ${list(shapes.stored)}` : `needs ${list(shapes.wanted)}, has ${list(shapes.stored)}`;
}
