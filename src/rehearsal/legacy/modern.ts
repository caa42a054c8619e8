/**
 * Objects with a module inside layers that tf.keras 2.13 to 2.15 and tf_keras revive from `.keras`. What is not known
 * comes back as its name: activations say so at once, the others only when a weight is made with it.
 */

import { deserialize, isCallable } from '../keras3/deserialize.ts';
import { raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import type { PyDict } from '../python/values.ts';
import { obstacle, type Run } from '../run.ts';
import { deserializeIdentifier, type IdentifierSpace } from './identifiers.ts';
import { isOwnName } from './registry.ts';
import { unknownFacts, unknownText, type What } from './unknown.ts';

/** Null, or the name as which an unknown object came back. */
export function deserializeModern(
  run: Run,
  space: IdentifierSpace,
  identifier: PyDict,
  what: What,
  where: string,
): string | null {
  if (run.serialization === 'legacy') {
    deserializeIdentifier(run, space, identifier, what, where);
    return null;
  }
  if (isCallable(deserialize(run, identifier, where, space))) return null;
  const name = String(identifier.class_name === 'function' ? identifier.config : identifier.class_name);
  if (run.supposed.has(`custom:${name}`)) return null;
  if (space === 'activations') {
    const text = `Unknown activation function '${repr(identifier)}' cannot be deserialized.`;
    obstacle(run, 'ValueError', text, unknownFacts(run, what, name, isOwnName(name), where));
  }
  return name;
}

/**
 * What the layer says when it makes its weights, in order: an initializer or a constraint that is only a name is looked
 * up by that name; a regularizer is not asked before training (`add_weight` in engine/base_layer.py).
 */
export function bareNamesFail(run: Run, bare: ReadonlyMap<string, string>, config: PyDict, where: string) {
  const weights = Object.keys(config).flatMap(key => /^(.*)_initializer$/.exec(key)?.[1] ?? []);
  for (const weight of weights) {
    if (weight === 'bias' && config.use_bias === false) continue;
    for (const what of ['initializer', 'constraint'] as const) {
      const argument = `${weight}_${what}`;
      const name = bare.get(argument);
      if (name === undefined) continue;
      const facts = unknownFacts(run, what, name, isOwnName(name), `${where}/config/${argument}`);
      return { callFails: () => raise('ValueError', unknownText(run, what, name, 'dict'), facts) };
    }
  }
  return {};
}
