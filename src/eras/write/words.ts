/** Arguments that constructors take in other words than those under which they stand here, or in files. */

import type { Json } from '../../model/types.ts';

/** What Keras itself called what stands under words of ours: whether a release means it so, reading back tells. */
const eraWords: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  padding: { half: 'same' },
  interpolation: { bilinear_legacy: 'bilinear' },
};

/** Undefined where the argument is written as it is. */
export function wordOf(key: string, value: Json): Json | undefined {
  if (typeof value === 'string') return eraWords[key]?.[value];
  return shearFactor(key, value);
}

/**
 * RandomShear writes the range -f to f that it makes of a number, and takes none below zero
 * (image_preprocessing/random_shear.py: _check_factor_range).
 */
function shearFactor(key: string, value: Json): Json | undefined {
  if (!/^[xy]_factor$/.test(key) || !Array.isArray(value)) return undefined;
  const [lower, upper] = value;
  return typeof upper === 'number' && upper > 0 && lower === -upper ? upper : undefined;
}
