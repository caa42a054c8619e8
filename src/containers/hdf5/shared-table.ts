/** The file's table of shared messages (specification III.G and IV.A.2.p). */

import { type Context, unsupported } from './context.ts';

/** The message of `type` kept in the file's heap of shared messages under `id`. */
export async function sharedHeapObject(
  context: Context,
  type: number,
  _id: Uint8Array,
  offset: number,
): Promise<{ bytes: Uint8Array; offset: number }> {
  throw unsupported(context, { code: 'hdf5-shared-table', what: `message type ${type} lies in a shared heap`, offset });
}
