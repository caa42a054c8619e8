/** Dense storage of links and attributes: messages in a fractal heap, listed by a B-tree of version 2. */

import { type Context, type Lost, unsupported } from './context.ts';
import type { MessageBytes } from './shared-message.ts';

/** All messages of the heap at a file address, in the order of the index that keeps creation order, else by name's hash. */
export async function denseMessages(
  context: Context,
  heap: number,
  _indexes: { names: number | null; order: number | null },
  what: 'links' | 'attributes',
  _lost: Lost,
): Promise<MessageBytes[]> {
  throw unsupported(context, {
    code: 'hdf5-dense',
    what: `dense ${what} are not read yet`,
    offset: context.base + heap,
  });
}
