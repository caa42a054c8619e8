/**
 * Whether everything opens, and rightly: every healthy artefact of the corpus and of third parties, with Keras's own
 * count of parameters and every weight bound; every damaged one with a finding or a clear error, never a crash.
 * `npx tsx eval/inspect.ts [--filter regex] [--list N]`
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { parseJson } from '../src/containers/json/index.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { customObjects, type GivenObjects } from '../src/layers/custom.ts';
import type { Artefact } from '../src/model/types.ts';
import { allLayers, countParameters } from '../src/model/walk.ts';
import { describeArtefact } from '../src/report/description.ts';
import { summaryText } from '../src/report/summary.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder, sharedFolder } from './corpus.ts';
import { corpusObjects } from './custom-objects.ts';
import { keepFloors } from './floors.ts';

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', default: '.' },
    list: { type: 'string', default: '25' },
    floors: { type: 'boolean', default: false },
  },
});
const filter = new RegExp(flags.filter);

interface Group {
  total: number;
  good: number;
  /** Why others are not, with the artefacts. */
  readonly bad: Map<string, string[]>;
}

const groups = new Map<string, Group>();

function record(group: string, id: string, problem: string | null): void {
  const held = groups.get(group) ?? { total: 0, good: 0, bad: new Map<string, string[]>() };
  groups.set(group, held);
  held.total += 1;
  if (problem === null) held.good += 1;
  else held.bad.set(problem, [...(held.bad.get(problem) ?? []), id]);
}

/** Parameters that real Keras counted after loading, by case: one number, or several where releases differ. */
function countsOfKeras(folder: string): Map<string, Set<number>> {
  const counts = new Map<string, Set<number>>();
  const text = gunzipSync(readFileSync(join(folder, 'outcomes.jsonl.gz'))).toString('utf8');
  for (const line of text.split('\n')) {
    if (!line.includes('"params"')) continue;
    const outcome = parseJson(line) as unknown as { case: string; ok: boolean; mode: string; params?: number };
    if (!outcome.ok || outcome.params === undefined || outcome.mode === 'weights') continue;
    counts.set(outcome.case, (counts.get(outcome.case) ?? new Set()).add(outcome.params));
  }
  return counts;
}

/** Opens, describes and prints, as the command does. */
async function inspect(path: string, given: GivenObjects): Promise<Artefact> {
  const artefact = await openPath(path, { customObjects: given });
  summaryText(describeArtefact(artefact, path, customObjects(given)));
  await artefact.close();
  return artefact;
}

/** Codes that say what only training or the user's own code would tell. */
const notDamage = new Set(['missing-custom-object', 'unsupported']);

function healthProblem(artefact: Artefact, expected: ReadonlySet<number>): string | null {
  const error = artefact.findings.find(({ severity, code }) => severity === 'error' && !notDamage.has(code));
  if (error) return `${error.code}: ${error.what.replace(/"[^"]*"/g, '…').replace(/\d+/g, '#')}`;
  const { model } = artefact;
  if (!model) return null;
  const bare = artefact.format.startsWith('architecture') || artefact.tensors.length === 0;
  const unbound = [...allLayers(model)].some(layer => layer.weights.some(weight => weight.tensor === null));
  if (unbound && !bare) return 'a weight is not bound';
  const count = countParameters(model.root ? [model.root] : model.layers, model.trainable).total;
  if (expected.size > 0 && !expected.has(count)) return 'another count of parameters than Keras';
  return null;
}

function describeThrown(thrown: unknown): string {
  if (isLoadstoneError(thrown)) return `${thrown.code}: ${thrown.what.replace(/\d+/g, '#')}`;
  return `CRASH ${thrown instanceof Error ? `${thrown.message} ${thrown.stack?.split('\n')[1]?.trim()}` : thrown}`;
}

async function evaluateCorpus(folder: string): Promise<void> {
  const counts = countsOfKeras(folder);
  for (const entry of corpusCases(folder)) {
    if (filter.test(`${entry.id} ${entry.family}`))
      await evaluateCase(folder, entry, counts.get(entry.id) ?? new Set());
  }
}

async function evaluateCase(folder: string, entry: CorpusCase, counted: ReadonlySet<number>): Promise<void> {
  const healthy = !entry.expected_cause || entry.expected_cause.startsWith('healthy');
  const group = healthy ? `healthy ${entry.format}` : 'faulty';
  const expected = new Set(counted);
  if (entry.params !== undefined) expected.add(entry.params);
  try {
    const artefact = await inspect(artefactPath(folder, entry), corpusObjects(entry.builder));
    record(group, entry.id, healthy ? healthProblem(artefact, expected) : null);
  } catch (thrown) {
    const told = !healthy && isLoadstoneError(thrown);
    record(group, entry.id, told ? null : describeThrown(thrown));
  }
}

interface ThirdPartyFile {
  file: string;
  role: string;
}

async function evaluateThirdParty(folder: string): Promise<void> {
  const lines = readFileSync(join(folder, 'index.jsonl'), 'utf8').split('\n').filter(Boolean);
  for (const { file, role } of lines.map(line => JSON.parse(line) as ThirdPartyFile)) {
    if (role !== 'model' || !filter.test(file)) continue;
    try {
      const artefact = await inspect(join(folder, file), []);
      record('third party', file, healthProblem(artefact, new Set()));
    } catch (thrown) {
      record('third party', file, describeThrown(thrown));
    }
  }
}

const started = performance.now();
const corpus = corpusFolder();
if (corpus) await evaluateCorpus(corpus);
const thirdParty = join(sharedFolder(), 'thirdparty');
if (existsSync(join(thirdParty, 'index.jsonl'))) await evaluateThirdParty(thirdParty);
for (const [name, { total, good, bad }] of [...groups].sort()) {
  console.log(`${name.padEnd(24)} ${good}/${total}`);
  const worst = [...bad].sort(([, a], [, b]) => b.length - a.length).slice(0, Number(flags.list));
  for (const [problem, ids] of worst)
    console.log(`  ${String(ids.length).padStart(4)}  ${problem}\n        ${ids.slice(0, 2).join('  ')}`);
}
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
keepFloors(
  [...groups].map(([what, { good, total }]) => ({ what: `${what} opened rightly`, share: good / total, floor: 0.6 })),
  flags.floors,
);
