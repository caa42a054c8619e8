/** Where code cannot be run here, the file that the same release would load stands for it: it is written, run, and removed. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSink } from '../../bytes/node/file-sink.ts';
import type { Target } from '../../eras/write/target.ts';
import { planMend, writeMended } from '../../mend/mend.ts';
import type { Artefact } from '../../model/types.ts';
import { compareByRunning } from './same-numbers.ts';

/** Null where a copy for that release computes the same as the artefact, else what differs. */
export async function probeCopy(artefact: Artefact, target: Target): Promise<string | null> {
  const form = target.line === 'keras3' ? 'keras' : 'h5';
  const plan = planMend(artefact, target, form, { dropOptimizer: true });
  const sink = await fileSink(join(tmpdir(), `loadstone-probe.${form}`));
  try {
    await writeMended(plan, sink);
    return await compareByRunning(artefact, sink.path);
  } finally {
    await sink.abandon();
  }
}
