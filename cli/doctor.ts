/** `loadstone doctor ARTEFACT… [--env SPEC]… [--mode MODE]`: would load_model work there, and if not, why? */

import { type Command, Option } from 'commander';
import type { RawArtefact } from '../src/artefacts/raw/index.ts';
import { mendsFor } from '../src/failures/mends-for.ts';
import { type Pairing, pairWeights, storedLayers } from '../src/failures/pair-weights.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import type { Provenance } from '../src/model/types.ts';
import { type Environment, knownEnvironments, parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import { isFine, shortList } from '../src/rehearsal/suitable.ts';
import type { Mode, Rehearsal } from '../src/rehearsal/types.ts';
import { doctorText, matrixText } from '../src/report/doctor.ts';
import { pairingText } from '../src/report/pairing.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { collect } from './custom.ts';
import { openGiven } from './open.ts';
import { rawGiven } from './raw.ts';
import { layersWanted } from './transfer.ts';

interface DoctorFlags extends OutputOptions {
  env?: readonly string[];
  mode?: Mode;
  architecture?: string;
}

export function configure(command: Command): void {
  command
    .argument('<artefact...>', 'file, folder, or checkpoint prefix; it need not exist')
    .option(
      '--env <spec>',
      'pip pins (keras==3.6.0,tensorflow==2.18.0), a known id (tf-2.4.4), or all; repeatable',
      collect,
    )
    .addOption(
      new Option('--mode <mode>', 'how it is loaded')
        .choices(['default', 'nocompile', 'custom', 'unsafe'])
        .default('default'),
    )
    .option('--architecture <artefact>', 'would load_weights of the first into this one work?')
    .option('--json', 'print one JSON document for each environment')
    .action(async (artefacts: string[], flags: DoctorFlags) => {
      await answerEach(artefacts, flags, artefact => examine(artefact, flags));
    });
}

async function examine(given: string, flags: DoctorFlags): Promise<Answer> {
  if (flags.architecture) return compareWeights(given, flags.architecture);
  const raw = await rawGiven(given);
  const environments = await environmentsFor(raw, given, flags.env ?? []);
  const everything = flags.env?.includes('all') ?? false;
  const modes: Mode[] = everything ? ['default', 'nocompile', 'custom'] : [flags.mode ?? 'default'];
  const asked = flags.json ? [flags.mode ?? 'default'] : modes;
  const rehearsals = environments.map(environment =>
    asked.map(mode => rehearse(raw, environment, mode, { firstOnly: everything })),
  );
  const flat = rehearsals.flat();
  const [first] = flat;
  const text = everything ? matrixText(given, rehearsals) : doctorText(given, flat);
  return {
    json: flat.map(rehearsal => line(given, rehearsal)),
    lines: true,
    text,
    exit: first && isFine(first) ? 0 : 1,
  };
}

/** Weights against an architecture: the same in every release, but for which layers are matched by name. */
async function compareWeights(given: string, architecture: string): Promise<Answer> {
  const { artefact } = await openGiven(given);
  await artefact.close();
  const pairing = pairWeights(await layersWanted(architecture), storedLayers(artefact));
  const fits = pairing.pairs.every(({ status }) => status === 'match');
  const failure = fits ? null : failureOfPairing(pairing);
  const mends = failure ? mendsFor(failure, given, knownEnvironments[0] as Environment) : [];
  const json = { artefact: given, architecture, outcome: fits ? 'loads' : 'fails', failure, ...pairing, mends };
  return { json, text: pairingText(pairing), exit: fits ? 0 : 1 };
}

function failureOfPairing({ pairs }: Pairing): string {
  if (pairs.length === 0 || pairs.every(({ stored }) => stored === null)) return 'weights-missing-in-file';
  if (pairs.some(({ status }) => status === 'missing' || status === 'extra')) return 'architecture-mismatch-count';
  return 'architecture-mismatch-shape';
}

async function environmentsFor(
  raw: RawArtefact,
  given: string,
  specs: readonly string[],
): Promise<readonly Environment[]> {
  if (specs.length === 0) return shortList(raw, await provenanceOf(given));
  return specs.flatMap(spec => (spec === 'all' ? knownEnvironments : [parseEnvironment(spec)]));
}

/** Who wrote it; null where it cannot be opened. */
export async function provenanceOf(given: string): Promise<Provenance | null> {
  try {
    const { artefact } = await openGiven(given);
    await artefact.close();
    return artefact.provenance;
  } catch (error) {
    if (isLoadstoneError(error)) return null;
    throw error;
  }
}

function line(artefact: string, rehearsal: Rehearsal): unknown {
  const { environment, mode, outcome, stage, exception, failure, evidence, obstacles } = rehearsal;
  const { id, keras, tensorflow, h5py, numpy, python, backend } = environment;
  return {
    artefact,
    env: { id, keras, tensorflow, h5py, numpy, python, backend },
    mode,
    outcome,
    stage,
    exception,
    failure,
    evidence,
    mends: mendsFor(failure, artefact, environment),
    obstacles: obstacles
      .slice(1)
      .map(({ stage: at, exception: said, failure: why }) => ({ stage: at, exception: said, failure: why })),
  };
}
