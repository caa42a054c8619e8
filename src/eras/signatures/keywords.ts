/** Which lines of Keras know a keyword: to tell another release's argument from one that nobody ever had. */

import type { Line } from '../../model/types.ts';
import { table as keras1 } from './keras1.ts';
import { table as keras2 } from './keras2.ts';
import { table as keras3 } from './keras3.ts';
import type { SignatureTable } from './table.ts';
import { table as tfKeras } from './tf-keras.ts';

const tables: readonly (readonly [Line, SignatureTable])[] = [
  ['keras1', keras1],
  ['keras2', keras2],
  ['tf.keras', tfKeras],
  ['keras3', keras3],
];

const words = new Map<Line, ReadonlySet<string>>();

/** Every word of every signature of a line, base classes' keywords included. */
function wordsOf(line: Line, { names, pool }: SignatureTable): ReadonlySet<string> {
  const known = words.get(line);
  if (known) return known;
  const found = new Set<string>();
  for (const [key, spans] of Object.entries(names)) {
    const base = key.startsWith('base.');
    for (let at = 2; at < spans.length; at += 3) {
      const text = pool[spans[at]!]!;
      const signature = base ? text : (text.split('|')[3] ?? '');
      for (const word of signature.split(' ')) found.add(word.replace(/[!+*]/g, ''));
    }
  }
  words.set(line, found);
  return found;
}

/** Lines in which some class takes that keyword. */
export function linesKnowing(keyword: string): readonly Line[] {
  return tables.filter(([line, table]) => wordsOf(line, table).has(keyword)).map(([line]) => line);
}
