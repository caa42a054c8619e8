/**
 * The fixtures' graphs on onnxruntime-web, against the numbers that Keras recorded: in Node and in headless Chromium,
 * at least one model for each built-in layer class. `npx tsx eval/web.ts [--filter REGEX] [--all] [--in node,chromium]
 * [--need-browser] [--floors]`; without `--all`, models are chosen until every class has one.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openArtefact } from '../src/artefacts/open.ts';
import { memorySource } from '../src/bytes/memory.ts';
import notRun from '../src/layers/not-run.ts';
import { builtInLayers } from '../src/layers/registry.ts';
import { loaderFor } from '../src/run/load.ts';
import { configureWeb, webBackend } from '../src/run/web-backend.ts';
import { keepFloors } from './floors.ts';
import { findChromium, judgeInChromium } from './web/chromium.ts';
import { judge, type WebCase, type WebOutcome } from './web/judge.ts';

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', default: '' },
    in: { type: 'string', default: 'node,chromium' },
    all: { type: 'boolean', default: false },
    'need-browser': { type: 'boolean', default: false },
    floors: { type: 'boolean', default: false },
  },
});

const here = dirname(fileURLToPath(import.meta.url));
const root = here.includes(join('dist', 'eval')) ? join(here, '..', '..') : join(here, '..');
const folder = join(root, 'test', 'fixtures', 'models');

interface Fixture extends WebCase {
  readonly family: string;
  readonly format: string;
}

function fixtures(): readonly Fixture[] {
  const listed = JSON.parse(readFileSync(join(folder, 'models.json'), 'utf8')) as readonly Fixture[];
  return listed.filter(
    ({ id, format, family }) =>
      ['h5', 'keras'].includes(format) && !family.startsWith('custom:') && new RegExp(flags.filter).test(id),
  );
}

async function inNode(cases: readonly WebCase[]): Promise<readonly WebOutcome[]> {
  configureWeb({ threads: 1, runtime: () => import('onnxruntime-web') });
  const open = (path: string) => openArtefact(memorySource(readFileSync(path), path));
  const load = loaderFor({ backend: webBackend, open, summarize: () => '' });
  const outcomes: WebOutcome[] = [];
  for (const entry of cases) {
    const read = async (name: string) => new Uint8Array(readFileSync(join(folder, entry.id, name)));
    outcomes.push(await judge(entry, read, load));
  }
  return outcomes;
}

/** Classes that compute nothing themselves, or whose computation is not in the artefact. */
const idle: ReadonlySet<string> = new Set(notRun.map(({ name }) => name));

/** Only as many models as show every class once: each that shows a class which none before it showed. */
function enough(outcomes: readonly WebOutcome[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const chosen = new Set<string>();
  for (const { id, classes } of outcomes) {
    if (classes.some(name => !seen.has(name))) chosen.add(id);
    for (const name of classes) seen.add(name);
  }
  return chosen;
}

function report(where: string, outcomes: readonly WebOutcome[]): void {
  const wrong = outcomes.filter(({ why }) => why !== null);
  console.log(`${where}: ${outcomes.length - wrong.length} of ${outcomes.length} models give Keras's numbers`);
  for (const { id, why } of wrong) console.log(`  ${id}: ${why!.slice(0, 160)}`);
  const shown = new Set(outcomes.flatMap(({ classes }) => classes));
  const missing = builtInLayers.filter(
    ({ name, aliases }) => !idle.has(name) && ![name, ...(aliases ?? [])].some(one => shown.has(one)),
  );
  if (missing.length > 0 && !flags.filter) {
    console.log(`  built-in layers without a model: ${missing.map(({ name }) => name).join(', ')}`);
  }
  const share = (outcomes.length - wrong.length) / Math.max(1, outcomes.length);
  keepFloors([{ what: `models on onnxruntime-web in ${where}`, share, floor: 0.99 }], flags.floors);
}

const listed = fixtures();
const first = await inNode(listed);
if (flags.in.includes('node')) report('Node', first);
if (flags.in.includes('chromium')) {
  const chromium = findChromium();
  if (chromium === null) {
    console.error(
      'eval/web: NO CHROMIUM HERE, the browser was not checked; install chromium or set LOADSTONE_CHROMIUM',
    );
    if (flags['need-browser']) process.exitCode = 1;
  } else {
    const chosen = enough(first);
    const cases = listed.filter(({ id }) => flags.all || chosen.has(id));
    const { browser, outcomes } = await judgeInChromium(chromium, root, folder, cases);
    report(`Chromium (${/Chrome\/[\d.]+/.exec(browser)?.[0] ?? browser})`, outcomes);
  }
}
