/** One foreseen load as the JSON that scripts read. */

import type { RawArtefact } from '../src/artefacts/raw/index.ts';
import { mendsOf, type Named } from '../src/failures/mends-for.ts';
import type { Rehearsal } from '../src/rehearsal/types.ts';

export function doctorLine(named: Named, raw: RawArtefact, rehearsal: Rehearsal) {
  const { environment, mode, outcome, stage, exception, failure, evidence, obstacles } = rehearsal;
  const { id, keras, tensorflow, h5py, numpy, python, backend } = environment;
  return {
    artefact: named.artefact,
    env: { id, keras, tensorflow, h5py, numpy, python, backend },
    mode,
    outcome,
    stage,
    exception,
    failure,
    evidence,
    mends: mendsOf(raw, rehearsal, named),
    obstacles: obstacles
      .slice(1)
      .map(({ stage: at, exception: said, failure: why }) => ({ stage: at, exception: said, failure: why })),
  };
}
