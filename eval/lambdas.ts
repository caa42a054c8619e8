/**
 * Lambda layers of the corpus: how many compute what Keras computed, how many are refused by name, and that none is
 * wrong; and what is said of each without running it (Python, source, risk).
 * `npx tsx eval/lambdas.ts [--filter regex] [--sources]`
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openArtefact } from '../src/artefacts/open.ts';
import { memorySource } from '../src/bytes/memory.ts';
import { fileSource } from '../src/bytes/node/file.ts';
import { readNpz } from '../src/containers/npy/index.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { describeLambda, type LambdaDescription } from '../src/lambdas/index.ts';
import type { Layer, Model } from '../src/model/types.ts';
import { compareTensors } from '../src/numbers/compare.ts';
import type { Tensor } from '../src/numbers/tensor.ts';
import { loadModel } from '../src/run.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder } from './corpus.ts';
import { keepFloors } from './floors.ts';

type Status = 'same' | 'differs' | 'refused by name' | 'needs the user’s function' | 'fails';

interface Outcome {
  readonly entry: CorpusCase;
  readonly status: Status;
  readonly message: string;
  readonly lambdas: readonly LambdaDescription[];
}

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', default: '^(lambda:|layer:Lambda|custom:lambda|fault:(lambda|malicious-lambda))' },
    sources: { type: 'boolean', default: false },
    floors: { type: 'boolean', default: false },
  },
});

const folder = corpusFolder();
if (folder === null) {
  console.error('eval/lambdas: no corpus here; set LOADSTONE_CORPUS to its folder');
  process.exit(0);
}

const wanted = corpusCases(folder).filter(
  ({ family, format }) => new RegExp(flags.filter).test(family) && (format === 'h5' || format === 'keras'),
);
const outcomes: Outcome[] = [];
for (const entry of wanted) outcomes.push(await judge(entry, folder));
report(outcomes);
keepLambdaFloors(outcomes);

async function judge(entry: CorpusCase, root: string): Promise<Outcome> {
  const lambdas = await describe(entry, root);
  const outcome = (status: Status, message = ''): Outcome => ({ entry, status, message, lambdas });
  // Lambdas that could do harm are read and described; no corpus records outputs of them.
  if (!existsSync(join(root, 'cases', entry.id, 'out.npz'))) return outcome('refused by name', 'no recorded outputs');
  try {
    const [inputs, expected] = await Promise.all(
      ['in', 'out'].map(name => readArrays(join(root, 'cases', entry.id, `${name}.npz`), name)),
    );
    const model = await loadModel(artefactPath(root, entry), { prepack: false });
    const found = await model.predictAll(inputs!);
    await model.dispose();
    const why = found.map((tensor, at) => compareTensors(tensor, expected![at]!)).find(({ same }) => !same)?.why;
    return why === undefined && found.length === expected!.length
      ? outcome('same')
      : outcome('differs', why ?? 'number of outputs');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (isLoadstoneError(error, 'missing-custom-object')) return outcome('needs the user’s function', message);
    return outcome(isLoadstoneError(error, 'unsupported') ? 'refused by name' : 'fails', message);
  }
}

async function describe(entry: CorpusCase, root: string): Promise<LambdaDescription[]> {
  try {
    const artefact = await openArtefact(await fileSource(artefactPath(root, entry)));
    const described = artefact.model
      ? [...layersOf(artefact.model)]
          .filter(layer => layer.className === 'Lambda')
          .map(layer => describeLambda(layer.name, layer.config))
      : [];
    await artefact.close();
    return described;
  } catch (error) {
    if (isLoadstoneError(error)) return [];
    throw error;
  }
}

async function readArrays(path: string, prefix: string): Promise<Tensor[]> {
  const arrays = await readNpz(memorySource(await readFile(path), path));
  return Array.from(arrays.keys(), (_, at) => arrays.get(`${prefix}_${at}`)!);
}

function* layersOf(model: Model): Generator<Layer> {
  for (const layer of model.layers) {
    yield layer;
    if (layer.model) yield* layersOf(layer.model);
  }
}

function report(all: readonly Outcome[]): void {
  const count = (list: readonly Outcome[], status: Status) => list.filter(outcome => outcome.status === status).length;
  const statuses: readonly Status[] = ['same', 'refused by name', 'needs the user’s function', 'differs', 'fails'];
  for (const outcome of all) {
    if (outcome.status !== 'same') console.log(`${outcome.status.padEnd(26)} ${outcome.entry.id}: ${outcome.message}`);
    if (!flags.sources) continue;
    for (const { layer, python, source, safe, reasons } of outcome.lambdas) {
      console.log(
        `${outcome.entry.id} ${layer} (${python}) ${safe ? '' : `UNSAFE: ${reasons.map(({ what }) => what).join(' ')}`}\n${source}`,
      );
    }
  }
  const lambdas = all.flatMap(outcome => outcome.lambdas).filter(({ kind }) => kind === 'code');
  const withSource = lambdas.filter(({ source }) => source !== null).length;
  console.log(`${all.length} artefacts: ${statuses.map(status => `${count(all, status)} ${status}`).join(', ')}`);
  console.log(
    `${lambdas.length} functions stored as code, ${withSource} with their source recovered, ${lambdas.filter(({ safe }) => !safe).length} unsafe`,
  );
}

/** The issue's measure: 95 % of the family of lambdas run right, the rest are refused by name, none is wrong. */
function keepLambdaFloors(all: readonly Outcome[]): void {
  const family = all.filter(({ entry }) => entry.family.startsWith('lambda:'));
  const share = (list: readonly Outcome[], ...wrong: Status[]) =>
    list.length === 0 ? 1 : 1 - list.filter(({ status }) => wrong.includes(status)).length / list.length;
  const right = family.length === 0 ? 1 : family.filter(({ status }) => status === 'same').length / family.length;
  const reached = [
    { what: 'lambdas that run right', share: right, floor: 0.97 },
    { what: 'lambdas that are not wrong', share: share(all, 'differs', 'fails'), floor: 1 },
  ];
  keepFloors(reached, flags.floors);
}
