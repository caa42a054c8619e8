/**
 * `loadstone transfer W A -o OUT`: the weights of W that fit the architecture A, as a file for load_weights(by_name=True);
 * where all are there, also as weights in the newer form or as the whole model.
 */

import type { Command } from 'commander';
import { writeHdf5 } from '../src/containers/hdf5/writer/index.ts';
import { fittedLayers, fittedModel } from '../src/copies/fitted.ts';
import { convertArtefact } from '../src/copies/node/convert.ts';
import { writeWhole } from '../src/copies/node/write-whole.ts';
import { pairWeights, storedLayers, type WeightedLayer, wantedLayers } from '../src/failures/pair-weights.ts';
import { isLoadstoneError, LoadstoneError } from '../src/findings/errors.ts';
import { targetOf } from '../src/mend/target.ts';
import type { Artefact, Model, Provenance } from '../src/model/types.ts';
import { pairingText } from '../src/report/pairing.ts';
import { weightsTree } from '../src/writers/weights-file.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { openGiven } from './open.ts';

interface TransferFlags extends OutputOptions {
  output: string;
}

export function configure(command: Command): void {
  command
    .argument('<weights>', 'artefact that holds the weights')
    .argument('<architecture>', 'artefact, or architecture JSON, that they are for')
    .requiredOption(
      '-o, --output <file>',
      '.h5 of weights, for load_weights(by_name=True); .weights.h5 or .keras where all fit',
    )
    .option('--json', 'print one JSON document')
    .action(async (weights: string, architecture: string, flags: TransferFlags) => {
      await answerEach([weights], flags, given => transfer(given, architecture, flags.output));
    });
}

async function transfer(given: string, architecture: string, output: string): Promise<Answer> {
  const form = formOf(output);
  const weights = await openGiven(given);
  try {
    const { artefact: wanted } = await openGiven(architecture);
    try {
      return await transferInto(wanted, architecture, { given, artefact: weights.artefact }, output, form);
    } finally {
      await wanted.close();
    }
  } finally {
    await weights.artefact.close();
  }
}

type Form = 'by-name' | 'whole';

/** Every release since reads this one's files of weights by name, Keras 3 too. */
const readsByName = 'tensorflow==2.11.0';

/** By the ending: weights that are read by name, or a form that holds all weights of a model. */
function formOf(output: string): Form {
  if (/\.(keras|weights\.h5)$/i.test(output)) return 'whole';
  if (/\.(h5|hdf5)$/i.test(output)) return 'by-name';
  throw new LoadstoneError('usage', 'transfer does not write this form', {
    where: output,
    do: 'Name an output that ends in .h5 (weights to be loaded by name), .weights.h5 or .keras.',
  });
}

async function transferInto(
  wanted: Artefact,
  architecture: string,
  weights: { readonly given: string; readonly artefact: Artefact },
  output: string,
  form: Form,
): Promise<Answer> {
  const model = modelOf(wanted, architecture);
  const stored = storedLayers(weights.artefact);
  const pairing = pairWeights(wantedLayers(model), stored);
  const fitting = pairing.pairs.filter(({ status }) => status === 'match').length;
  const isWhole = pairing.pairs.every(({ status }) => status === 'match' || status === 'extra');
  const answer = (written: boolean, says: string): Answer => ({
    json: { artefact: weights.given, output: written ? output : null, ...pairing },
    text: [pairingText(pairing), says].filter(Boolean).join('\n\n'),
    exit: written && fitting === pairing.pairs.length ? 0 : 1,
  });
  if (fitting === 0) return answer(false, '');
  const fitted = fittedModel(model, weights.artefact, pairing, stored);
  if (form === 'by-name') {
    const tree = weightsTree(fittedLayers(fitted, pairing), targetOf(readsByName));
    await writeWhole(output, sink => writeHdf5(tree, sink));
    return answer(true, `${output}: load it with model.load_weights('${output}', by_name=True)`);
  }
  const asked = `No file was written: ${output} would hold every weight.`;
  if (!isWhole) return answer(false, `${asked} Give -o with .h5 for those that fit, to be loaded by name.`);
  const { says, refusals } = await convertArtefact({ ...wanted, model: fitted }, output);
  const [refusal] = refusals;
  return refusal ? answer(false, `No file was written: ${refusal.what}`) : answer(true, `${output}: ${says}`);
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

/** Layers with weights of an architecture, from any artefact that has one. */
export async function layersWanted(architecture: string): Promise<readonly WeightedLayer[]> {
  const { artefact } = await openGiven(architecture);
  await artefact.close();
  return wantedLayers(modelOf(artefact, architecture));
}

function modelOf({ model }: Artefact, architecture: string): Model {
  if (model) return model;
  throw new LoadstoneError('usage', 'it holds no architecture', {
    where: architecture,
    do: "Write yours with: open('arch.json', 'w').write(model.to_json())",
  });
}
