/** Errors and findings of the containers as facts of an artefact. */

import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { RawProblem } from './types.ts';

/** The fact that a caught error stands for. Errors of the medium and aborts are thrown again. */
export function problemFrom(error: unknown): RawProblem {
  if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
  const finding = error.cause as Partial<Finding> | undefined;
  if (finding?.code && finding.at) return problemOf(finding as Finding);
  return { code: error.code, what: error.what, offset: error.offset ?? null, facts: null };
}

export function problemOf(finding: Finding): RawProblem {
  return { code: finding.code, what: finding.what, offset: finding.at.offset ?? null, facts: finding.facts ?? null };
}
