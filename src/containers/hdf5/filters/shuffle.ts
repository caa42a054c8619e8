/** Filter 2, shuffle: the first bytes of all elements stand first, then all second bytes, and so on. */

import type { Hdf5Filter } from '../types.ts';

export const shuffle: Hdf5Filter = (bytes, parameters) => {
  const size = parameters[0] ?? 1;
  const count = Math.floor(bytes.length / size);
  if (size <= 1 || count <= 1) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let byte = 0; byte < size; byte += 1) {
    let from = byte * count;
    for (let to = byte; to < count * size; to += size) {
      out[to] = bytes[from]!;
      from += 1;
    }
  }
  // What is left over after whole elements was not moved.
  out.set(bytes.subarray(count * size), count * size);
  return out;
};
