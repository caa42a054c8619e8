/**
 * What stands between the brackets of `x[...]` as configs store it: numbers, nulls for new axes, tensors, slices as
 * `{"class_name": "__slice__", "config": {start, stop, step}}` (Keras 3) or `{start, stop, step}` (tf.keras), and the
 * ellipsis as `{"class_name": "__ellipsis__"}`.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import { isSymbolic } from '../../ops/convert.ts';
import type { IndexKey } from '../../ops/index-by.ts';
import type { SizeLike } from '../../ops/types.ts';

/** Reads a stored index. Throws `bad-config` for what is none. */
export function readIndexKey(stored: unknown): IndexKey | readonly IndexKey[] {
  return Array.isArray(stored) ? stored.map(readPart) : readPart(stored);
}

function readPart(stored: unknown): IndexKey {
  if (stored === null || typeof stored === 'number') return stored;
  if (typeof stored === 'boolean') return Number(stored);
  if (isSymbolic(stored)) return stored;
  if (typeof stored === 'object' && stored !== undefined) {
    const object = stored as { [key: string]: unknown };
    if (object.class_name === '__ellipsis__') return '...';
    const bounds = (object.class_name === '__slice__' ? object.config : object) as { [key: string]: unknown };
    if (bounds && ('start' in bounds || 'stop' in bounds)) {
      return { start: bound(bounds.start), stop: bound(bounds.stop), step: bound(bounds.step) as number | null };
    }
    if ('value' in object) return readPart(object.value);
  }
  throw new LoadstoneError('bad-config', `an index of a tensor is ${JSON.stringify(stored)}`);
}

function bound(stored: unknown): SizeLike | null {
  if (stored === null || stored === undefined) return null;
  if (typeof stored === 'number' || isSymbolic(stored)) return stored;
  const { value } = stored as { value?: unknown };
  return typeof value === 'number' ? value : null;
}
