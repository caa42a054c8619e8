/** Environments: the known ones, and any other from pip pins. */

import { compareVersions } from '../../eras/versions.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import { knownEnvironments } from './known.ts';
import { completePins, type Pins } from './pins.ts';
import type { Environment } from './types.ts';

export { knownEnvironments } from './known.ts';
export type { Environment } from './types.ts';

const names: { readonly [name: string]: keyof Pins } = {
  keras: 'keras',
  tensorflow: 'tensorflow',
  'tensorflow-cpu': 'tensorflow',
  'tensorflow-gpu': 'tensorflow',
  'tensorflow-intel': 'tensorflow',
  'tensorflow-macos': 'tensorflow',
  tf: 'tensorflow',
  'tf-keras': 'tfKeras',
  tf_keras: 'tfKeras',
  h5py: 'h5py',
  numpy: 'numpy',
  python: 'python',
  backend: 'backend',
};

/**
 * Reads an environment: a known id, an id of the same form (`tf-2.9.3`, `keras-2.2.4+tf-1.15+h5py-3`), or pins
 * (`keras==3.6.0,tensorflow==2.18.0`). Throws `usage` where it is none of these.
 */
export function parseEnvironment(spec: string): Environment {
  const text = spec.trim();
  const known = knownEnvironments.find(({ id }) => id === text);
  if (known) return known;
  const pins = readPins(text) ?? readId(text);
  const completed = pins && completePins(pins);
  if (!completed) {
    throw new LoadstoneError('usage', `"${spec}" names no environment`, {
      do: 'Write it like pip pins, keras==3.6.0,tensorflow==2.18.0, or as a known id such as tf-2.4.4.',
    });
  }
  if (isId(text)) return { ...completed, id: text };
  const same = knownEnvironments.find(environment => matches(environment, completed));
  return same ?? pinnedAlike(pins) ?? { ...completed, id: text };
}

/** The known environment that has everything as pinned, where what pip would add makes none that is known. */
function pinnedAlike({ keras, tensorflow, tfKeras, legacyKeras, ...rest }: Pins): Environment | undefined {
  if (legacyKeras) return undefined;
  const agrees = (pinned: string | undefined, version: string | null) =>
    pinned === undefined || (version !== null && compareVersions(pinned, version) === 0);
  return knownEnvironments.find(
    environment =>
      (tfKeras === undefined) === (environment.line !== 'tf_keras') &&
      agrees(keras ?? tfKeras, environment.keras) &&
      agrees(tensorflow, environment.tensorflow) &&
      agrees(rest.h5py, environment.h5py) &&
      agrees(rest.numpy, environment.numpy) &&
      agrees(rest.python, environment.python) &&
      environment.backend === (rest.backend ?? 'tensorflow'),
  );
}

function matches(known: Environment, asked: Omit<Environment, 'id'>): boolean {
  const keys = ['line', 'keras', 'tensorflow', 'backend', 'h5py', 'numpy', 'python'] as const;
  return keys.every(key => known[key] === asked[key]);
}

function isId(text: string): boolean {
  return !text.includes('==');
}

function readPins(text: string): Pins | null {
  if (!text.includes('==') && !text.includes('=')) return null;
  const pins: Pins = {};
  for (const part of text.split(/[,\s]+/).filter(Boolean)) {
    const match = /^([A-Za-z][\w.-]*)\s*={1,2}\s*(\S+)$/.exec(part);
    if (!match) return null;
    const name = match[1]!.toLowerCase();
    if (match[1] === 'TF_USE_LEGACY_KERAS') pins.legacyKeras = match[2] === '1';
    else if (names[name]) (pins as Record<string, string>)[names[name]] = match[2]!;
  }
  return pins;
}

/** `keras-2.2.4+tf-1.15+h5py-3`: packages and versions joined by dashes and plus signs. */
function readId(text: string): Pins | null {
  const pins: Pins = {};
  for (const part of text.split('+')) {
    const match = /^([A-Za-z_][\w-]*?)-(\d[\w.]*)$/.exec(part);
    const backend = /^(theano|cntk|jax|torch)(?:-.*)?$/.exec(part);
    if (backend) pins.backend = backend[1]!;
    else if (match && names[match[1]!]) (pins as Record<string, string>)[names[match[1]!]!] = match[2]!;
    else return null;
  }
  return pins;
}
