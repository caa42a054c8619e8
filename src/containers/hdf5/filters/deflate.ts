/** Filter 1, deflate: a zlib stream (RFC 1950), checked by its Adler-32. */

import { inflate } from '../../../bytes/inflate.ts';
import type { Hdf5Filter } from '../types.ts';

export const deflate: Hdf5Filter = async (bytes, _parameters, limit) => {
  const inflated = await inflate(bytes, limit, true);
  if (inflated.problem) throw new Error(inflated.problem);
  return inflated.bytes;
};
