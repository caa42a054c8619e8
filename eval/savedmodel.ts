/**
 * SavedModels and checkpoints, measured: predictions against the record through layers and through functions alone,
 * checkpoints bound to the same builder's architecture, incomplete folders told for what they are, third-party files, and
 * damage: every bit of small files flipped and every length cut, and every file of the corpus damaged by chance.
 * `npx tsx eval/savedmodel.ts [--filter regex] [--only layers,functions,checkpoints,faults,thirdparty,damage,chance] [--list N] [--seed N]`
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bindCheckpoint } from '../src/artefacts/checkpoint/bind.ts';
import { isCheckpoint } from '../src/artefacts/checkpoint/read.ts';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { isSavedModel } from '../src/artefacts/saved-model/types.ts';
import { memorySource } from '../src/bytes/memory.ts';
import { readNpz } from '../src/containers/npy/index.ts';
import { eraOf } from '../src/eras/era.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { customObjects } from '../src/layers/custom.ts';
import { inferModel } from '../src/layers/infer.ts';
import type { Artefact } from '../src/model/types.ts';
import { compareTensors, float16Tolerance, float32Tolerance } from '../src/numbers/compare.ts';
import type { TypedArray } from '../src/numbers/dtype.ts';
import type { Tensor } from '../src/numbers/tensor.ts';
import { loadModel } from '../src/run.ts';
import { signaturesOf } from '../src/tensorflow/trace.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder, sharedFolder } from './corpus.ts';
import { corpusObjects } from './custom-objects.ts';
import { keepFloors, type Reached } from './floors.ts';
import { damageByChance, everyDamage, filesOf, judgeDamage, mayBeDamaged } from './savedmodel/damage.ts';

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', default: '.' },
    only: { type: 'string', default: 'layers,functions,checkpoints,faults,thirdparty,damage,chance' },
    list: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    floors: { type: 'boolean', default: false },
  },
});

const given = corpusFolder();
if (given === null) {
  console.error('eval/savedmodel: no corpus here; set LOADSTONE_CORPUS to its folder');
  process.exit(0);
}
const corpus: string = given;
const cases = corpusCases(corpus).filter(({ id, family }) => new RegExp(flags.filter).test(`${id} ${family}`));
const healthy = (entry: CorpusCase) =>
  !entry.family.startsWith('fault:') || /healthy|not-keras|tf1-keras/.test(entry.family);
const reached: Reached[] = [];

/** Runs one part of the evaluation over its items and prints how many are right. */
async function part<T>(
  name: string,
  items: readonly T[],
  idOf: (item: T) => string,
  judge: (item: T) => Promise<string | null>,
  floor: number,
): Promise<void> {
  if (!flags.only.split(',').includes(name) || items.length === 0) return;
  const wrong = new Map<string, string[]>();
  for (const item of items) {
    const why = await judge(item).catch(error => reason(error));
    if (why !== null) wrong.set(why, [...(wrong.get(why) ?? []), idOf(item)]);
  }
  const bad = [...wrong.values()].reduce((sum, ids) => sum + ids.length, 0);
  console.log(`\n${name}: ${items.length - bad} of ${items.length}`);
  for (const [why, ids] of [...wrong].sort(([, a], [, b]) => b.length - a.length).slice(0, Number(flags.list))) {
    console.log(
      `  ${String(ids.length).padStart(3)}  ${why.slice(0, 160)}\n       ${ids.slice(0, 4).join('\n       ')}`,
    );
  }
  reached.push({ what: `savedmodel ${name}`, share: (items.length - bad) / items.length, floor });
}

function reason(error: unknown): string {
  if (isLoadstoneError(error)) return `[${error.code}] ${error.what}`;
  return `[bug] ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 2).join(' ') : error}`;
}

async function arraysOf(id: string, prefix: 'in' | 'out'): Promise<Tensor[]> {
  const path = join(corpus, 'cases', id, `${prefix}.npz`);
  const arrays = await readNpz(memorySource(new Uint8Array(readFileSync(path)), path));
  return Array.from(arrays.keys(), (_, at) => arrays.get(`${prefix}_${at}`)!);
}

