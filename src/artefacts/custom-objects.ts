/** Which classes and functions a model needs that are not Keras's own. */

import type { Era } from '../eras/era.ts';
import type { CustomObject, Json } from '../model/types.ts';

export function censusOf(
  _config: Json | undefined,
  _training: Json | undefined,
  _era: Era,
  _path: string,
): CustomObject[] {
  return [];
}
