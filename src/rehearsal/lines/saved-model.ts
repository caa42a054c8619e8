/** SavedModels in tf.keras and tf_keras. Facts: saving/saved_model/load.py of the tags. */

import { evidence, raise } from '../python/exception.ts';
import type { Run } from '../run.ts';

export function loadSavedModel(run: Run): void {
  const { files, path, presence } = run.raw;
  if (presence !== 'folder' || !files.some(name => name === 'saved_model.pb' || name === 'saved_model.pbtxt')) {
    raise('OSError', `SavedModel file does not exist at: ${path}/{saved_model.pbtxt|saved_model.pb}`, {
      failure: 'savedmodel-missing-files',
      evidence: evidence(presence === 'folder' ? 'the folder has no saved_model.pb' : 'the path is no folder with saved_model.pb', path),
    });
  }
}
