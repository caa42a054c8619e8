/**
 * Agreement of mended files with real Keras: artefacts that failed in an environment are mended for it, loaded there by
 * the real package, and predict is compared with what was recorded when they were saved.
 *
 * `npx tsx eval/mend.ts ENV… [--filter PATTERN] [--limit N] [--jsonl FILE]`
 * Environments are made by `envs/make-env` beside the clone and kept in $KERAS_ENVS.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { targetOf } from '../cli/mend.ts';
import { compareByRunning } from '../cli/same-numbers.ts';
import { openArtefact } from '../src/artefacts/open.ts';
import { fileSource } from '../src/bytes/node/file.ts';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { planMend, writeMended } from '../src/mend/mend.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder, sharedFolder } from './corpus.ts';
import { keepFloors } from './floors.ts';

interface Outcome {
  case: string;
  env: string;
  mode: string;
  ok: boolean;
  stage: string;
}

interface Manifested {
  id: string;
  path: string;
  inputs: string;
  outputs: string;
  tolerance: readonly [number, number];
}

/** How each case ended: `equal`, `refused: …`, `error: …`, or what real Keras said. */
type Endings = Map<string, string>;

/** Cases that failed in that environment under plain load_model, the harness's own crashes aside. */
function failing(folder: string, environment: string): Set<string> {
  const lines = gunzipSync(readFileSync(join(folder, 'outcomes.jsonl.gz')))
    .toString()
    .split('\n');
  const rows = lines
    .filter(line => line.includes(`"env": "${environment}"`))
    .map(line => JSON.parse(line.replace(/-?\bInfinity\b|\bNaN\b/g, 'null')) as Outcome);
  return new Set(rows.filter(row => row.mode === 'default' && !row.ok && row.stage !== 'crash').map(row => row.case));
}

function candidates(folder: string, environment: string, filter: RegExp, limit: number): CorpusCase[] {
  const failed = failing(folder, environment);
  const all = corpusCases(folder).filter(
    entry =>
      failed.has(entry.id) &&
      ['h5', 'keras', 'savedmodel'].includes(entry.format) &&
      !entry.family.startsWith('fault:') &&
      entry.custom_objects.length === 0 &&
      filter.test(entry.id),
  );
  const step = Math.max(1, Math.floor(all.length / limit));
  return all.filter((_, index) => index % step === 0).slice(0, limit);
}

/** 16-bit and quantised layers compute coarsely (contract: same numbers). */
function toleranceOf({ id }: CorpusCase): readonly [number, number] {
  if (/bf16|bfloat16|int8|quant|float8/.test(id)) return [3e-2, 3e-2];
  return /fp16|float16|mixed|policy/.test(id) ? [1e-2, 1e-2] : [1e-4, 1e-3];
}

async function mendAll(
  folder: string,
  environment: string,
  cases: readonly CorpusCase[],
  work: string,
  endings: Endings,
): Promise<Manifested[]> {
  const target = targetOf(environment);
  const form = target.line === 'keras3' ? 'keras' : 'h5';
  const written: Manifested[] = [];
  for (const entry of cases) {
    const path = join(work, `${entry.id}.${form}`);
    try {
      const ending = await mendOne(artefactPath(folder, entry), path, target, form);
      if (ending) endings.set(entry.id, ending);
      else {
        const beside = (name: string) => join(folder, 'cases', entry.id, name);
        written.push({
          id: entry.id,
          path,
          inputs: beside('in.npz'),
          outputs: beside('out.npz'),
          tolerance: toleranceOf(entry),
        });
      }
    } catch (error) {
      endings.set(entry.id, `error: ${isLoadstoneError(error) ? error.what : String(error)}`);
    }
  }
  return written;
}

/** Null where a file was written; else how it ended. */
async function mendOne(
  from: string,
  to: string,
  target: ReturnType<typeof targetOf>,
  form: 'h5' | 'keras',
): Promise<string | null> {
  const artefact = await openArtefact(await fileSource(from));
  try {
    const plan = planMend(artefact, target, form);
    const [refusal] = plan.refusals;
    if (refusal) return `refused: ${refusal.className}: ${refusal.what}`;
    const sink = await fileSink(to);
    await writeMended(plan, sink);
    const doubt = plan.doubts.length > 0 ? await compareByRunning(artefact, sink.path) : null;
    if (doubt) await sink.abandon();
    else await sink.close();
    return doubt && `refused: ${plan.doubts[0]?.className}: ${plan.doubts[0]?.key} would mean something else`;
  } finally {
    await artefact.close();
  }
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

function checkAll(
  python: string,
  environment: string,
  written: readonly Manifested[],
  work: string,
  endings: Endings,
): void {
  const { line } = targetOf(environment);
  const manifest = join(work, 'manifest.json');
  writeFileSync(manifest, JSON.stringify(written));
  const script = join(dirname(fileURLToPath(import.meta.url)), 'python', 'check_models.py');
  const module = line === 'tf.keras' || line === 'tf_keras' ? line : 'keras';
  const { stdout } = spawnSync(python, [script, manifest, module], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  for (const text of stdout.split('\n').filter(item => item.startsWith('{"id"'))) {
    const { id, ok, error } = JSON.parse(text) as { id: string; ok: boolean; error: string | null };
    endings.set(id, ok ? 'equal' : (error ?? 'unknown'));
  }
  for (const { id } of written) if (!endings.has(id)) endings.set(id, 'the interpreter ended before it');
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
    `${environment}: ${endings.size} failed there; ${refused} refused by name; of ${tried} written ${equal} load and compute the same (${((100 * equal) / Math.max(1, tried)).toFixed(1)} %)`,
  );
  const rows = [...counts].filter(([kind]) => kind !== 'equal').sort((a, b) => b[1].length - a[1].length);
  for (const [kind, ids] of rows.slice(0, 20))
    console.log(`${String(ids.length).padStart(6)}  ${kind}   e.g. ${ids[0]}`);
  return equal / Math.max(1, tried);
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      filter: { type: 'string', default: '.' },
      limit: { type: 'string', default: '100000' },
      jsonl: { type: 'string' },
      floors: { type: 'boolean', default: false },
    },
  });
  const folder = corpusFolder();
  if (!folder || !existsSync(join(sharedFolder(), 'envs', 'make-env'))) {
    console.error('No corpus or no make-env beside the clone: nothing to evaluate.');
    return;
  }
  for (const environment of positionals) {
    const python = pythonOf(environment);
    if (!python) continue;
    const work = mkdtempSync(join(tmpdir(), 'loadstone-mend-'));
    mkdirSync(work, { recursive: true });
    const endings: Endings = new Map();
    const cases = candidates(folder, environment, new RegExp(values.filter), Number(values.limit));
    const written = await mendAll(folder, environment, cases, work, endings);
    checkAll(python, environment, written, work, endings);
    rmSync(work, { recursive: true, force: true });
    const share = table(environment, endings);
    keepFloors([{ what: `mended files that ${environment} loads and runs alike`, share, floor: 0.8 }], values.floors);
    if (values.jsonl) {
      for (const [id, ending] of endings)
        appendFileSync(values.jsonl, `${JSON.stringify({ environment, id, ending })}\n`);
    }
  }
}

await main();
