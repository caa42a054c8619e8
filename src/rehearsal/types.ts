/** What a rehearsal answers. */

import type { Environment } from './environments/index.ts';
import type { Evidence } from './python/exception.ts';

/**
 * How the artefact is loaded: `load_model(path)`; with `compile=False`; so and with every custom object given; so and
 * with `safe_mode=False`; `load_weights` into an architecture; `model_from_json`.
 */
export type Mode = 'default' | 'nocompile' | 'custom' | 'unsafe' | 'weights' | 'json';

export type Outcome = 'loads' | 'loads-but-differs' | 'fails' | 'hangs';

export type Stage = 'open' | 'config' | 'weights' | 'compile' | 'predict';

/** One thing that stands in the way, or that makes the loaded model another one. */
export interface Obstacle {
  readonly kind: 'raises' | 'hangs' | 'differs' | 'remark';
  readonly stage: Stage;
  readonly exception: { readonly type: string; readonly message: string } | null;
  /** Id in the catalogue of failures. */
  readonly failure: string | null;
  readonly evidence: readonly Evidence[];
  /** The name under which a class or function of the user's own is looked up, with its package; null for other obstacles. */
  readonly custom: string | null;
}

export interface Rehearsal {
  readonly environment: Environment;
  readonly mode: Mode;
  readonly outcome: Outcome;
  readonly stage: Stage | null;
  readonly exception: { readonly type: string; readonly message: string } | null;
  readonly failure: string | null;
  readonly evidence: readonly Evidence[];
  /** The first is what the loader says; each later one is what it would say were those before it mended. */
  readonly obstacles: readonly Obstacle[];
}
