/**
 * Errors for people: what happened, where, and what to do about it. One class, told apart by `code`, so that a caller
 * tests `isLoadstoneError(error, 'truncated')` and never `instanceof` across package copies.
 */

export type ErrorCode =
  | 'aborted'
  | 'io'
  | 'not-found'
  | 'out-of-bounds'
  | 'unknown-format'
  | 'damaged'
  | 'limit'
  | 'unsupported'
  | 'bad-input'
  | 'bad-config'
  | 'bad-weights'
  | 'missing-custom-object'
  | 'missing-backend'
  | 'usage';

export interface ErrorFacts {
  /** Where: artefact, path inside it, layer, byte offset; as far as known. */
  where?: string;
  /** What to do next, as one sentence or a command line. */
  do?: string;
  /** Byte offset in the artefact (or in the container named by `where`). */
  offset?: number;
  cause?: unknown;
}

export class LoadstoneError extends Error {
  readonly tag = 'LoadstoneError';
  readonly code: ErrorCode;
  readonly what: string;
  readonly where: string | undefined;
  readonly do: string | undefined;
  readonly offset: number | undefined;

  constructor(code: ErrorCode, what: string, facts: ErrorFacts = {}) {
    super(facts.where ? `${what} (${facts.where})` : what, { cause: facts.cause });
    this.name = 'LoadstoneError';
    this.code = code;
    this.what = what;
    this.where = facts.where;
    this.do = facts.do;
    this.offset = facts.offset;
  }
}

/** True for an error of ours, whichever copy of the package threw it; with `code`, only for that kind. */
export function isLoadstoneError(error: unknown, code?: ErrorCode): error is LoadstoneError {
  if (typeof error !== 'object' || error === null) return false;
  const candidate = error as { tag?: unknown; code?: unknown };
  return candidate.tag === 'LoadstoneError' && (code === undefined || candidate.code === code);
}
