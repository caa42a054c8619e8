/**
 * Python's exceptions as data. A rehearsed loader raises them with `throw`, because real loaders catch, wrap and re-raise
 * them on the way up; no JavaScript error is ever meant by one.
 */

import type { Address } from '../../findings/finding.ts';

/** What in the artefact makes a loader fail. */
export interface Evidence {
  readonly text: string;
  /** Path inside the artefact, layer, pointer into the config. */
  readonly where: string | null;
  readonly offset: number | null;
}

export interface PythonException {
  readonly python: true;
  readonly type: string;
  /** `str(exception)`. */
  readonly message: string;
  /** Id in the catalogue of failures. */
  readonly failure: string | null;
  readonly evidence: readonly Evidence[];
  /** Name of the supposition under which the loader would come past this point; see `supposing.ts`. */
  readonly suppose: string | null;
}

export interface RaiseFacts {
  readonly failure?: string | null;
  readonly evidence?: Evidence | readonly Evidence[];
  readonly suppose?: string | null;
}

export function exception(type: string, message: string, facts: RaiseFacts = {}): PythonException {
  const { failure = null, evidence = [], suppose = null } = facts;
  return {
    python: true,
    type,
    message,
    failure,
    evidence: Array.isArray(evidence) ? evidence : [evidence as Evidence],
    suppose,
  };
}

export function isPythonException(value: unknown): value is PythonException {
  return typeof value === 'object' && value !== null && (value as { python?: unknown }).python === true;
}

/** Raises as Python would. */
export function raise(type: string, message: string, facts: RaiseFacts = {}): never {
  throw exception(type, message, facts);
}

/** The same cause in other words: how a wrapper re-raises. */
export function reworded(inner: PythonException, type: string, message: string): PythonException {
  return { ...inner, type, message };
}

export function evidence(text: string, where: string | null = null, at: Address | number | null = null): Evidence {
  return { text, where, offset: typeof at === 'number' ? at : (at?.offset ?? null) };
}
