/** Objects with a module inside layers that tf.keras 2.13 to 2.15 and tf_keras revive from `.keras`. */

import { deserialize, isCallable } from '../keras3/deserialize.ts';
import { raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import type { PyDict } from '../python/values.ts';
import { obstacle, type Run } from '../run.ts';
import { deserializeIdentifier, type IdentifierSpace } from './identifiers.ts';
import { isOwnName } from './registry.ts';
import { foreignFailure, type What } from './unknown.ts';

const nouns: Readonly<Record<IdentifierSpace, string>> = {
  activations: 'activation function',
  initializers: 'initializer',
  regularizers: 'regularizer',
  constraints: 'constraint function',
};

export function deserializeModern(
  run: Run,
  space: IdentifierSpace,
  identifier: PyDict,
  what: What,
  where: string,
): void {
  if (run.serialization === 'legacy') return deserializeIdentifier(run, space, identifier, what, where);
  if (isCallable(deserialize(run, identifier, where, space))) return;
  const name = String(identifier.class_name === 'function' ? identifier.config : identifier.class_name);
  if (run.supposed.has(`custom:${name}`)) return;
  const text =
    space === 'activations'
      ? `Unknown activation function '${repr(identifier)}' cannot be deserialized.`
      : `Could not interpret ${nouns[space]} identifier: ${repr(identifier)}`;
  obstacle(run, 'ValueError', text, {
    failure: isOwnName(name) ? 'custom-object-missing' : foreignFailure(run),
    evidence: { text: `"${name}" is not known`, where, offset: null },
    suppose: `custom:${name}`,
  });
}

export { raise };
