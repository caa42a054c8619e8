/**
 * A mend: one way in which a model is said otherwise so that a release loads it and computes the same. Each answers a
 * failure of the catalogue and tells every change it makes.
 */

import type { Target } from '../eras/write/target.ts';
import type { Model } from '../model/types.ts';

export interface Change {
  /** Id of the failure that the change answers. */
  readonly failure: string;
  /** Layer, or place in the file. */
  readonly where: string;
  readonly before: string;
  readonly after: string;
  /** Why the numbers stay the same, or what does not. */
  readonly why: string;
  /** The layer that was said anew from what it computes: before it counts as the same, both are run. */
  readonly said?: string;
}

export type Tell = (change: Change) => void;

export interface MendStep {
  /** One line for the documentation. */
  readonly title: string;
  /** Gives the model anew, unchanged where there is nothing to do. Never fails: what it cannot mend stays as it is. */
  apply(model: Model, target: Target, tell: Tell, dialect: 'h5' | 'v3'): Model;
}
