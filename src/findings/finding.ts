/**
 * A finding is something noticed about an artefact that does not stop the reading of it. Readers return findings as
 * data; the words people see are made from them by `report/`.
 */

/** Where a fact comes from: a path inside the container, a byte range, a pointer into the config. */
export interface Address {
  /** Path inside the container: an HDF5 object, a zip member, a file of a folder. */
  path?: string;
  /** Byte offset in the artefact, where one can be named. */
  offset?: number;
  /** Length in bytes that goes with `offset`. */
  length?: number;
  /** JSON pointer into the config, such as `/config/layers/3/config/units`. */
  pointer?: string;
}

export type Severity = 'info' | 'warning' | 'error';

export interface Finding {
  /** Stable id, kebab-case. */
  code: string;
  severity: Severity;
  /** One sentence that says what is wrong, with the found and the needed value. */
  what: string;
  at: Address;
  /** What the words were made from, for programs. */
  facts?: Record<string, unknown>;
  /** Code of the finding that this one follows from. */
  causedBy?: string;
}
