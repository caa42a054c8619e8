/** TensorFlow checkpoints in `load_weights` of tf.keras: found by prefix, matched by the names of attributes. */

import { evidence, raise } from '../python/exception.ts';
import type { Run } from '../run.ts';
import { raiseDamage } from './saved-model-variables.ts';

/** True where the file was taken for a checkpoint; false where it is no table, and HDF5 is tried. */
export function loadCheckpoint(run: Run): boolean {
  const { path, presence, checkpoint, files } = run.raw;
  const name = path.split(/[\\/]/).pop() ?? path;
  if (presence === 'file') return false;
  if (!checkpoint?.index) {
    const part = files.some(file => file.startsWith(name));
    raise(
      'NotFoundError',
      `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${path}`,
      {
        failure: part ? 'checkpoint-missing-files' : 'file-not-found-path',
        evidence: evidence(`there is no ${name}.index`, path),
      },
    );
  }
  raiseDamage(run, checkpoint, path);
  return true;
}
