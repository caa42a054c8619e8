/**
 * Writes `src/eras/signatures/*.ts`: for each line of Keras, which classes and functions each release exports and what
 * their constructors take. Reads a folder of facts, one JSON for each release, made by introspection.
 *
 *     npx tsx scripts/generate-signatures.ts FACTS_FOLDER [MORE_FACTS_FOLDER…]
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareVersions } from '../src/eras/versions.ts';

interface Parameters {
  params: { name: string; required?: boolean }[];
  kwargs: boolean;
  varargs: boolean;
}

interface Facts {
  env: string;
  keras: string;
  tensorflow: string | null;
  namespaces: {
    [space: string]: {
      classes: {
        [name: string]: {
          class_name?: string;
          defined_in?: string;
          init?: Parameters;
          mro?: string[];
          config_keys?: string[];
        };
      };
      functions: { [name: string]: unknown };
    };
  };
  activations?: { [name: string]: unknown };
  string_identifiers?: { [space: string]: { [name: string]: string } };
  operation_classes?: { [name: string]: { defined_in?: string; init?: Parameters } };
  base_layer_allowed_kwargs?: string[];
  base_optimizer_allowed_kwargs?: string[];
}

const lines = ['keras1', 'keras2', 'tf-keras', 'keras3'] as const;
type LineFile = (typeof lines)[number];

/** Bases that every class has and no loader asks for. */
const plumbing = new Set(
  'object Module AutoTrackable Trackable KerasAutoTrackable TFLayer TFOptimizer BackendLayer LayerVersionSelector KerasSaveable'.split(
    ' ',
  ),
);

/** Spaces that no loader looks into. */
const skipped = new Set(['callbacks', 'visualization', 'distribution', 'random']);

function lineOf(facts: Facts): LineFile {
  if (facts.env.startsWith('tf')) return 'tf-keras';
  const major = facts.keras.split('.')[0];
  return major === '1' ? 'keras1' : major === '2' ? 'keras2' : 'keras3';
}

/** The release by which the line is counted: TensorFlow's for tf.keras, the package's own elsewhere. */
function releaseOf(facts: Facts): string {
  return facts.env.startsWith('tf-') ? facts.tensorflow! : facts.keras;
}

/** Keys of the release's own config that are no parameters by name: bases take them from `**kwargs`. */
function inheritedKeys(parameters: Parameters | undefined, keys: readonly string[] = []): string[] {
  const own = new Set(parameters?.params.map(({ name }) => name));
  return keys.filter(key => !own.has(key)).map(key => `+${key}`);
}

function describe(parameters: Parameters | undefined, keys?: readonly string[]): string {
  if (!parameters) return '-';
  const names = parameters.params.map(({ name, required }) => (required ? `${name}!` : name));
  if (parameters.varargs) names.push('*');
  if (parameters.kwargs) names.push('**', ...inheritedKeys(parameters, keys));
  return names.join(' ');
}

/** One string for all that a release says of a name. */
function entriesOf(facts: Facts): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [space, { classes, functions }] of Object.entries(facts.namespaces)) {
    if (skipped.has(space)) continue;
    for (const [name, found] of Object.entries(classes)) {
      const bases = (found.mro ?? []).filter(base => !plumbing.has(base)).join(',');
      const own = found.class_name && found.class_name !== name ? `=${found.class_name}` : '';
      entries.set(
        `${space}.${name}`,
        `${own}|${found.defined_in ?? ''}|${bases}|${describe(found.init, found.config_keys)}`,
      );
    }
    for (const name of Object.keys(functions)) entries.set(`${space}.${name}`, 'function');
  }
  for (const name of Object.keys(facts.activations ?? {})) entries.set(`activations.${name}`, 'function');
  for (const [space, names] of Object.entries(facts.string_identifiers ?? {}))
    for (const [name, target] of Object.entries(names)) entries.set(`strings.${space}.${name}`, `=${target}`);
  for (const [name, found] of Object.entries(facts.operation_classes ?? {}))
    entries.set(`ops.${name}`, `|${found.defined_in ?? ''}|Operation|${describe(found.init)}`);
  for (const key of ['base_layer_allowed_kwargs', 'base_optimizer_allowed_kwargs'] as const)
    if (facts[key]) entries.set(`base.${key.split('_')[1]}`, facts[key].join(' '));
  return entries;
}

function readFacts(folders: readonly string[]): Map<LineFile, Map<string, Map<string, string>>> {
  const found = new Map<LineFile, Map<string, Map<string, string>>>(lines.map(line => [line, new Map()]));
  for (const folder of folders) {
    for (const file of readdirSync(folder)
      .filter(name => name.endsWith('.json'))
      .sort()) {
      const facts = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Facts;
      const releases = found.get(lineOf(facts))!;
      const release = releaseOf(facts);
      if (!releases.has(release)) releases.set(release, entriesOf(facts));
    }
  }
  return found;
}

/** `name → [first release, last release, pool index, …]`, release numbers being indices. */
function compact(releases: readonly (readonly [string, Map<string, string>])[]) {
  const pool: string[] = [];
  const indices = new Map<string, number>();
  const names: { [name: string]: number[] } = {};
  releases.forEach(([, entries], at) => {
    for (const [name, text] of entries) {
      if (!indices.has(text)) indices.set(text, pool.push(text) - 1);
      const index = indices.get(text)!;
      const spans = (names[name] ??= []);
      if (spans.at(-2) === at - 1 && spans.at(-1) === index) spans[spans.length - 2] = at;
      else spans.push(at, at, index);
    }
  });
  return { pool, names };
}

function write(line: LineFile, found: Map<string, Map<string, string>>, folder: string): void {
  const releases = [...found].sort(([a], [b]) => compareVersions(a, b));
  const { pool, names } = compact(releases);
  const rows = Object.entries(names)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spans]) => `    ${JSON.stringify(name)}: ${JSON.stringify(spans)},`);
  const text = `/** Generated by scripts/generate-signatures.ts from facts read in the releases themselves. Do not edit. */

import type { SignatureTable } from './table.ts';

export const table: SignatureTable = {
  releases: ${JSON.stringify(releases.map(([release]) => release))},
  pool: [
${pool.map(entry => `    ${JSON.stringify(entry)},`).join('\n')}
  ],
  names: {
${rows.join('\n')}
  },
};
`;
  writeFileSync(join(folder, `${line}.ts`), text);
  console.log(`${line}: ${releases.length} releases, ${rows.length} names, ${text.length} characters`);
}

const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error('usage: npx tsx scripts/generate-signatures.ts FACTS_FOLDER [MORE_FACTS_FOLDER…]');
  process.exit(2);
}
const target = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'eras', 'signatures');
for (const [line, found] of readFacts(folders)) write(line, found, target);
