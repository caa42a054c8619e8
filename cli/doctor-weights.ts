/** `doctor W --architecture A`: would `load_weights` of W into A work, where, and which layers fit? */

import type { Mend } from '../src/failures/define.ts';
import { mendsOf } from '../src/failures/mends-for.ts';
import { type Pairing, pairWeights, storedLayers } from '../src/failures/pair-weights.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { type InferredModel, inferModel } from '../src/layers/infer.ts';
import { knownEnvironments, parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { inferRaw } from '../src/rehearsal/infer-raw.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import type { Architecture } from '../src/rehearsal/run.ts';
import { isFine, shortList } from '../src/rehearsal/suitable.ts';
import { doctorText } from '../src/report/doctor.ts';
import { pairingText } from '../src/report/pairing.ts';
import type { Answer } from './answer.ts';
import { doctorLine } from './doctor-line.ts';
import { openGiven } from './open.ts';
import { rawGiven } from './raw.ts';
import { layersWanted, provenanceOf } from './transfer.ts';

export async function examineWeights(given: string, architecture: string, specs: readonly string[]): Promise<Answer> {
  const raw = await rawGiven(given);
  const options = { architecture: await architectureGiven(architecture), inferred: null };
  const provenance = (await provenanceOf(given)) ?? (await provenanceOf(architecture));
  const environments =
    specs.length > 0
      ? specs.flatMap(spec => (spec === 'all' ? knownEnvironments : [parseEnvironment(spec)]))
      : shortList(raw, provenance, 'weights', options);
  const rehearsals = environments.map(environment => rehearse(raw, environment, 'weights', options));
  const [first] = rehearsals;
  const pairing = await pairingOf(given, architecture);
  const nothingFits = pairing?.pairs.every(({ status }) => status !== 'match') ?? false;
  const named = { artefact: given, architecture, nothingFits };
  const isGood = first !== undefined && isFine(first);
  const { by, pairs, edit } = pairing ?? { by: null, pairs: [], edit: null };
  return {
    json: rehearsals.map(rehearsal => ({ ...doctorLine(named, raw, rehearsal), architecture, by, pairs, edit })),
    lines: true,
    text: [
      doctorText(given, rehearsals, first ? [...(isGood ? [] : changeOf(edit)), ...mendsOf(raw, first, named)] : []),
      ...(pairing ? ['', pairingText({ ...pairing, edit: isGood ? edit : null })] : []),
    ].join('\n'),
    exit: isGood ? 0 : 1,
  };
}

/** What to change in the code comes before what can be done with the file. */
function changeOf(edit: string | null): readonly Mend[] {
  return edit === null ? [] : [{ title: `Make your code agree with the file: ${edit}` }];
}

/** What `load_weights` would load into. Throws where there is no architecture in it. */
export async function architectureGiven(given: string): Promise<Architecture> {
  const raw = await rawGiven(given);
  const inferred = inferRaw(raw) ?? (await openedModel(given));
  return { raw, inferred, built: isBuilt(inferred) };
}

/** For formats that keep their config elsewhere. Throws where there is no architecture in it. */
async function openedModel(given: string): Promise<InferredModel> {
  await layersWanted(given);
  const { artefact } = await openGiven(given);
  await artefact.close();
  return inferModel(artefact.model!);
}

function isBuilt({ inputs }: InferredModel): boolean {
  return inputs.length > 0 && inputs.every(input => input !== null);
}

/** Null where the weights cannot be opened. */
async function pairingOf(given: string, architecture: string): Promise<Pairing | null> {
  try {
    const { artefact } = await openGiven(given);
    await artefact.close();
    return pairWeights(await layersWanted(architecture), storedLayers(artefact));
  } catch (error) {
    if (isLoadstoneError(error)) return null;
    throw error;
  }
}
