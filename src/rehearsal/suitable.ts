/** Which environments suit an artefact: the one it was made in, and the newest that loads it. */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import { compareVersions } from '../eras/versions.ts';
import type { Provenance } from '../model/types.ts';
import { type Environment, knownEnvironments } from './environments/index.ts';
import { between } from './leading.ts';
import { rehearse } from './rehearse.ts';
import type { RunOptions } from './run.ts';
import type { Mode, Rehearsal } from './types.ts';

/** What most people have installed, by id: the common answer when nobody says where. */
const common = [
  'keras-3.15.1+tf-2.21',
  'keras-3.10.0+tf-2.19',
  'tf_keras-2.21',
  'tf-2.15.1',
  'tf-2.8.4',
  'keras-2.2.4+tf-1.15',
];

export interface Suitable {
  /** The environment nearest to the one that wrote it; null where the artefact does not tell. */
  readonly madeIn: Environment | null;
  /** The newest known environment in which it loads as it was meant; null where there is none. */
  readonly newest: Environment | null;
}

/** How it goes in every known environment. */
type Survey = readonly { readonly environment: Environment; readonly rank: number }[];

function survey(raw: RawArtefact, mode: Mode, options: RunOptions): Survey {
  return knownEnvironments.map(environment => ({
    environment,
    rank: rankOf(rehearse(raw, environment, mode, { ...options, firstOnly: true })),
  }));
}

export function suitableEnvironments(raw: RawArtefact, provenance: Provenance | null): Suitable {
  return suitable(survey(raw, 'default', {}), provenance);
}

function suitable(surveyed: Survey, provenance: Provenance | null): Suitable {
  const fine = surveyed.filter(({ rank }) => rank === 0).map(({ environment }) => environment);
  const newest = [...fine].sort(byAge).at(-1) ?? null;
  const writer = provenance && knownEnvironments.filter(({ line }) => line === provenance.line);
  const madeIn = writer && writer.length > 0 ? nearest(writer, provenance, fine) : null;
  return { madeIn, newest };
}

/** Loads, and nothing is to be said of it. */
export function isFine({ outcome, failure }: Rehearsal): boolean {
  return outcome === 'loads' && failure === null;
}

/** Said of good and bad files alike by loaders that do not know the format. */
const vague = new Set([
  'wrong-loader-for-format',
  'filename-extension-required',
  'savedmodel-missing-files',
  'checkpoint-wrong-name',
  'not-a-model-file',
]);

/** Smaller is better; where nothing loads, failures of the artefact's own come before those of the environment. */
function rankOf(rehearsal: Rehearsal): number {
  const { outcome, failure, stage } = rehearsal;
  if (isFine(rehearsal)) return 0;
  if (outcome === 'loads') return 1;
  if (failure !== null && between.has(failure)) {
    if (outcome === 'loads-but-differs') return 3;
    return stage === 'compile' ? 4 : 6;
  }
  if (outcome === 'loads-but-differs') return 2;
  return failure !== null && vague.has(failure) ? 5 : 4;
}

const ages = ['keras1', 'keras2', 'tf.keras', 'tf_keras', 'keras3'];

/** Older lines and releases first. */
export function byAge(a: Environment, b: Environment): number {
  if (a.line !== b.line) return ages.indexOf(a.line) - ages.indexOf(b.line);
  return compareVersions(a.tensorflow ?? '0', b.tensorflow ?? '0') || compareVersions(a.keras, b.keras);
}

/** TensorFlow is what most people have. */
function byUse(a: Environment, b: Environment): number {
  return Number(a.backend === 'tensorflow') - Number(b.backend === 'tensorflow') || byAge(a, b);
}

/** The same version of Keras, else the next newer one, preferring where it loads. */
function nearest(
  candidates: readonly Environment[],
  { keras, backend }: Provenance,
  fine: readonly Environment[],
): Environment | null {
  const wanted = keras ?? '0';
  const rank = (environment: Environment) => {
    const version = environment.keras.replace(/-tf$/, '');
    const distance = version === wanted ? 0 : compareVersions(version, wanted) > 0 ? 1 : 2;
    const strange = environment.backend === (backend ?? 'tensorflow') ? 0 : 0.5;
    return distance + strange + (fine.includes(environment) ? 0 : 0.25) + (environment.id.includes('h5py') ? 0.1 : 0);
  };
  return [...candidates].sort((a, b) => rank(a) - rank(b) || byAge(a, b))[0] ?? null;
}

/** The environment that suits best, then the common ones; one that is `stated` beside the artefact leads where it is as good. */
export function shortList(
  raw: RawArtefact,
  provenance: Provenance | null,
  mode: Mode = 'default',
  options: RunOptions = {},
  stated?: Environment,
): readonly Environment[] {
  const surveyed = survey(raw, mode, options);
  const { madeIn } = suitable(surveyed, provenance);
  const least = Math.min(...surveyed.map(({ rank }) => rank));
  const best = surveyed.filter(({ rank }) => rank === least).map(({ environment }) => environment);
  const first = madeIn && best.includes(madeIn) ? madeIn : [...best].sort(byUse).at(-1);
  const others = common.map(id => knownEnvironments.find(environment => environment.id === id) as Environment);
  const leads = stated && rankOf(rehearse(raw, stated, mode, { ...options, firstOnly: true })) <= least;
  const named = stated ? [stated] : [];
  const suited = first ? [first] : [];
  return [...new Set([...(leads ? named : [...suited, ...named]), ...others])];
}
