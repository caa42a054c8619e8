/** Attributes that were split because an object header holds no more than 64 KB. */

import type { ReadOptions } from '../../bytes/source.ts';
import type { Hdf5AttributeValue, Hdf5ObjectBase } from './types.ts';

/** More pieces than any writer makes: each holds up to 64 KB of names. */
const greatestPieces = 100_000;

/**
 * The attribute `name`, or else `name0`, `name1`, … joined into one list. Null where there is neither. Numeric arrays,
 * as h5py writes an empty list, join as an empty list of strings.
 */
export async function joinedAttribute(
  object: Hdf5ObjectBase,
  name: string,
  options?: ReadOptions,
): Promise<Hdf5AttributeValue> {
  const whole = await object.attribute(name, options);
  if (whole) return whole.value;
  const first = await object.attribute(`${name}0`, options);
  if (!first) return null;
  const all = await object.attributes(options);
  const joined: string[] = [];
  for (let piece = 0; piece < greatestPieces; piece += 1) {
    const part = all.get(`${name}${piece}`)?.value;
    if (part === undefined) break;
    if (typeof part === 'string') joined.push(part);
    else if (Array.isArray(part)) joined.push(...part);
  }
  return joined;
}
