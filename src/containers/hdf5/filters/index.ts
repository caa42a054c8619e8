/** The filters that are undone without being asked for more; others are added by number with the option `filters`. */

import type { Hdf5Filter } from '../types.ts';
import { deflate } from './deflate.ts';
import { fletcher32 } from './fletcher32.ts';
import { lzf } from './lzf.ts';
import { shuffle } from './shuffle.ts';

export const standardFilters: ReadonlyMap<number, Hdf5Filter> = new Map([
  [1, deflate],
  [2, shuffle],
  [3, fletcher32],
  [32000, lzf],
]);
