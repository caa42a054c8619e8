/**
 * Writes a planned copy and looks at it before it appears: its tensors are compared with the artefact's, the load is
 * rehearsed on the file itself, and where the release might understand something otherwise both are run.
 */

import { createHash } from 'node:crypto';
import { rawAtPath } from '../../artefacts/node/raw-path.ts';
import { openArtefact } from '../../artefacts/open.ts';
import { fileSource } from '../../bytes/node/file.ts';
import { fileSink } from '../../bytes/node/file-sink.ts';
import { type CopyHashes, digestTensors, type Hash, startHashes, type TensorDigest } from '../../mend/digest.ts';
import { type MendPlan, writeMended } from '../../mend/mend.ts';
import type { Artefact, Model } from '../../model/types.ts';
import type { Environment } from '../../rehearsal/environments/index.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import type { Mode, Rehearsal } from '../../rehearsal/types.ts';
import { compareByRunning } from './same-numbers.ts';

export interface MendedFile {
  /** Why it would compute something else; null where it would not. */
  readonly doubt: string | null;
  readonly rehearsal: Rehearsal;
  readonly digest: TensorDigest;
  /** False: nothing was written. */
  readonly appeared: boolean;
}

export interface MendedFileOptions {
  readonly mode?: Mode;
  /** Let it appear though its load is not foreseen, for evaluations. */
  readonly unforeseen?: boolean;
}

/** The file appears under `output` only where its load is foreseen and it computes the same. */
export async function writeMendedFile(
  artefact: Artefact,
  plan: MendPlan,
  output: string,
  environment: Environment,
  { mode = 'default', unforeseen = false }: MendedFileOptions = {},
): Promise<MendedFile> {
  const sink = await fileSink(output);
  try {
    const hashes = startHashes(sha256);
    await writeMended(plan, sink, { watcherOf: hashes.watcherOf });
    const digest = await digestOf(artefact, plan, sink.path, hashes);
    const rehearsal = rehearse({ ...(await rawAtPath(sink.path)), path: output }, environment, mode);
    const doubt = plan.doubts.length > 0 ? await compareByRunning(artefact, sink.path) : null;
    const appeared = doubt === null && (unforeseen || rehearsal.outcome === 'loads');
    await (appeared ? sink.close() : sink.abandon());
    return { doubt, rehearsal, digest, appeared };
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

function sha256(): Hash {
  return createHash('sha256');
}

async function digestOf(artefact: Artefact, plan: MendPlan, path: string, hashes: CopyHashes): Promise<TensorDigest> {
  const copy = await openArtefact(await fileSource(path));
  try {
    return await digestTensors(artefact.model as Model, plan.model, copy.model ?? plan.model, sha256, { hashes });
  } finally {
    await copy.close();
  }
}
