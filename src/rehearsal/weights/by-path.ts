/** Weights by path, as `.keras` and `.weights.h5` keep them. */

import type { RawHdf5 } from '../../artefacts/raw/index.ts';
import type { Built } from '../built.ts';
import { openFile } from '../h5py.ts';
import { raiseMember } from '../lines/zip-config.ts';
import { evidence, raise } from '../python/exception.ts';
import type { Run } from '../run.ts';

/** The weights member of an archive, walked along the model. */
export function loadStoreWeights(run: Run, weights: RawHdf5 | null, _model: Built): void {
  const member = run.raw.zip?.members.findLast(({ name }) => name === 'model.weights.h5' || name === 'model.weights.npz');
  if (run.raw.zip && !member) {
    raise('ValueError', 'Expected a model.weights.h5 or model.weights.npz file.', {
      failure: 'weights-missing-in-file',
      evidence: evidence('the archive holds no weights', run.raw.path),
    });
  }
  if (member?.problem) {
    raiseMember(member.problem.code, member.name, { failure: 'truncated-or-corrupt', evidence: evidence(member.problem.what, member.name, member.problem.offset) });
  }
  if (weights || run.raw.zip) openFile(run, weights, 'model.weights.h5');
}
