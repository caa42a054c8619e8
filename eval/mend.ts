/**
 * Agreement of mended files with real Keras: artefacts that failed in an environment are mended for it, loaded there by
 * the real package, and predict is compared with what was recorded when they were saved.
 *
 * `npx tsx eval/mend.ts ENV… [--filter PATTERN] [--limit N] [--healthy] [--faults] [--jsonl FILE] [--keep FOLDER]`
 * `--healthy` takes those too that load there as they are, `--faults` damaged ones; `--keep` leaves the copies
 * there, `--batch` declares the batch size of the recorded inputs in each, `--foresee` believes the
 * rehearsal instead of asking real Keras.
 * Environments are made by `envs/make-env` beside the clone and kept in $KERAS_ENVS.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { memorySource } from '../src/bytes/memory.ts';
import { readNpz } from '../src/containers/npy/index.ts';
import { writeMendedFile } from '../src/copies/node/mended-file.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { declareInputs } from '../src/mend/input-shape.ts';
import { type MendPlan, planMend } from '../src/mend/mend.ts';
import { targetOf } from '../src/mend/target.ts';
import { usersCodeIn, withoutUsersCode } from '../src/mend/users-code.ts';
import type { Artefact, Model } from '../src/model/types.ts';
import { type Environment, parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { artefactPath, type CorpusCase, corpusFolder, sharedFolder } from './corpus.ts';
import { keepFloors } from './floors.ts';
import { candidates, toleranceOf } from './mend/cases.ts';
import { lostName } from './mend/names.ts';

interface Manifested {
  id: string;
  path: string;
  inputs: string;
  outputs: string;
  tolerance: readonly [number, number];
}

/** How each case ended: `equal`, `refused: …`, `unforeseen: …`, `error: …`, or what real Keras said. */
type Endings = Map<string, string>;

interface Work {
  readonly folder: string;
  readonly environment: Environment;
  /** Where copies are written. */
  readonly copies: string;
  readonly endings: Endings;
  /** Declares the batch size of the recorded inputs, and all else as it is. */
  readonly batch: boolean;
  /** Copies that are written here only to see whether the rehearsal was right to foresee no load. */
  readonly unforeseen: Map<string, string>;
}

async function mendAll(cases: readonly CorpusCase[], work: Work): Promise<Manifested[]> {
  const form = work.environment.line === 'keras3' ? 'keras' : 'h5';
  const written: Manifested[] = [];
  for (const entry of cases) {
    const path = join(work.copies, `${entry.id}.${form}`);
    try {
      const ending = await mendOne(entry, path, form, work);
      if (ending) work.endings.set(entry.id, ending);
      else {
        const beside = (name: string) => join(work.folder, 'cases', entry.id, name);
        const [inputs, outputs, tolerance] = [beside('in.npz'), beside('out.npz'), toleranceOf(entry)];
        written.push({ id: entry.id, path, inputs, outputs, tolerance });
      }
    } catch (error) {
      work.endings.set(entry.id, thrown(error));
    }
  }
  return written;
}

/** SavedModels without layers are refused; what is thrown besides is a fault. */
function thrown(error: unknown): string {
  if (isLoadstoneError(error, 'unsupported')) return `refused: ${error.what}`;
  return `error: ${isLoadstoneError(error) ? error.what : String((error as Error).stack)}`;
}

/** Null where a file was written; else how it ended. */
async function mendOne(entry: CorpusCase, to: string, form: 'h5' | 'keras', work: Work): Promise<string | null> {
  const opened = await openPath(artefactPath(work.folder, entry));
  try {
    if (!opened.model) return 'refused: it holds no architecture';
    const artefact = work.batch ? await withBatch(opened, join(work.folder, 'cases', entry.id, 'in.npz')) : opened;
    const plan = planMend(artefact, targetOf(work.environment.id), form);
    const [refusal] = plan.refusals;
    if (refusal) return `refused: ${refusal.className}: ${refusal.what}`;
    const { doubt, rehearsal } = await writeMendedFile(artefact, plan, to, work.environment, { unforeseen: true });
    if (doubt) return `refused: ${plan.doubts[0]?.className}: ${plan.doubts[0]?.key} would mean something else`;
    const [own] = withoutUsersCode(usersCodeIn(plan.config, artefact, plan.target));
    if (rehearsal.outcome !== 'loads' && own) return `refused: ${own.className}: ${own.what}`;
    if (rehearsal.outcome !== 'loads') {
      const { failure, exception, outcome } = rehearsal;
      work.unforeseen.set(entry.id, `${outcome}, ${failure}: ${exception?.message ?? ''}`.slice(0, 400));
    }
    return await lostNameOf(artefact.model as Model, to, plan);
  } finally {
    await opened.close();
  }
}

async function withBatch(artefact: Artefact, inputs: string): Promise<Artefact> {
  const arrays = await readNpz(memorySource(new Uint8Array(readFileSync(inputs))));
  const [samples] = arrays.get('in_0')?.shape ?? [];
  const declared = artefact.model && declareInputs(artefact.model, { shapes: {}, batchSize: samples ?? null });
  if (declared && 'refused' in declared) throw new Error(`no batch of ${samples}: ${declared.refused.what}`);
  return { ...artefact, model: declared?.model ?? artefact.model };
}

async function lostNameOf(model: Model, to: string, { changes }: MendPlan): Promise<string | null> {
  const copy = await openPath(to);
  const lost = copy.model ? lostName(model, copy.model, changes) : 'the model';
  await copy.close();
  return lost === null ? null : `name lost: ${lost}`;
}

