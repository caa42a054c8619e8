/** Chunked datasets. */

import { type Context, unsupported } from './context.ts';
import type { DatasetFacts } from './dataset.ts';
import type { Hdf5Chunk } from './types.ts';

export async function listChunks(_context: Context, _facts: DatasetFacts): Promise<Hdf5Chunk[]> {
  return [];
}

export async function readChunked(context: Context, facts: DatasetFacts): Promise<Uint8Array> {
  throw unsupported(context, { code: 'hdf5-chunks', what: 'chunks are not read yet', offset: facts.headerOffset });
}
