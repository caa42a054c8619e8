/** The checks that every source makes before it reads. */

import { LoadstoneError } from '../findings/errors.ts';
import type { ReadOptions } from './source.ts';

/** Throws `aborted` where the signal says so, `out-of-bounds` where the range leaves the source. */
export function checkRange(
  source: { name: string; size: number },
  offset: number,
  length: number,
  options?: ReadOptions,
): void {
  checkSignal(source.name, options?.signal);
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (whole && offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new LoadstoneError(
    'out-of-bounds',
    `bytes ${offset} to ${offset + length} lie outside its ${source.size} bytes`,
    {
      where: source.name,
      offset,
      do: 'The file is probably truncated: compare its size with the original and copy it again.',
    },
  );
}

/** Throws `aborted` where the signal was aborted. */
export function checkSignal(name: string, signal?: AbortSignal): void {
  if (!signal?.aborted) return;
  throw new LoadstoneError('aborted', 'reading was aborted', { where: name, cause: signal.reason });
}

/** What `reading` gives, or `aborted` as soon as the signal says so; the reading itself may go on for others. */
export async function orAborted<T>(name: string, reading: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return reading;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      try {
        checkSignal(name, signal);
      } catch (error) {
        reject(error);
      }
    };
    signal.addEventListener('abort', stop);
    stop();
  });
  try {
    return await Promise.race([reading, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
