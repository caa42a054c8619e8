/** Raw facts of artefacts, as loaders meet them. */

export { type RawPlace, readRawArtefact } from './read.ts';
export { readRawHdf5 } from './read-hdf5.ts';
export { greatestPlausible } from './read-values.ts';
export { readRawZip } from './read-zip.ts';
export type * from './types.ts';
