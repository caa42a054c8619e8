/**
 * Whether the doctor names what was planted: every `fault:` case of the corpus, plainly where the file alone shows it,
 * else in the environments, with the architecture or with the input that were tried with it. Controls must raise nothing.
 *
 *     npx tsx eval/causes.ts [--case TEXT] [--list] [--floors]
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { provenanceOf } from '../cli/transfer.ts';
import type { RawArtefact } from '../src/artefacts/raw/index.ts';
import { parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import { shortList } from '../src/rehearsal/suitable.ts';
import type { Rehearsal } from '../src/rehearsal/types.ts';
import type { CorpusCase } from '../test/support/corpus.ts';
import { architectureCase, architectureOf } from './doctor/architectures.ts';
import { readGiven } from './doctor/inputs.ts';
import { groupBy } from './doctor/mask.ts';
import { type OutcomeRow, type Outcomes, readOutcomes } from './doctor/outcomes.ts';
import { readCase } from './doctor/predict.ts';
import { keepFloors } from './floors.ts';

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    floors: { type: 'boolean', default: false },
  },
});

interface Verdict {
  readonly case: CorpusCase;
  readonly cause: string;
  readonly plain: boolean;
  /** Named with the environment, architecture or input that it takes. */
  readonly named: boolean;
  /** Overwritten bytes that harm no load. */
  readonly harmless: boolean;
  /** What was named instead. */
  readonly instead: readonly string[];
}

/** Chance may have left a damaged file whole: nothing in it is implausible, and no loader minds. */
const byChance = /^bytes-corrupted-(weights|harmless|optimizer)$/;

/** Bytes were overwritten, and every loader that takes the file computes the same with it: nothing of use was hit. */
function harmedNothing(cause: string, rows: readonly OutcomeRow[]): boolean {
  const loaded = rows.filter(({ ok }) => ok);
  return /^bytes-corrupted/.test(cause) && loaded.length > 0 && loaded.every(({ same }) => same !== false);
}

/** What no file shows: other code under the same name, another activation in the code that takes the weights. */
const unseen = /^silent-(sin-cos|activation-(changed|differs)|config-changed)$/;

const outcomes = readOutcomes();
if (!outcomes) {
  console.log('no corpus beside the clone: nothing to compare with (LOADSTONE_CORPUS names its folder)');
  process.exit(0);
}
const general = JSON.parse(readFileSync(join(outcomes.folder, 'causes.json'), 'utf8')) as Record<string, string>;
const raws = new Map<string, RawArtefact>();
const byCase = groupBy(outcomes.rows, row => row.case);
const faults = [...outcomes.cases.values()].filter(
  entry => entry.family.startsWith('fault:') && entry.id.includes(values.case) && byCase.has(entry.id),
);
const verdicts: Verdict[] = [];
for (const entry of faults) verdicts.push(await judge(outcomes, entry));
report(verdicts);

async function judge(all: Outcomes, entry: CorpusCase): Promise<Verdict> {
  const cause = entry.expected_cause ?? entry.family.slice('fault:'.length);
  const healthy = isControl(cause);
  const raw = await rawOf(all, entry);
  const rows = byCase.get(entry.id) ?? [];
  const plain = await examine(all, entry, raw, rows);
  const right = ({ failure }: Rehearsal) =>
    healthy ? failure === null : failure !== null && (failure === cause || failure === general[cause]);
  const others: Rehearsal[] = [];
  for (const row of rows) {
    const [last] = others.slice(-1);
    if (!healthy && [plain, ...(last ? [last] : [])].some(right)) break;
    if (!healthy || row.ok) others.push(await foresee(all, entry, raw, row.env, row.mode));
  }
  const instead = [...new Set([plain, ...others].map(({ failure }) => failure ?? 'nothing'))];
  const named = healthy ? others.every(right) : others.some(right);
  return { case: entry, cause, plain: right(plain), named, instead, harmless: harmedNothing(cause, rows) };
}

/** Controls only look odd; those with an id of their own are said to. */
function isControl(cause: string): boolean {
  return cause.startsWith('healthy') && general[cause] === undefined;
}

