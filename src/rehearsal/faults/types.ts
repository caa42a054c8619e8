/** A fault of an artefact's own, which no choice of environment mends. */

import type { Evidence } from '../python/exception.ts';

export interface Fault {
  /** Id in the catalogue of failures. */
  readonly failure: string;
  readonly evidence: Evidence;
}

export function fault(failure: string, text: string, where: string, offset: number | null = null): Fault {
  return { failure, evidence: { text, where, offset } };
}
