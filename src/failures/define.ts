/**
 * `defineFailure`: everything that is said of one way that loading goes wrong, in one place. `doctor` and `explain`
 * take their words from here, `mend` its offers, and the reference page of failures is generated from it.
 */

/** What a pasted error looks like when this failure is behind it. */
export interface Sign {
  /** Matched against the whole pasted text; named groups may be used in `why` and `mends` as `{name}`. */
  readonly text: RegExp;
  /** Share of the errors looking so that are this failure, from 0 to 1. Several causes can share one message. */
  readonly confidence: number;
  /** What the captured `name` must be for the sign to hold: of some Keras, of Keras 1 alone, or the user's own. */
  readonly names?: 'keras' | 'keras1' | 'own';
  /** A text that, when it also matches, makes this sign void: it belongs to another failure. */
  readonly unless?: RegExp;
}

export interface Mend {
  /** One sentence, imperative. */
  readonly title: string;
  /** A command line; `{artefact}`, `{architecture}`, `{environment}` and names captured by the sign are filled in. */
  readonly command?: string;
  /** Lines of Python for who must change code; `{entry}` is what `custom_objects` is given. */
  readonly python?: string;
}

export type FailureGroup = 'versions' | 'code-not-in-file' | 'weights' | 'bytes' | 'machine' | 'using-the-model';

export interface Failure {
  /** Stable id, kebab-case. */
  readonly id: string;
  readonly group: FailureGroup;
  /** What is wrong, in a line. */
  readonly title: string;
  /** Why it happens, for people who have never heard of it. */
  readonly why: string;
  /** Empty where no message ever tells: only the artefact, or a comparison, shows it. */
  readonly signs: readonly Sign[];
  readonly mends: readonly Mend[];
  /** Where the facts come from: releases and files, and public reports by repository and number. */
  readonly sources: readonly string[];
}

export function defineFailure(failure: Failure): Failure {
  return failure;
}
