/** Which environments suit an artefact: the one it was made in, and the newest that loads it. */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import { compareVersions } from '../eras/versions.ts';
import type { Provenance } from '../model/types.ts';
import { type Environment, knownEnvironments } from './environments/index.ts';
import { rehearse } from './rehearse.ts';
import type { Rehearsal } from './types.ts';

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

export function suitableEnvironments(raw: RawArtefact, provenance: Provenance | null): Suitable {
  const fine = knownEnvironments.filter(environment =>
    isFine(rehearse(raw, environment, 'default', { firstOnly: true })),
  );
  const newest = [...fine].sort(byAge).at(-1) ?? null;
  const writer = provenance && knownEnvironments.filter(({ line }) => line === provenance.line);
  const madeIn = writer && writer.length > 0 ? nearest(writer, provenance, fine) : null;
  return { madeIn, newest };
}

/** Loads, and nothing is to be said of it. */
export function isFine({ outcome, failure }: Rehearsal): boolean {
  return outcome === 'loads' && failure === null;
}

const ages = ['keras1', 'keras2', 'tf.keras', 'tf_keras', 'keras3'];

function byAge(a: Environment, b: Environment): number {
  if (a.line !== b.line) return ages.indexOf(a.line) - ages.indexOf(b.line);
  return compareVersions(a.tensorflow ?? '0', b.tensorflow ?? '0') || compareVersions(a.keras, b.keras);
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
    const strange = backend !== null && environment.backend !== backend ? 0.5 : 0;
    return distance + strange + (fine.includes(environment) ? 0 : 0.25) + (environment.id.includes('h5py') ? 0.1 : 0);
  };
  return [...candidates].sort((a, b) => rank(a) - rank(b) || byAge(a, b))[0] ?? null;
}

/** The environment that suits best, then the common ones. */
export function shortList(raw: RawArtefact, provenance: Provenance | null): readonly Environment[] {
  const { madeIn, newest } = suitableEnvironments(raw, provenance);
  const best = madeIn && isFine(rehearse(raw, madeIn, 'default', { firstOnly: true })) ? madeIn : (newest ?? madeIn);
  const others = common.map(id => knownEnvironments.find(environment => environment.id === id) as Environment);
  return [...new Set([...(best ? [best] : []), ...others])];
}
