/** A Lambda called while the graph is built: names that its code needs and the loader's module lacks. */

import type { Built } from './built.ts';
import type { Run } from './run.ts';

export function callLambda(_run: Run, _layer: Built): void {}
