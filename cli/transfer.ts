/** `loadstone transfer W A -o OUT`: the weights of W that fit the architecture A, as a file for load_weights(by_name=True). */

import type { Command } from 'commander';
import {
  type AttributeNode,
  type DatasetNode,
  type GroupNode,
  writeHdf5,
} from '../src/containers/hdf5/writer/index.ts';
import { writeWhole } from '../src/copies/node/write-whole.ts';
import {
  type Pairing,
  pairWeights,
  storedLayers,
  type WeightedLayer,
  wantedLayers,
} from '../src/failures/pair-weights.ts';
import { isLoadstoneError, LoadstoneError } from '../src/findings/errors.ts';
import type { Provenance } from '../src/model/types.ts';
import { pairingText } from '../src/report/pairing.ts';
import { datasetOf, namesAttributes } from '../src/writers/legacy-weights.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { openGiven } from './open.ts';

interface TransferFlags extends OutputOptions {
  output: string;
}

export function configure(command: Command): void {
  command
    .argument('<weights>', 'artefact that holds the weights')
    .argument('<architecture>', 'artefact, or architecture JSON, that they are for')
    .requiredOption('-o, --output <file>', '.h5 of weights, for load_weights(by_name=True)')
    .option('--json', 'print one JSON document')
    .action(async (weights: string, architecture: string, flags: TransferFlags) => {
      await answerEach([weights], flags, given => transfer(given, architecture, flags.output));
    });
}

async function transfer(given: string, architecture: string, output: string): Promise<Answer> {
  const weights = await openGiven(given);
  try {
    const wanted = await layersWanted(architecture);
    const stored = storedLayers(weights.artefact);
    const pairing = pairWeights(wanted, stored);
    const fitting = pairing.pairs.filter(({ status }) => status === 'match').length;
    if (fitting === 0)
      return { json: { artefact: given, output: null, ...pairing }, text: pairingText(pairing), exit: 1 };
    await writeWhole(output, sink => writeHdf5(weightsTree(pairing, stored), sink));
    const text = `${pairingText(pairing)}\n\n${output}: load it with model.load_weights('${output}', by_name=True)`;
    return { json: { artefact: given, output, ...pairing }, text, exit: fitting === pairing.pairs.length ? 0 : 1 };
  } finally {
    await weights.artefact.close();
  }
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
  if (artefact.model) return wantedLayers(artefact.model);
  throw new LoadstoneError('usage', 'it holds no architecture', {
    where: architecture,
    do: "Write yours with: open('arch.json', 'w').write(model.to_json())",
  });
}

/** The matching layers under the architecture's names; their datasets as they lie. */
function weightsTree({ pairs }: Pairing, stored: readonly WeightedLayer[]): GroupNode {
  const members = new Map<string, GroupNode>();
  for (const { layer, stored: name, status } of pairs) {
    const found = stored.find(candidate => candidate.name === name);
    if (status !== 'match' || layer === null || !found) continue;
    const names = found.tensors.map(({ path }, index) => `${layer}/${path.split('/').at(-1) ?? index}`);
    const datasets = found.tensors.map(
      (tensor, index) => [names[index]?.split('/').at(-1) as string, datasetOf(tensor)] as const,
    );
    const inner: GroupNode = { kind: 'group', members: new Map<string, DatasetNode>(datasets) };
    members.set(layer, {
      kind: 'group',
      attributes: namesAttributes('weight_names', names),
      members: new Map([[layer, inner]]),
    });
  }
  const attributes: AttributeNode[] = namesAttributes('layer_names', [...members.keys()]);
  attributes.push({ name: 'backend', value: { kind: 'text', text: 'tensorflow', ascii: true } });
  attributes.push({ name: 'keras_version', value: { kind: 'text', text: '2.4.0', ascii: true } });
  return { kind: 'group', attributes, members };
}
