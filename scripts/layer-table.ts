/**
 * Writes docs/layers.md: every layer class that any release exports, by line of Keras, and how predictions with it
 * agree with that line's own. Takes the facts and the evaluation from what lies beside the clone, and skips when they
 * are not there.
 * `npx tsx eval/run.ts --json --filter layer: > outcomes.jsonl && npx tsx scripts/layer-table.ts outcomes.jsonl`
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusCases, corpusFolder, sharedFolder } from '../eval/corpus.ts';
import type { Era } from '../src/eras/era.ts';
import { normaliseLayer } from '../src/eras/normalise/layer.ts';
import { builtInLayer } from '../src/layers/registry.ts';

/** Lines of Keras, oldest first, with the environments that belong to each. */
const lines = [
  { title: 'Keras 1', test: /^keras-1\./, era: { line: 'keras1', keras: '1.2.2', backend: 'tensorflow' } },
  { title: 'Keras 2', test: /^keras-2\./, era: { line: 'keras2', keras: '2.2.4', backend: 'tensorflow' } },
  { title: 'TF 1', test: /^tf-1\./, era: { line: 'tf.keras', keras: '2.2.4', backend: 'tensorflow' } },
  { title: 'TF 2', test: /^tf(-2\.|_keras-)/, era: { line: 'tf.keras', keras: '2.8.0', backend: 'tensorflow' } },
  { title: 'Keras 3', test: /^keras-3\./, era: { line: 'keras3', keras: '3.10.0', backend: 'tensorflow' } },
] as const satisfies readonly { title: string; test: RegExp; era: Era }[];

type Title = (typeof lines)[number]['title'];

/** Classes that are there to be inherited from, and wrappers of other frameworks' code, which no file holds. */
const notes: Readonly<Record<string, string>> = {
  Layer: 'base class',
  InputSpec: 'no layer',
  Wrapper: 'base class',
  PreprocessingLayer: 'base class',
  AbstractRNNCell: 'base class',
  Recurrent: 'base class',
  ConvRecurrent2D: 'base class',
  JaxLayer: 'holds code of JAX',
  FlaxLayer: 'holds code of Flax',
  TorchModuleWrapper: 'holds code of PyTorch',
};

interface Tally {
  same: number;
  all: number;
}

function main([outcomesPath]: readonly string[]): void {
  const facts = join(sharedFolder(), 'facts');
  const corpus = corpusFolder();
  if (!existsSync(facts) || corpus === null || !outcomesPath || !existsSync(outcomesPath)) {
    console.log(
      'layer-table: needs the facts and the corpus beside the clone, and an evaluation; docs/layers.md is left as it is',
    );
    return;
  }
  const exported = exportedClasses(facts);
  const tallies = tallyOutcomes(outcomesPath, corpus);
  const rows = [...exported.keys()].sort().map(name => row(name, exported.get(name)!, tallies.get(name)));
  writeFileSync('docs/layers.md', page(rows, exported.size));
  console.log(`docs/layers.md: ${rows.length} classes`);
}

/** Real class names with the lines that export them under any name. */
function exportedClasses(facts: string): Map<string, Set<Title>> {
  const found = new Map<string, Set<Title>>();
  for (const file of readdirSync(facts).filter(name => name.endsWith('.json'))) {
    const line = lines.find(({ test }) => test.test(file));
    if (!line) continue;
    const { namespaces } = JSON.parse(readFileSync(join(facts, file), 'utf8')) as {
      namespaces: { [name: string]: { classes?: { [name: string]: { class_name: string } } } };
    };
    for (const [namespace, { classes }] of Object.entries(namespaces)) {
      if (!/^layers(\.|$)/.test(namespace)) continue;
      for (const { class_name: name } of Object.values(classes ?? {})) {
        found.set(name, (found.get(name) ?? new Set()).add(line.title));
      }
    }
  }
  return found;
}

/** Agreement by class and line, from the JSON lines that `eval/run.ts --json` prints. */
function tallyOutcomes(path: string, corpus: string): Map<string, Map<Title, Tally>> {
  const savedBy = new Map(corpusCases(corpus).map(entry => [entry.id, entry.saved_by]));
  const found = new Map<string, Map<Title, Tally>>();
  for (const text of readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('{'))) {
    const { id, family, status } = JSON.parse(text) as { id: string; family: string; status: string };
    const name = aliasOf(/^layer:(.+)$/.exec(family)?.[1] ?? '');
    const line = lines.find(({ test }) => test.test(savedBy.get(id) ?? ''));
    if (name === '' || !line) continue;
    const byLine = found.get(name) ?? new Map<Title, Tally>();
    const tally = byLine.get(line.title) ?? { same: 0, all: 0 };
    byLine.set(line.title, { same: tally.same + (status === 'same' ? 1 : 0), all: tally.all + 1 });
    found.set(name, byLine);
  }
  return found;
}

/** The corpus names one family by what configs call the class. */
function aliasOf(family: string): string {
  return family === 'GroupQueryAttention' ? 'GroupedQueryAttention' : family;
}

function row(name: string, exporters: ReadonlySet<Title>, tallies: ReadonlyMap<Title, Tally> | undefined): string {
  const cells = lines.map(({ title, era }) => {
    if (!exporters.has(title)) return tallies?.has(title) ? cell(tallies.get(title)!) : '';
    if (notes[name]) return notes[name];
    const tally = tallies?.get(title);
    if (tally) return cell(tally);
    return isDefined(name, era) ? 'yes' : '**no**';
  });
  return `| ${name} | ${cells.join(' | ')} |`;
}

function cell({ same, all }: Tally): string {
  return same === all ? `${same}/${all}` : `**${same}/${all}**`;
}

function isDefined(name: string, era: Era): boolean {
  const stored = { class_name: name, config: {} };
  const { className } = normaliseLayer(stored, { era, ordering: 'channels_last' });
  return builtInLayer(className) !== null;
}

function page(rows: readonly string[], count: number): string {
  return `# Layers by line of Keras

Made by \`scripts/layer-table.ts\` from ${count} classes that the releases export and from the evaluation over the corpus.
*n/m*: predictions of n out of m artefacts of that line agree with what Keras itself gave. *yes*: the class is
defined, and the corpus has no artefact of it from that line. *no*: not defined. Empty: the line does not export it.

| class | ${lines.map(({ title }) => title).join(' | ')} |
| --- |${lines.map(() => ' --- |').join('')}
${rows.join('\n')}
`;
}

main(process.argv.slice(2));
