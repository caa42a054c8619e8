/** Objects that a rehearsed loader has made so far: layers and models, as far as later steps ask for them. */

import type { ExportedClass } from '../eras/signatures/index.ts';
import type { PyDict } from './python/values.ts';

export interface Built {
  readonly className: string;
  readonly name: string;
  /** The user's own class. */
  readonly own: boolean;
  readonly facts: ExportedClass | null;
  /** Constructor arguments as the loader passed them. */
  readonly config: PyDict;
  /** Wrapped layers, cells. */
  readonly inner: readonly Built[];
  /** Layers of a model, in the order of its config; null for layers that are no models. */
  readonly layers: readonly Built[] | null;
  /** Pointer into the config, for evidence. */
  readonly where: string;
  /** Raises when the layer is called: it is none, or holds what it cannot make weights with. */
  readonly callFails?: () => never;
}

export function isModel(built: Built): boolean {
  return built.layers !== null;
}

/** This layer and every one inside it. */
export function* eachLayer(built: Built): Generator<Built> {
  yield built;
  for (const inner of built.inner) yield* eachLayer(inner);
  for (const layer of built.layers ?? []) yield* eachLayer(layer);
}
