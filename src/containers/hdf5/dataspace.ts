/** Dataspace messages (specification IV.A.2.b): how many elements, along which axes. */

import type { Cursor } from '../../bytes/cursor.ts';
import { type Context, damaged } from './context.ts';

export interface Dataspace {
  /** Null for a null space, which has no elements; `[]` for a scalar. */
  shape: readonly number[] | null;
  /** Greatest sizes, null for unlimited axes. */
  maxShape: readonly (number | null)[] | null;
}

const greatestRank = 32;

export function parseDataspace(context: Context, at: Cursor): Dataspace {
  const offset = at.offset;
  const version = at.u8();
  const rank = at.u8();
  const flags = at.u8();
  const kind = at.u8(); // version 1: reserved
  if ((version !== 1 && version !== 2) || rank > greatestRank) {
    throw damaged(context, {
      code: 'hdf5-dataspace',
      what: `a dataspace of version ${version} and rank ${rank} is none`,
      offset,
      length: 4,
      facts: { version, rank },
    });
  }
  if (version === 1) at.skip(4);
  if (version === 2 && kind === 2) return { shape: null, maxShape: null };
  const shape = Array.from({ length: rank }, () => at.uint(context.lengthSize));
  const maxShape = flags & 1 ? shape.map(() => at.uintOrNull(context.lengthSize)) : shape;
  return { shape, maxShape };
}

/** Number of elements; may be beyond what can be held, so compare it with a limit before use. */
export function elementsOf(space: Dataspace): number {
  return space.shape === null ? 0 : space.shape.reduce((product, size) => product * size, 1);
}
