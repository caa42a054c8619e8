/** Preprocessing of categories and text. */

import categoryEncoding from './category-encoding.ts';
import discretization from './discretization.ts';
import hashing from './hashing.ts';
import lookup from './lookup.ts';
import textVectorization from './text-vectorization.ts';

export default [...lookup, textVectorization, ...hashing, discretization, categoryEncoding];