/** The environment's Python, made if it must be; null where that fails, as without a network. */
function pythonOf(environment: string): string | null {
  const make = join(sharedFolder(), 'envs', 'make-env');
  try {
    return execFileSync('python3', [make, environment], { encoding: 'utf8' }).trim();
  } catch {
    console.error(`${environment} cannot be made here: nothing is said of it`);
    return null;
  }
}

/** Copies that one interpreter loads, one after another. */
const batchSize = 200;

function checkAll(python: string, written: readonly Manifested[], work: Work): void {
  for (let rest = [...written]; rest.length > 0; ) {
    const batch = rest.slice(0, batchSize);
    const checked = checkBatch(python, batch, work);
    // One that ends or hangs the interpreter is passed over, and those behind it are tried anew.
    const stopped = batch.find(({ id }) => !checked.has(id));
    if (stopped) work.endings.set(stopped.id, 'the interpreter ended at it');
    rest = rest.filter(({ id }) => !checked.has(id) && id !== stopped?.id);
  }
}

function checkBatch(python: string, batch: readonly Manifested[], work: Work): Set<string> {
  const { line } = work.environment;
  const manifest = join(work.copies, 'manifest.json');
  writeFileSync(manifest, JSON.stringify(batch));
  const script = join(dirname(fileURLToPath(import.meta.url)), 'python', 'check_models.py');
  const module = line === 'tf.keras' || line === 'tf_keras' ? line : 'keras';
  const limits = { maxBuffer: 1 << 28, timeout: 60_000 + 10_000 * batch.length };
  const { stdout } = spawnSync(python, [script, manifest, module], { encoding: 'utf8', ...limits });
  const checked = new Set<string>();
  for (const text of stdout.split('\n').filter(item => item.startsWith('{"id"'))) {
    const { id, ok, error } = JSON.parse(text) as { id: string; ok: boolean; error: string | null };
    const foreseen = work.unforeseen.get(id);
    const loads = foreseen === undefined ? 'equal' : `unforeseen though it loads: ${foreseen}`;
    const fails = foreseen === undefined ? (error ?? 'unknown') : `unforeseen: ${foreseen}`;
    work.endings.set(id, ok ? loads : fails);
    checked.add(id);
  }
  return checked;
}

function table(environment: string, endings: Endings): number {
  const counts = new Map<string, string[]>();
  for (const [id, ending] of endings) {
    const kind = ending.replace(/'[^']*'|"[^"]*"|\d+/g, '…').slice(0, 140);
    counts.set(kind, [...(counts.get(kind) ?? []), id]);
  }
  const equal = counts.get('equal')?.length ?? 0;
  const refused = [...endings.values()].filter(ending => ending.startsWith('refused')).length;
  const tried = endings.size - refused;
  console.log(
    `${environment}: ${endings.size} tried; ${refused} refused by name; of ${tried} others ${equal} load and compute the same (${((100 * equal) / Math.max(1, tried)).toFixed(1)} %)`,
  );
  const rows = [...counts].filter(([kind]) => kind !== 'equal').sort((a, b) => b[1].length - a[1].length);
  for (const [kind, ids] of rows.slice(0, 20))
    console.log(`${String(ids.length).padStart(6)}  ${kind}   e.g. ${ids[0]}`);
  return equal / Math.max(1, tried);
}

/** Shares of what is not refused by name, where they were measured. */
const floors: Readonly<Record<string, number>> = { 'keras-3.15.1+tf-2.21': 0.9 };

async function evaluate(environment: string, python: string | null, folder: string, options: Options): Promise<void> {
  const copies = options.keep ?? mkdtempSync(join(tmpdir(), 'loadstone-mend-'));
  mkdirSync(copies, { recursive: true });
  const unforeseen = new Map<string, string>();
  const { filter, limit, healthy, faults, jsonl, batch } = options;
  const endings: Endings = new Map();
  const work: Work = { folder, environment: parseEnvironment(environment), copies, endings, batch, unforeseen };
  const choice = { filter: new RegExp(filter), limit: Number(limit), healthy, faults };
  const written = await mendAll(candidates(folder, environment, choice), work);
  if (python !== null) checkAll(python, written, work);
  else
    for (const { id } of written)
      endings.set(id, work.unforeseen.has(id) ? `unforeseen: ${work.unforeseen.get(id)}` : 'equal');
  if (!options.keep) rmSync(copies, { recursive: true, force: true });
  const share = table(environment, work.endings);
  const floor = floors[environment] ?? 0.8;
  keepFloors([{ what: `mended files that ${environment} loads and runs alike`, share, floor }], options.floors);
  if (!jsonl) return;
  for (const [id, ending] of work.endings) appendFileSync(jsonl, `${JSON.stringify({ environment, id, ending })}\n`);
}

interface Options {
  readonly filter: string;
  readonly limit: string;
  readonly healthy: boolean;
  readonly faults: boolean;
  readonly floors: boolean;
  readonly batch: boolean;
  readonly jsonl?: string;
  readonly keep?: string;
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      filter: { type: 'string', default: '.' },
      limit: { type: 'string', default: '100000' },
      healthy: { type: 'boolean', default: false },
      faults: { type: 'boolean', default: false },
      floors: { type: 'boolean', default: false },
      batch: { type: 'boolean', default: false },
      foresee: { type: 'boolean', default: false },
      jsonl: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const folder = corpusFolder();
  if (!folder || !existsSync(join(sharedFolder(), 'envs', 'make-env'))) {
    console.error('No corpus or no make-env beside the clone: nothing to evaluate.');
    return;
  }
  for (const environment of positionals) {
    const python = values.foresee ? null : pythonOf(environment);
    if (python || values.foresee) await evaluate(environment, python, folder, values);
  }
}

await main();
