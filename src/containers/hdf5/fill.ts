/** What was never written has the fill value; and what a file may make of little bytes is bounded here. */

import { LoadstoneError } from '../../findings/errors.ts';
import { type Context, report } from './context.ts';
import type { DatasetFacts } from './dataset.ts';
import { greatestFill } from './limits.ts';

/** Throws `limit` where a dataset claims more bytes than can be held. */
export function checkLength(context: Context, byteLength: number, offset: number): void {
  if (byteLength <= context.limits.valueBytes) return;
  throw tooLarge(context, byteLength, offset, `more than ${context.limits.valueBytes}, the most that is read at once`);
}

export function tooLarge(context: Context, byteLength: number, offset: number, why: string): LoadstoneError {
  const what = `it declares ${byteLength} bytes, ${why}`;
  const cause = report(context, 'error', { code: 'hdf5-declared-size', what, offset, facts: { byteLength } });
  return new LoadstoneError('limit', what, { where: context.label, offset, cause });
}

/** All elements of a dataset that has no storage. */
export function filled(context: Context, facts: DatasetFacts): Uint8Array {
  if (facts.byteLength > greatestFill) {
    throw tooLarge(context, facts.byteLength, facts.headerOffset, 'but none of them are stored');
  }
  const out = new Uint8Array(facts.byteLength);
  repeatFill(out, facts);
  return out;
}

/** Writes the fill value over `out`. One of the wrong size is ignored, as zeros. */
export function repeatFill(out: Uint8Array, { storage, datatype }: DatasetFacts): void {
  const value = storage.fillValue;
  if (!value || value.length !== datatype.size || value.every(byte => byte === 0)) return;
  if (value.length === 1) {
    out.fill(value[0]!);
    return;
  }
  // Doubling: each copy moves as much as is there already.
  out.set(value.subarray(0, Math.min(value.length, out.length)));
  for (let done = value.length; done < out.length; done *= 2)
    out.copyWithin(done, 0, Math.min(done, out.length - done));
}
