/** TensorFlow checkpoints in `load_weights`. */

import { evidence, raise } from '../python/exception.ts';
import { type Run, since } from '../run.ts';

/** True where the file was taken for a checkpoint; false where it is no table, and HDF5 is tried. */
export function loadCheckpoint(run: Run): boolean {
  const { path, presence, files } = run.raw;
  void since;
  if (presence === 'file' && !files.some(name => name === `${path}.index`)) return false;
  if (files.some(name => name === `${path}.index`)) return true;
  raise('NotFoundError', `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${path}`, {
    failure: 'checkpoint-missing-files',
    evidence: evidence(`there is no ${path}.index`, path),
  });
}
