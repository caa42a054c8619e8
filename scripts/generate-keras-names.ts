/**
 * Writes `src/eras/keras-names.ts`: every name that some release of Keras knows without custom objects, by kind, from
 * the facts folder (what each release exports, by introspection). Run: `npx tsx scripts/generate-keras-names.ts FACTS`.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions, plainVersion } from '../src/eras/versions.ts';

interface Facts {
  keras: string;
  namespaces: Record<
    string,
    { classes?: Record<string, { class_name?: string }>; functions?: Record<string, unknown> }
  >;
  string_identifiers: Record<string, Record<string, string>>;
  activations: Record<string, unknown>;
}

/** Kinds by the namespaces of Keras that hold them. */
const kinds: Record<string, { namespaces: string[]; identifiers: string[] }> = {
  layer: {
    namespaces: [
      'layers',
      'models',
      'layers.experimental',
      'layers.experimental.preprocessing',
      'layers.legacy',
      'experimental',
      'legacy.layers',
    ],
    identifiers: [],
  },
  activation: { namespaces: [], identifiers: ['activations'] },
  loss: { namespaces: ['losses', 'objectives'], identifiers: ['losses', 'objectives'] },
  metric: { namespaces: ['metrics'], identifiers: ['metrics'] },
  optimizer: {
    namespaces: [
      'optimizers',
      'optimizers.legacy',
      'optimizers.experimental',
      'mixed_precision',
      'mixed_precision.experimental',
    ],
    identifiers: ['optimizers'],
  },
  schedule: { namespaces: ['optimizers.schedules'], identifiers: [] },
  regularizer: { namespaces: ['regularizers'], identifiers: ['regularizers'] },
  initializer: { namespaces: ['initializers', 'initializations'], identifiers: ['initializers', 'initializations'] },
  constraint: { namespaces: ['constraints'], identifiers: ['constraints'] },
};

/** Lines of Keras, by the names of the facts' files. */
const lines: readonly (readonly [string, RegExp])[] = [
  ['keras1', /^keras-1\./],
  ['keras2', /^keras-2\./],
  ['tf_keras', /^tf_keras-/],
  ['tf.keras', /^tf-/],
  ['keras3', /^keras-3\./],
];

const notNames = new Set([
  'get',
  'get_from_module',
  'get_custom_objects',
  'deserialize',
  'serialize',
  'zip',
  'LegacyOptimizerWarning',
  'deserialize_keras_object',
  'serialize_keras_object',
]);

interface Release {
  line: string;
  version: string;
  names: Map<string, Set<string>>;
}

function readReleases(folder: string): Release[] {
  return readdirSync(folder).flatMap(file => {
    const line = lines.find(([, pattern]) => pattern.test(file))?.[0];
    if (!line || !file.endsWith('.json')) return [];
    const facts = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Facts;
    const names = new Map(Object.keys(kinds).map(kind => [kind, new Set(namesOf(kind, facts))]));
    return [{ line, version: plainVersion(facts.keras), names }];
  });
}

/**
 * The lines that know a name, each with the last release seen without it, where there is one: `tf.keras>2.13.1`.
 * Releases between those seen are taken to know it, since Keras takes on names more often than users hit upon them.
 */
function knownBy(kind: string, name: string, releases: readonly Release[]): string {
  return lines
    .flatMap(([line]) => {
      const own = releases.filter(release => release.line === line);
      const knows = (release: Release) => release.names.get(kind)!.has(name);
      const first = own
        .filter(knows)
        .map(({ version }) => version)
        .sort(compareVersions)[0];
      if (first === undefined) return [];
      const older = own.map(({ version }) => version).filter(version => compareVersions(version, first) < 0);
      const last = older.sort(compareVersions).at(-1);
      return [last === undefined ? line : `${line}>${last}`];
    })
    .join(' ');
}

function namesOf(kind: string, facts: Facts): string[] {
  const { namespaces, identifiers } = kinds[kind]!;
  const classes = namespaces.flatMap(namespace => Object.entries(facts.namespaces[namespace]?.classes ?? {}));
  const names = classes.flatMap(([name, { class_name: own }]) => (own ? [name, own] : [name]));
  const identified = identifiers.flatMap(one => Object.keys(facts.string_identifiers[one] ?? {}));
  return [...names, ...identified, ...(kind === 'activation' ? Object.keys(facts.activations) : [])];
}

const folder = process.argv[2];
if (!folder) throw new Error('give the folder of facts');
const releases = readReleases(folder);
const rows = Object.keys(kinds).flatMap(kind => {
  const names = new Set(releases.flatMap(release => [...release.names.get(kind)!]));
  const groups = new Map<string, string[]>();
  for (const name of names) {
    if (notNames.has(name)) continue;
    const key = knownBy(kind, name, releases);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([known, group]) => `  ['${kind}', '${known}', '${group.sort().join(' ')}'],`);
});
writeFileSync(
  'src/eras/keras-names.ts',
  [
    '/**',
    ' * Generated by scripts/generate-keras-names.ts: names that releases of Keras know without custom objects. Each row:',
    ' * kind, the lines that know them (after which release), the names.',
    ' */',
    '',
    'export const kerasNameRows: readonly (readonly [kind: string, lines: string, names: string])[] = [',
    ...rows,
    '];',
    '',
  ].join('\n'),
);
