/** Names in Keras 1: one helper looks everything up and words every miss alike. Facts: utils/generic_utils.py of 1.2.2. */

import { isOwnName } from '../legacy/registry.ts';
import { foreignFailure } from '../legacy/unknown.ts';
import { isGiven, obstacle, type Run } from '../run.ts';

const initializations = [
  'get_fans',
  'uniform',
  'lecun_uniform',
  'normal',
  'identity',
  'orthogonal',
  'zero',
  'one',
  'glorot_normal',
  'glorot_uniform',
  'he_normal',
  'he_uniform',
  'get',
];

export type Kind =
  | 'layer'
  | 'activation function'
  | 'initialization'
  | 'regularizer'
  | 'constraint'
  | 'objective'
  | 'metric'
  | 'optimizer';

function knows(run: Run, kind: Kind, name: string): boolean {
  const { release } = run;
  switch (kind) {
    case 'layer':
      return ['Sequential', 'Model', 'Container'].includes(name) || release.classAt('layers', name) !== null;
    case 'initialization':
      return initializations.includes(name);
    case 'activation function':
      return release.has('activations', name);
    case 'regularizer':
      return release.has('regularizers', name) || release.identifier('regularizers', name) !== null;
    case 'constraint':
      return release.has('constraints', name) || release.identifier('constraints', name) !== null;
    case 'objective':
      return release.has('objectives', name);
    case 'metric':
      return release.has('metrics', name) || release.identifier('metrics', name) !== null;
    default:
      return release.has('optimizers', name);
  }
}

/** Raises `Invalid <kind>: <name>` unless the name is known or given. */
export function require(run: Run, kind: Kind, name: string, where: string): boolean {
  if (isGiven(run, name) || knows(run, kind, name)) return true;
  const own = isOwnName(name);
  obstacle(run, 'ValueError', `Invalid ${kind}: ${name}`, {
    failure: own ? 'custom-object-missing' : foreignFailure(run),
    evidence: { text: `"${name}" is no ${kind} of Keras ${run.version}`, where, offset: null },
    suppose: `custom:${name}`,
  });
  return false;
}
