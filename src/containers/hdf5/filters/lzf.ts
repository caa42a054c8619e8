/** Filter 32000, LZF as h5py applies it: literal runs and references up to 8 KB back. */

import type { Hdf5Filter } from '../types.ts';

export const lzf: Hdf5Filter = (bytes, parameters, limit) => {
  // h5py stores the chunk's size as the third parameter; other writers may not.
  const out = new Uint8Array(parameters[2] ? Math.min(parameters[2], limit) : limit);
  let to = 0;
  let from = 0;
  const need = (count: number): void => {
    if (to + count > out.length) throw new Error(`it expands to more than ${out.length} bytes`);
  };
  while (from < bytes.length) {
    const control = bytes[from++]!;
    if (control < 32) {
      const length = control + 1;
      need(length);
      if (from + length > bytes.length) throw new Error('it ends inside a run of literals');
      out.set(bytes.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    const short = control >> 5;
    const length = 2 + (short === 7 ? 7 + (bytes[from++] ?? 0) : short);
    const back = (((control & 0x1f) << 8) | (bytes[from++] ?? 0)) + 1;
    if (from > bytes.length || back > to) throw new Error('it refers to bytes before its beginning');
    need(length);
    // Byte by byte: a reference may overlap what it writes.
    for (let index = 0; index < length; index += 1, to += 1) out[to] = out[to - back]!;
  }
  return out.subarray(0, to);
};
