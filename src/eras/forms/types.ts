/** The tables of this folder: what the config of every class looked like in which release. */

/** Release, the keys set since the release before (JSON, values as the release writes them) or null where the class went, and the keys dropped. */
export type FormStep = readonly [since: string, set: string | null, dropped?: string];

export type FormKind =
  | 'layers'
  | 'initializers'
  | 'regularizers'
  | 'constraints'
  | 'optimizers'
  | 'losses'
  | 'metrics'
  | 'activations';

export type LineForms = Readonly<Record<FormKind, Readonly<Record<string, readonly FormStep[]>>>>;