/** What a plain `doctor` says first: with the architecture or the input that belong to the case, else without anything. */
async function examine(
  all: Outcomes,
  entry: CorpusCase,
  raw: RawArtefact,
  rows: readonly OutcomeRow[],
): Promise<Rehearsal> {
  const mode = rows.some(row => row.mode === 'weights') ? 'weights' : 'default';
  const options = await optionsFor(all, entry, entry.saved_by, mode);
  const writer = mode === 'weights' ? architectureCase(all.cases.values(), entry.builder, entry.saved_by) : null;
  const provenance = (await provenanceAt(all, entry)) ?? (writer && (await provenanceAt(all, writer)));
  const [best] = shortList(raw, provenance, mode, mode === 'weights' ? options : {});
  return rehearse(raw, best!, mode, options);
}

function provenanceAt(all: Outcomes, { id, artefact }: CorpusCase) {
  return provenanceOf(join(all.folder, 'cases', id, artefact));
}

async function foresee(
  all: Outcomes,
  entry: CorpusCase,
  raw: RawArtefact,
  env: string,
  mode: OutcomeRow['mode'],
): Promise<Rehearsal> {
  const options = await optionsFor(all, entry, env, mode);
  return rehearse(raw, parseEnvironment(env), mode, options);
}

async function optionsFor(all: Outcomes, entry: CorpusCase, env: string, mode: OutcomeRow['mode']) {
  const found = mode === 'weights' ? architectureCase(all.cases.values(), entry.builder, env) : null;
  const architecture = found && architectureOf(await rawOf(all, found), entry.builder);
  const inputs = /input/.test(entry.expected_cause ?? '') ? await readGiven(all.folder, entry.id) : null;
  return { architecture, inputs };
}

async function rawOf(all: Outcomes, entry: CorpusCase): Promise<RawArtefact> {
  const known = raws.get(entry.id);
  if (known) return known;
  const raw = await readCase(all.folder, entry);
  raws.set(entry.id, raw);
  return raw;
}

function report(all: readonly Verdict[]): void {
  const kinds = groupBy(all, ({ cause }) => cause);
  const shown = [...kinds].sort(([, a], [, b]) => b.length - a.length);
  for (const [cause, group] of shown) {
    const named = group.filter(({ named: tried, plain: told }) => (isControl(cause) ? tried && told : tried || told));
    const plain = group.filter(verdict => verdict.plain);
    const missed = group.filter(verdict => !named.includes(verdict));
    if (missed.length === 0 && !values.list) continue;
    console.log(
      `${cause.padEnd(38)} ${String(named.length).padStart(3)} of ${String(group.length).padEnd(3)} plainly ${plain.length}`,
    );
    for (const { case: entry, instead } of missed.slice(0, values.list ? missed.length : 3))
      console.log(`    ${entry.id}: ${instead.slice(0, 6).join(', ')}`);
    for (const { case: entry, instead } of values.list ? named.filter(verdict => !verdict.plain) : [])
      console.log(`    ${entry.id}: not plainly, where it says ${instead[0]}`);
  }
  const counted = all.filter(
    ({ cause, harmless }) => !harmless && !byChance.test(cause) && !unseen.test(cause) && !cause.startsWith('healthy'),
  );
  const controls = all.filter(({ cause }) => isControl(cause));
  const share = (group: readonly Verdict[], test: (verdict: Verdict) => boolean) =>
    group.length === 0 ? 1 : group.filter(test).length / group.length;
  const reached = [
    { what: 'causes named', share: share(counted, ({ named, plain }) => named || plain), floor: 0.97 },
    { what: 'causes named plainly', share: share(counted, ({ plain }) => plain), floor: 0.93 },
    { what: 'controls that raise nothing', share: share(controls, ({ named, plain }) => named && plain), floor: 0.93 },
    {
      what: 'damage by chance named',
      share: share(
        all.filter(({ cause, harmless }) => byChance.test(cause) && !harmless),
        ({ named, plain }) => named || plain,
      ),
      floor: 0.96,
    },
  ];
  const spared = all.filter(({ harmless }) => harmless);
  const seen = spared.filter(({ named, plain }) => named || plain);
  console.log(`${'damage that harms no load'.padEnd(38)} ${seen.length} of ${spared.length} named`);
  for (const { what, share: part } of reached) console.log(`${what.padEnd(38)} ${(100 * part).toFixed(1)} %`);
  keepFloors(reached, values.floors);
}
