/** Undoes the filters of a chunk (specification IV.A.2.l), last applied first. */

import { isLoadstoneError } from '../../findings/errors.ts';
import { type Context, damaged, unsupported } from './context.ts';
import type { Hdf5FilterFacts } from './types.ts';

/** Room for what filters add to a chunk besides expanding it: checksums and headers. */
const filterSlack = 64;

/**
 * The bytes before the filters. Bit n of `mask` set: filter n was not applied. `limit` is the most that may come out.
 * `offset` is the absolute place of the stored bytes.
 */
export async function undoFilters(
  context: Context,
  filters: readonly Hdf5FilterFacts[],
  stored: Uint8Array,
  mask: number,
  limit: number,
  offset?: number,
): Promise<Uint8Array> {
  let bytes = stored;
  for (let index = filters.length - 1; index >= 0; index -= 1) {
    if (mask & (1 << index)) continue;
    const { id, name, parameters } = filters[index]!;
    const filter = context.filters.get(id);
    if (!filter) {
      throw unsupported(context, {
        code: 'hdf5-filter',
        what: `its chunks went through the filter “${name}” (${id}), which is not known here`,
        offset,
        facts: { id, name, parameters },
      });
    }
    try {
      bytes = await filter(bytes, parameters, limit + filterSlack);
    } catch (error) {
      if (isLoadstoneError(error) && error.code !== 'damaged') throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw damaged(context, {
        code: 'hdf5-filter-data',
        what: `a chunk cannot be undone by the filter “${name}”: ${why}`,
        offset,
        length: stored.byteLength,
        facts: { id, name },
      });
    }
  }
  return bytes;
}
