/** Recurrent layers by the number of their gates, which the sizes of their kernels give away. */

import type { Evidence } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import type { RequiredLayer } from './required.ts';

const byGates: { readonly [gates: number]: string } = { 1: 'SimpleRNN', 3: 'GRU', 4: 'LSTM' };

/** Another recurrent layer's weights than the target's: what tells it, or null. Shapes: kernel, recurrent kernel, bias. */
export function otherRecurrent(
  { className, weights }: Pick<RequiredLayer, 'className' | 'weights'>,
  shapes: readonly (readonly number[])[],
): Evidence | null {
  const wanted = gatesOf(weights[1]?.shape ?? []);
  const found = gatesOf(shapes[1] ?? []);
  if (byGates[wanted] === undefined || byGates[found] === undefined) return null;
  if (wanted === found || !/(LSTM|GRU|RNN)/.test(className)) return null;
  const text = `the stored recurrent kernel ${reprShape(shapes[1]!)} has ${found} ${found === 1 ? 'gate' : 'gates'}, as ${byGates[found]} has; ${className} has ${wanted}`;
  return { text, where: null, offset: null };
}

/** `(units, gates * units)`. */
function gatesOf(shape: readonly number[]): number {
  const [units = 0, width = 0] = shape;
  return shape.length === 2 && units > 0 ? width / units : 0;
}