/** Null where an artefact predicts what is recorded for the case. */
async function predicts(artefact: Artefact, id: string): Promise<string | null> {
  const model = await loadModel(artefact, { prepack: false });
  try {
    const found = await model.predictAll(await arraysOf(id, 'in'));
    const expected = await arraysOf(id, 'out');
    if (found.length !== expected.length) return `${found.length} outputs, recorded ${expected.length}`;
    const tolerance = /mixed|fp16/.test(id) ? float16Tolerance : float32Tolerance;
    const differing = found.map((tensor, at) => compareTensors(tensor, expected[at]!, tolerance)).find(it => !it.same);
    return differing ? `numbers differ: ${differing.why?.replace(/[-\d.e]+/g, '#')}` : null;
  } finally {
    await model.dispose();
  }
}

const recorded = (format: string) =>
  cases.filter(
    entry => entry.format === format && healthy(entry) && existsSync(join(corpus, 'cases', entry.id, 'out.npz')),
  );

await part(
  'layers',
  recorded('savedmodel'),
  ({ id }) => id,
  async entry => predicts(await openPath(artefactPath(corpus, entry)), entry.id),
  0.97,
);

await part(
  'functions',
  recorded('savedmodel'),
  ({ id }) => id,
  async entry => predicts({ ...(await openPath(artefactPath(corpus, entry))), model: null }, entry.id),
  0.96,
);

/** The same builder saved whole in the same environment (else in any), to load the checkpoint into. Recipes of several years share names: the count of parameters tells them apart. */
function architectureFor(entry: CorpusCase): CorpusCase | undefined {
  const whole = corpusCases(corpus).filter(
    ({ builder, format, family, params }) =>
      builder === entry.builder &&
      /^(h5|keras|json)$/.test(format) &&
      !family.startsWith('fault:') &&
      params === entry.params,
  );
  return whole.find(({ saved_by }) => saved_by === entry.saved_by) ?? whole[0];
}

await part(
  'checkpoints',
  recorded('checkpoint').filter(entry => architectureFor(entry)),
  ({ id }) => id,
  async entry => {
    const checkpoint = await openPath(artefactPath(corpus, entry));
    const objects = corpusObjects(entry.builder) ?? [];
    const architecture = await openPath(artefactPath(corpus, architectureFor(entry)!), { customObjects: objects });
    if (!isCheckpoint(checkpoint) || !checkpoint.checkpoint) return 'it is not opened as a checkpoint';
    if (!architecture.model) return 'no architecture to load it into';
    const inferred = inferModel(architecture.model, { customObjects: customObjects(objects) });
    const findings = [...checkpoint.findings];
    const model = bindCheckpoint(
      architecture.model,
      inferred,
      checkpoint.checkpoint,
      eraOf(checkpoint.provenance),
      findings,
    );
    const wrong = findings.find(({ severity }) => severity === 'error');
    if (wrong) return wrong.what.replace(/"[^"]*"/g, '"…"');
    const runnable = await loadModel(
      { ...architecture, format: 'keras-h5', model, close: async () => {} },
      { customObjects: objects, prepack: false },
    );
    try {
      const found = await runnable.predictAll(await arraysOf(entry.id, 'in'));
      const expected = await arraysOf(entry.id, 'out');
      const differing = found.map((tensor, at) => compareTensors(tensor, expected[at]!)).find(it => !it.same);
      return differing ? 'numbers differ' : null;
    } finally {
      await runnable.dispose();
      await checkpoint.close();
      await architecture.close();
    }
  },
  0.9,
);

const rootOf = (id: string) => join(corpus, 'cases', id);

/** Some recipes take away or cut the first of one shard, and the checkpoint had two: nothing happened to it. */
function leftWhole(id: string): boolean {
  const healthyTwin = id.replace(/--(nodata|truncdata)$/, '--nostate');
  if (healthyTwin === id || !existsSync(join(corpus, 'cases', healthyTwin))) return false;
  const [files, twins] = [filesOf(rootOf(id)), filesOf(rootOf(healthyTwin))];
  return Object.keys(twins).every(name => files[name] && Buffer.compare(files[name], twins[name]!) === 0);
}

/** Causes that the bytes show: each must be told by a finding, or by an error. */
const planted = cases.filter(
  ({ id, format, family }) =>
    !leftWhole(id) &&
    /savedmodel|checkpoint/.test(format) &&
    /fault:(savedmodel-(missing|pb-alone|pb-|variables|zipped)|checkpoint-missing|git-lfs|truncated|empty|bytes-corrupted|frozen)/.test(
      family,
    ),
);

