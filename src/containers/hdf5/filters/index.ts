/** The filters that are undone without being asked for more; others are added by number with the option `filters`. */

import type { Hdf5Filter } from '../types.ts';

export const standardFilters: ReadonlyMap<number, Hdf5Filter> = new Map<number, Hdf5Filter>([]);
