/**
 * How well predictions agree with real Keras: runs every artefact of the corpus that has inputs and outputs, and
 * compares as the contract says. Prints a table by family and the commonest failures.
 * `npx tsx eval/run.ts [--filter regex] [--formats h5,keras] [--json] [--failures N]
 *   [--backend web] [--one-each]`: on onnxruntime-web; one artefact of each builder only
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { loaderFor } from '../src/run/load.ts';
import { configureWeb, webBackend } from '../src/run/web-backend.ts';
import { loadModel as loadInNode } from '../src/run.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder } from './corpus.ts';
import { corpusObjects } from './custom-objects.ts';
import { keepFloors } from './floors.ts';
import { disagreement, recorded } from './recorded.ts';

interface Outcome {
  readonly id: string;
  readonly family: string;
  readonly format: string;
  readonly status: 'same' | 'differs' | 'fails' | 'skipped';
  readonly message: string;
  readonly milliseconds: number;
}

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string' },
    formats: { type: 'string', default: 'h5,keras' },
    json: { type: 'boolean', default: false },
    failures: { type: 'string', default: '30' },
    ids: { type: 'boolean', default: false },
    floors: { type: 'boolean', default: false },
    backend: { type: 'string', default: 'node' },
    'one-each': { type: 'boolean', default: false },
  },
});

const folder = corpusFolder();
if (folder === null) {
  console.error('eval/run: no corpus here; set LOADSTONE_CORPUS to its folder');
  process.exit(0);
}

configureWeb({ threads: 1, runtime: () => import('onnxruntime-web') });
const loadInWeb = loaderFor({ backend: webBackend, open: openPath, summarize: () => '' });
const loadModel = flags.backend === 'web' ? loadInWeb : loadInNode;

const formats = flags.formats.split(',');
const builders = new Set<string>();
const wanted = corpusCases(folder).filter(
  entry =>
    formats.includes(entry.format) &&
    (!flags.filter || new RegExp(flags.filter).test(`${entry.id} ${entry.family}`)) &&
    existsSync(join(folder, 'cases', entry.id, 'out.npz')) &&
    (!flags['one-each'] || (!builders.has(entry.builder) && builders.add(entry.builder))),
);

const outcomes: Outcome[] = [];
for (const entry of wanted) outcomes.push(await judge(entry, folder));
if (flags.json) for (const outcome of outcomes) console.log(JSON.stringify(outcome));
else report(outcomes);

async function judge(entry: CorpusCase, root: string): Promise<Outcome> {
  const started = performance.now();
  const outcome = (status: Outcome['status'], message = ''): Outcome => ({
    id: entry.id,
    family: entry.family,
    format: entry.format,
    status,
    message,
    milliseconds: performance.now() - started,
  });
  try {
    const inputs = await recorded(root, entry.id, 'in');
    const expected = await recorded(root, entry.id, 'out');
    const model = await loadModel(artefactPath(root, entry), {
      prepack: false,
      customObjects: corpusObjects(entry.builder),
    });
    try {
      const found = await model.predictAll(inputs);
      const why = disagreement(found, expected, model.artefact);
      return why === null ? outcome('same') : outcome('differs', why);
    } finally {
      await model.dispose();
    }
  } catch (error) {
    if (isLoadstoneError(error, 'missing-custom-object')) return outcome('skipped', error.message);
    const text = error instanceof Error ? error.message : String(error);
    const bug = isLoadstoneError(error)
      ? ''
      : `${
          (error as Error).stack
            ?.split('\n')[1]
            ?.trim()
            .replace(/\(.*\/main\//, '(') ?? ''
        } `;
    return outcome('fails', `${isLoadstoneError(error) ? `[${error.code}] ` : '[bug] '}${bug}${text}`);
  }
}

function report(all: readonly Outcome[]): void {
  const families = groupBy(all);
  const complete: string[] = [];
  for (const [family, list] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const count = (status: Outcome['status']) => list.filter(outcome => outcome.status === status).length;
    if (count('same') === list.length) {
      complete.push(`${family} ${list.length}`);
      continue;
    }
    console.log(
      `${family.padEnd(44)} ${count('same')}/${list.length} same, ${count('differs')} differ, ${count('fails')} fail, ${count('skipped')} skipped`,
    );
  }
  console.log(`\nwhole: ${complete.join(', ')}\n`);
  const causes = groupBy(
    all.filter(({ status }) => status === 'fails' || status === 'differs'),
    ({ message, status }) =>
      status === 'differs' ? 'numbers differ' : message.replace(/"[^"]*"/g, '"…"').replace(/\d+/g, 'N'),
  );
  for (const [cause, list] of [...causes]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, Number(flags.failures))) {
    console.log(
      `${String(list.length).padStart(5)}  ${cause.slice(0, 200)}\n       ${list[0]!.id}: ${list[0]!.message.slice(0, 160)}`,
    );
    if (flags.ids) for (const { id, message } of list) console.log(`         ${id}: ${message.slice(0, 140)}`);
  }
  const sound = all.filter(({ family }) => /^(layer|arch|custom):/.test(family));
  const same = sound.filter(({ status }) => status === 'same').length;
  keepFloors(
    [{ what: 'sound models that give the recorded numbers', share: same / sound.length, floor: 0.96 }],
    flags.floors,
  );
  const total = (status: Outcome['status']) => all.filter(outcome => outcome.status === status).length;
  const time = all.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  console.log(
    `\n${total('same')} of ${all.length} the same; ${total('differs')} differ, ${total('fails')} fail, ${total('skipped')} need custom objects; ${(time / 1000).toFixed(1)} s`,
  );
}

function groupBy(
  all: readonly Outcome[],
  key: (outcome: Outcome) => string = ({ family }) => family,
): Map<string, Outcome[]> {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of all) groups.set(key(outcome), [...(groups.get(key(outcome)) ?? []), outcome]);
  return groups;
}
