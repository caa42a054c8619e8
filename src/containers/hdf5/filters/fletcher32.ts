/** Filter 3, fletcher32: a checksum behind the bytes, verified and cut off. */

import { fletcher32 as sum } from '../checksum.ts';
import type { Hdf5Filter } from '../types.ts';

export const fletcher32: Hdf5Filter = bytes => {
  const length = bytes.length - 4;
  if (length < 0) throw new Error('it is too short for a checksum');
  const stored = new DataView(bytes.buffer, bytes.byteOffset + length, 4).getUint32(0, true);
  const computed = sum(bytes.subarray(0, length));
  // libhdf5 before 1.6.3 wrote the bytes of each half in the other order on little-endian machines.
  const swapped = ((computed & 0x00ff00ff) << 8) | ((computed >>> 8) & 0x00ff00ff);
  if (stored !== computed && stored !== swapped >>> 0) throw new Error('its checksum does not match');
  return bytes.subarray(0, length);
};