await part(
  'faults',
  planted,
  ({ id, expected_cause }) => `${id} (${expected_cause})`,
  async entry => {
    try {
      const artefact = await openPath(artefactPath(corpus, entry));
      await artefact.close();
      const noted = artefact.findings.some(({ severity }) => severity !== 'info');
      return noted || entry.expected_cause === 'savedmodel-missing-keras-metadata' ? null : 'nothing is said of it';
    } catch (error) {
      return isLoadstoneError(error) && error.where !== undefined ? null : reason(error);
    }
  },
  1,
);

interface ThirdParty {
  readonly file: string;
  readonly bytes: number;
}

function thirdParty(): ThirdParty[] {
  const index = join(sharedFolder(), 'thirdparty', 'index.jsonl');
  if (!existsSync(index)) return [];
  const lines = readFileSync(index, 'utf8').split('\n').filter(Boolean);
  const all = lines.map(line => JSON.parse(line) as ThirdParty);
  return all.filter(
    ({ file, bytes }) =>
      /\/(saved_model\.pb|[^/]+\.index|frozen\.pb)$/.test(file) &&
      bytes > 100 &&
      !/malicious|\/variables\/variables\.index$/.test(file),
  );
}

await part(
  'thirdparty',
  thirdParty(),
  ({ file }) => file,
  async ({ file }) => {
    const path = join(sharedFolder(), 'thirdparty', file);
    const artefact = await openPath(path.replace(/\/saved_model\.pb$/, ''));
    try {
      if (!isSavedModel(artefact) || !artefact.openProgram) return null;
      const names = [...signaturesOf(await artefact.openProgram()).keys()];
      const missing = artefact.findings.some(({ code }) => /missing|truncated/.test(code));
      if (names.length === 0 || missing) return null;
      const wanted = names.includes('serving_default') ? 'serving_default' : names[0];
      const model = await loadModel({ ...artefact, close: async () => {} }, { signature: wanted, prepack: false });
      const inputs = model.inputs.map(({ shape, dtype }): Tensor => {
        const sizes = shape.map((size, axis) => size ?? (axis === 0 ? 2 : 8));
        const count = sizes.reduce((product, size) => product * size, 1);
        return { dtype, shape: sizes, data: dtype === 'string' ? new Array(count).fill('a') : zeros(dtype, count) };
      });
      await model.predictAll(inputs);
      await model.dispose();
      return null;
    } finally {
      await artefact.close();
    }
  },
  1,
);

function zeros(dtype: string, count: number): TypedArray {
  if (dtype === 'int64') return new BigInt64Array(count);
  return dtype === 'int32' ? new Int32Array(count) : new Float32Array(count).fill(0.5);
}

/** Small artefacts of every kind whose bytes are damaged one by one. */
const small = [
  'dense_two--keras-3.10.0+tf-2.19--savedmodel',
  'dense--keras-3.0.5+tf-2.16--savedmodel',
  'dense--tf-2.12.1--checkpoint',
  'dense_two--tf_keras-2.21--checkpoint',
  'arch_mnist_cnn--tf-1.15.0--checkpoint--nostate',
];

const damageable = (ids: readonly string[]) =>
  ids
    .filter(id => existsSync(join(corpus, 'cases', id)))
    .flatMap(id =>
      Object.keys(filesOf(rootOf(id)))
        .filter(mayBeDamaged)
        .map(file => ({ id, file })),
    );
const named = ({ id, file }: { id: string; file: string }) => `${id} ${file}`;

await part(
  'damage',
  damageable(small),
  named,
  async ({ id, file }) => {
    const files = filesOf(rootOf(id));
    return judgeDamage(files, file, everyDamage(files[file]!, file));
  },
  1,
);

/** Every SavedModel and checkpoint, each file damaged by chance. */
const all = cases.filter(entry => /^(savedmodel|checkpoint)$/.test(entry.format) && healthy(entry)).map(({ id }) => id);

await part(
  'chance',
  damageable(all),
  named,
  async ({ id, file }) => {
    const files = filesOf(rootOf(id));
    return judgeDamage(files, file, damageByChance(files[file]!, Number(flags.seed) + all.indexOf(id)));
  },
  1,
);

keepFloors(reached, flags.floors);
