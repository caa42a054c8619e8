/** `initializers.get` and its kin in Keras 3. */

import { isOwnName } from '../legacy/registry.ts';
import { foreignFailure } from '../legacy/unknown.ts';
import { str } from '../python/repr.ts';
import { isDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run } from '../run.ts';
import { deserialize, isCallable } from './deserialize.ts';
import { lookUp, type TableSpace } from './tables.ts';

export type LookedUp =
  | 'activations'
  | 'initializers'
  | 'regularizers'
  | 'constraints'
  | 'losses'
  | 'metrics'
  | 'optimizers';

const nouns: Readonly<Record<LookedUp, string>> = {
  activations: 'activation function',
  initializers: 'initializer',
  regularizers: 'regularizer',
  constraints: 'constraint',
  losses: 'loss',
  metrics: 'metric',
  optimizers: 'optimizer',
};

/** `space.get(identifier)`: raises unless it becomes something callable. */
export function getIdentifier(run: Run, space: LookedUp, identifier: PyValue | undefined, where: string): void {
  if (identifier === null || identifier === undefined) return;
  if (resolves(run, space, identifier, where)) return;
  const name = nameOf(identifier);
  if (run.supposed.has(`custom:${name}`)) return;
  obstacle(run, 'ValueError', `Could not interpret ${nouns[space]} identifier: ${str(identifier)}`, {
    failure: isOwnName(name) ? 'custom-object-missing' : foreignFailure(run),
    evidence: { text: `"${name}" is no ${nouns[space]} that this Keras knows`, where, offset: null },
    suppose: `custom:${name}`,
  });
}

function nameOf(identifier: PyValue): string {
  if (!isDict(identifier)) return String(identifier);
  return String(identifier.class_name === 'function' ? identifier.config : identifier.class_name);
}

function resolves(run: Run, space: LookedUp, identifier: PyValue, where: string): boolean {
  if (isDict(identifier)) {
    const table: TableSpace | undefined = space === 'activations' ? undefined : space;
    return isCallable(deserialize(run, identifier, where, table));
  }
  if (typeof identifier !== 'string') return false;
  if (isGiven(run, identifier) && space !== 'activations' && space !== 'regularizers' && space !== 'constraints')
    return true;
  if (isGiven(run, identifier) && run.legacyConfig) return true;
  if (space === 'initializers' || space === 'optimizers')
    return isCallable(deserialize(run, { class_name: identifier, config: {} }, where, space));
  return lookUp(run, space, identifier) !== null;
}
