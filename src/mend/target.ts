/** A known environment, or one written like pip pins, as those see it who write for it. */

import type { Target } from '../eras/write/target.ts';
import { type Environment, parseEnvironment } from '../rehearsal/environments/index.ts';

/** Throws `usage` for words that name no release. */
export function targetOf(environment: string | Environment): Target {
  const known = typeof environment === 'string' ? parseEnvironment(environment) : environment;
  const { line, keras, tensorflow, backend, python } = known;
  return { line, keras: keras.replace(/-tf$/, ''), tensorflow, backend, python };
}
