/**
 * Generates src/eras/forms: for each line of Keras, what the config of every class looked like in which release, taken
 * from introspection of real releases (the `facts` folder of shared data). Run it where that folder is; the result is
 * checked in.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '../eval/corpus.ts';
import { compareVersions } from '../src/eras/versions.ts';

const kinds = ['layers', 'initializers', 'regularizers', 'constraints', 'optimizers', 'losses', 'metrics'] as const;

interface FactsClass {
  config_example?: Record<string, unknown>;
  init?: { params?: { name: string; required?: boolean }[] };
}

interface Facts {
  env: string;
  keras: string;
  tensorflow: string | null;
  namespaces: Record<string, { classes?: Record<string, FactsClass> }>;
  activations: Record<string, unknown>;
}

interface Release {
  line: string;
  version: string;
  facts: Facts;
}

/** A form as the table holds it: the first whole, later ones as what was set and what was dropped since. */
interface Step {
  version: string;
  set: Record<string, unknown>;
  drop: string[];
}

type Forms = Record<string, (Step | { version: string; gone: true })[]>;

function lineOf(env: string): string {
  if (env.startsWith('tf_keras')) return 'tf_keras';
  if (env.startsWith('tf-')) return 'tf.keras';
  return `keras${env.slice('keras-'.length)[0]}`;
}

/** tf.keras goes by TensorFlow's version, all others by Keras's own. */
function versionOf(facts: Facts): string {
  const line = lineOf(facts.env);
  if (line === 'tf.keras') return facts.tensorflow ?? facts.env.slice(3);
  return line === 'tf_keras' ? facts.env.slice('tf_keras-'.length) : facts.keras;
}

function releases(folder: string): Release[] {
  return readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Facts)
    .map(facts => ({ line: lineOf(facts.env), version: versionOf(facts), facts }))
    .filter(({ facts }) => !/theano|jax/.test(facts.env))
    .sort((a, b) => a.line.localeCompare(b.line) || compareVersions(a.version, b.version));
}

/** The config that the class writes, its name aside; where the probe got none, its parameters stand for the keys. */
function formOf({ config_example, init }: FactsClass): Record<string, unknown> {
  if (!config_example) return Object.fromEntries((init?.params ?? []).map(({ name }) => [name, null]));
  const { name: _, ...form } = config_example;
  return JSON.parse(JSON.stringify(form, (key, value) => (key === 'shared_object_id' ? undefined : value)));
}

/** Class → what changed at which release, oldest first. */
function changes(line: readonly Release[], formsOf: (facts: Facts) => Record<string, Record<string, unknown>>): Forms {
  const steps: Forms = {};
  const last: Record<string, Record<string, unknown> | null> = {};
  for (const { version, facts } of line) {
    const now = formsOf(facts);
    for (const name of new Set([...Object.keys(last), ...Object.keys(now)])) {
      const form = now[name] ?? null;
      const step = difference(version, last[name] ?? null, form, name in last);
      last[name] = form;
      if (step) steps[name] = [...(steps[name] ?? []), step];
    }
  }
  return steps;
}

function difference(
  version: string,
  before: Record<string, unknown> | null,
  form: Record<string, unknown> | null,
  known: boolean,
): Forms[string][number] | null {
  if (form === null) return before === null ? null : { version, gone: true };
  const old = before ?? {};
  const changed = Object.entries(form).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(old[key]));
  const drop = Object.keys(old).filter(key => !(key in form));
  if (known && before !== null && changed.length === 0 && drop.length === 0) return null;
  return { version, set: Object.fromEntries(changed), drop };
}

/** A class has the same config wherever it is exported. */
function classesOf(kind: string): (facts: Facts) => Record<string, Record<string, unknown>> {
  const spaces = kind === 'layers' ? ['layers', 'layers.experimental', 'layers.experimental.preprocessing'] : [kind];
  return facts => {
    const classes = spaces.flatMap(space => Object.entries(facts.namespaces[space]?.classes ?? {}));
    const loaded = classes.filter(([name]) => kind !== 'layers' || isLoadedByName(name, facts));
    return Object.fromEntries(loaded.map(([name, found]) => [name, formOf(found)]));
  };
}

/**
 * Random features are exported and never registered; before TF 2.3 no experimental layer is known to be. TF 2.6 made
 * some preprocessing layers anew under their old names: what came before has other arguments, or tables that no .h5
 * holds (hdf5_format.py of 2.4: _legacy_weights).
 */
function isLoadedByName(name: string, facts: Facts): boolean {
  if (name === 'RandomFourierFeatures') return false;
  if (name in (facts.namespaces.layers?.classes ?? {}) || lineOf(facts.env) !== 'tf.keras') return true;
  const version = versionOf(facts);
  return compareVersions(version, madeAnew.has(name) ? '2.6' : '2.3') >= 0;
}

const madeAnew = new Set(['CategoryEncoding', 'Discretization', 'IntegerLookup', 'StringLookup', 'TextVectorization']);

const helpers = new Set(['get', 'serialize', 'deserialize', 'get_from_module', 'deserialize_keras_object', 'Layer']);

function activationsOf({ activations }: Facts): Record<string, Record<string, unknown>> {
  const names = Object.keys(activations).filter(name => !helpers.has(name));
  return Object.fromEntries(names.map(name => [name, {}]));
}

function source(line: string, tables: Record<string, Forms>): string {
  const body = Object.entries(tables).map(([kind, classes]) => {
    const rows = Object.entries(classes).map(([name, steps]) => `    ${name}: [${steps.map(stepText).join(', ')}],`);
    return `  ${kind}: {\n${rows.join('\n')}\n  },`;
  });
  return [
    `/** Generated by scripts/generate-forms.ts: configs that classes of ${line} write, by the release at which they changed. */`,
    '',
    "import type { LineForms } from './types.ts';",
    '',
    `export const forms: LineForms = {\n${body.join('\n')}\n};`,
    '',
  ].join('\n');
}

function stepText(step: Forms[string][number]): string {
  if ('gone' in step) return `['${step.version}', null]`;
  const drop = step.drop.length > 0 ? `, '${step.drop.join(' ')}'` : '';
  return `['${step.version}', ${quoted(JSON.stringify(step.set))}${drop}]`;
}

function quoted(json: string): string {
  return `'${json.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const fileNames: Record<string, string> = { 'tf.keras': 'tensorflow-keras', tf_keras: 'tf-keras' };
const folder = join(sharedFolder(), 'facts');
const target = 'src/eras/forms';
mkdirSync(target, { recursive: true });
const all = releases(folder);
for (const line of new Set(all.map(release => release.line))) {
  const members = all.filter(release => release.line === line);
  const tables = Object.fromEntries(kinds.map(kind => [kind, changes(members, classesOf(kind))]));
  const text = source(line, { ...tables, activations: changes(members, activationsOf) });
  writeFileSync(join(target, `${fileNames[line] ?? line}.ts`), text);
  console.log(line, members.map(release => release.version).join(' '), `${text.length} characters`);
}
