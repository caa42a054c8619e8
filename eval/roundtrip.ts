/**
 * Does `.h5` → `.keras` → `.h5` give back the same model and the same bytes of tensors, and does every conversion keep
 * the names of layers, inputs and outputs? What a conversion changed and told of is counted apart. Takes every healthy `.h5` and `.keras` of the corpus, one of each builder
 * and format without `--all`. `npx tsx eval/roundtrip.ts [--filter PATTERN] [--all] [--limit N] [--floors]`
 */

import { parseArgs } from 'node:util';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { openArtefact } from '../src/artefacts/open.ts';
import { memorySource } from '../src/bytes/memory.ts';
import { memorySink } from '../src/bytes/sink.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { flattenStructure } from '../src/layers/walk.ts';
import { type ConvertForm, convert } from '../src/mend/convert.ts';
import { roundTripDifference } from '../src/mend/round-trip.ts';
import type { Artefact, Model } from '../src/model/types.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder } from './corpus.ts';
import { keepFloors } from './floors.ts';

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', default: '.' },
    limit: { type: 'string', default: '100000' },
    all: { type: 'boolean', default: false },
    floors: { type: 'boolean', default: false },
  },
});

const folder = corpusFolder();
if (folder === null) console.error('eval/roundtrip: no corpus here; set LOADSTONE_CORPUS to its folder');
else await evaluate(folder);

async function evaluate(root: string): Promise<void> {
  const tally = new Map<string, number>();
  for (const entry of chosen(root)) {
    const [word, why] = await judge(entry, root);
    tally.set(word, (tally.get(word) ?? 0) + 1);
    if (word !== 'same') console.log(`${word} ${entry.id}: ${why}`);
  }
  const count = (word: string) => tally.get(word) ?? 0;
  const total = [...tally.values()].reduce((sum, one) => sum + one, 0);
  console.log([...tally].map(([word, one]) => `${one} ${word}`).join(', '));
  const share = count('same') / Math.max(1, total - count('refused') - count('changed as told'));
  keepFloors([{ what: 'round trips', share, floor: 0.97 }], flags.floors);
}

function chosen(root: string): CorpusCase[] {
  const seen = new Set<string>();
  const found = corpusCases(root).filter(entry => {
    const key = `${entry.builder} ${entry.format}`;
    if (entry.family.startsWith('fault') || !['h5', 'keras'].includes(entry.format)) return false;
    if (!new RegExp(flags.filter).test(entry.id) || (!flags.all && seen.has(key))) return false;
    seen.add(key);
    return true;
  });
  const step = Math.max(1, found.length / Number(flags.limit));
  return found.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

async function judge(entry: CorpusCase, root: string): Promise<readonly [string, string]> {
  let first: Artefact | null = null;
  try {
    first = await openPath(artefactPath(root, entry));
    return await judgeCopies(first);
  } catch (error) {
    return [isLoadstoneError(error) ? `failed [${error.code}]` : 'failed', String(error).slice(0, 300)];
  } finally {
    await first?.close();
  }
}

async function judgeCopies(first: Artefact): Promise<readonly [string, string]> {
  if (!first.model) return ['refused', 'no model'];
  const forms: readonly ConvertForm[] = first.format === 'keras-v3' ? ['h5', 'keras'] : ['keras', 'h5'];
  let last = first;
  let told = 0;
  for (const form of forms) {
    const next = await converted(last, form);
    if (typeof next === 'string') return ['refused', `to ${form}: ${next}`];
    last = next.artefact;
    told += next.changes;
  }
  const why = await roundTripDifference(first, last);
  if (why === null) return ['same', ''];
  const lost = lostName(first.model, last.model);
  if (lost) return ['names lost', lost];
  return [told > 0 ? 'changed as told' : 'differs', why];
}

/** Inputs and outputs are called what they were, whatever else was changed. */
function lostName(before: Model, after: Model | null): string | null {
  const names = (model: Model, end: 'inputs' | 'outputs') =>
    flattenStructure(model[end], 'listed').map(({ layer }) => layer);
  for (const end of ['inputs', 'outputs'] as const) {
    const [was, is] = [names(before, end).join(), after ? names(after, end).join() : ''];
    if (was !== is) return `its ${end} are ${is}, they were ${was}`;
  }
  return null;
}

async function converted(
  artefact: Artefact,
  form: ConvertForm,
): Promise<{ readonly artefact: Artefact; readonly changes: number } | string> {
  const plan = convert(artefact, form);
  const [refusal] = plan.refusals;
  if (refusal) return `${refusal.className}: ${refusal.what}`;
  const sink = memorySink();
  await plan.write(sink);
  const copy = await openArtefact(memorySource(sink.bytes(), `copy.${form}`));
  return { artefact: copy, changes: plan.changes.length };
}
