/**
 * Does the Python that `convert --to python` writes build, in real Keras, a model that computes what was recorded?
 * Converts artefacts of the corpus, runs the code there with its weights, and compares predict.
 *
 * `npx tsx eval/python.ts ENV… [--filter PATTERN] [--limit N] [--keep FOLDER] [--floors]`
 * Environments are made by `envs/make-env` beside the clone and kept in $KERAS_ENVS.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import type { ByteSink } from '../src/bytes/sink.ts';
import { probeCopy } from '../src/copies/node/probe.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { convert } from '../src/mend/convert.ts';
import { targetOf } from '../src/mend/target.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder, sharedFolder } from './corpus.ts';
import { keepFloors } from './floors.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    filter: { type: 'string', default: '.' },
    limit: { type: 'string', default: '100000' },
    keep: { type: 'string' },
    floors: { type: 'boolean', default: false },
  },
});

interface Listed {
  readonly id: string;
  readonly path: string;
  readonly code: string;
  readonly inputs: string;
  readonly outputs: string;
  readonly tolerance: readonly [number, number];
}

const folder = corpusFolder();
if (folder === null || !existsSync(join(sharedFolder(), 'envs', 'make-env'))) {
  console.error('eval/python: no corpus or no make-env beside the clone');
} else {
  for (const environment of positionals) await evaluate(environment, folder);
}

/** One artefact of every builder, spread over the releases that wrote them. */
function chosen(root: string): CorpusCase[] {
  const seen = new Set<string>();
  const all = corpusCases(root).filter(entry => {
    if (entry.family.startsWith('fault') || entry.custom_objects.length > 0) return false;
    if (!['h5', 'keras'].includes(entry.format) || !existsSync(join(root, 'cases', entry.id, 'out.npz'))) return false;
    if (!new RegExp(flags.filter).test(entry.id) || seen.has(entry.builder)) return false;
    seen.add(entry.builder);
    return true;
  });
  const step = Math.max(1, all.length / Number(flags.limit));
  return all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step)).slice(0, Number(flags.limit));
}

async function evaluate(environment: string, root: string): Promise<void> {
  const python = pythonOf(environment);
  if (!python) return;
  const work = flags.keep ?? mkdtempSync(join(tmpdir(), 'loadstone-python-'));
  mkdirSync(work, { recursive: true });
  const endings = new Map<string, string>();
  const listed: Listed[] = [];
  for (const entry of chosen(root)) {
    const ending = await written(entry, root, work, environment);
    if (typeof ending === 'string') endings.set(entry.id, ending);
    else listed.push(ending);
  }
  for (const [id, ending] of ran(python, environment, listed, work)) endings.set(id, ending);
  if (!flags.keep) rmSync(work, { recursive: true, force: true });
  report(environment, endings);
}

async function written(entry: CorpusCase, root: string, work: string, environment: string): Promise<Listed | string> {
  try {
    const artefact = await openPath(artefactPath(root, entry));
    try {
      const plan = convert(artefact, 'python', targetOf(environment), `${entry.id}.weights.h5`);
      const [refusal] = plan.refusals;
      if (refusal) return `refused: ${refusal.className}: ${refusal.what}`;
      const doubt = plan.doubts?.length && plan.target ? await probeCopy(artefact, plan.target) : null;
      if (doubt) return `refused: ${doubt}`;
      const code = join(work, `${entry.id}.py`);
      await whole(code, plan.write);
      if (plan.beside) await whole(join(work, plan.beside.name), plan.beside.write);
      const beside = (name: string) => join(root, 'cases', entry.id, name);
      const coarse = /bf16|int8|quant|float8/.test(entry.id)
        ? 3e-2
        : /fp16|float16|mixed|policy/.test(entry.id)
          ? 1e-2
          : 0;
      const tolerance = [coarse || 1e-4, coarse || 1e-3] as const;
      return { id: entry.id, path: code, code, inputs: beside('in.npz'), outputs: beside('out.npz'), tolerance };
    } finally {
      await artefact.close();
    }
  } catch (error) {
    return isLoadstoneError(error) ? `refused: [${error.code}] ${error.what}` : `bug: ${String(error)}`;
  }
}

async function whole(path: string, write: (sink: ByteSink) => Promise<void>): Promise<void> {
  const sink = await fileSink(path);
  try {
    await write(sink);
    await sink.close();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

/** The environment's Python, made if it must be; null where that fails, as without a network. */
function pythonOf(environment: string): string | null {
  try {
    const make = join(sharedFolder(), 'envs', 'make-env');
    return execFileSync('python3', [make, environment], { encoding: 'utf8' }).trim();
  } catch {
    console.error(`${environment} cannot be made here: nothing is said of it`);
    return null;
  }
}

function ran(python: string, environment: string, listed: readonly Listed[], work: string): Map<string, string> {
  const manifest = join(work, 'manifest.json');
  writeFileSync(manifest, JSON.stringify(listed));
  const script = join(dirname(fileURLToPath(import.meta.url)), 'python', 'check_models.py');
  const { line } = targetOf(environment);
  const module = line === 'tf.keras' || line === 'tf_keras' ? line : 'keras';
  const { stdout } = spawnSync(python, [script, manifest, module], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const endings = new Map(listed.map(({ id }) => [id, 'the interpreter ended before it'] as const)) as Map<
    string,
    string
  >;
  for (const text of stdout.split('\n').filter(item => item.startsWith('{"id"'))) {
    const { id, ok, error } = JSON.parse(text) as { id: string; ok: boolean; error: string | null };
    endings.set(id, ok ? 'equal' : (error ?? 'unknown'));
  }
  return endings;
}

function report(environment: string, endings: ReadonlyMap<string, string>): void {
  const all = [...endings];
  const refused = all.filter(([, ending]) => ending.startsWith('refused'));
  const equal = all.filter(([, ending]) => ending === 'equal').length;
  const tried = all.length - refused.length;
  for (const [id, ending] of all) if (ending !== 'equal') console.log(`${id}: ${ending}`);
  console.log(
    `${environment}: ${equal} of ${tried} written build and compute the same; ${refused.length} refused by name`,
  );
  const share = equal / Math.max(1, tried);
  keepFloors([{ what: `Python code in ${environment}`, share, floor: 0.9 }], flags.floors);
}
