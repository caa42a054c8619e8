/** What every reader of artefacts is given, and small things that several of them do. */

import type { Folder } from '../bytes/folder.ts';
import type { ReadOptions } from '../bytes/source.ts';
import { type JsonValue, parseJson } from '../containers/json/index.ts';
import { isLoadstoneError } from '../findings/errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { CustomObjects } from '../layers/custom.ts';

export interface Reading extends ReadOptions {
  /** What people call the artefact. */
  readonly name: string;
  readonly customObjects: CustomObjects;
  /** The folder in which the file lies, where one is known: other files of the artefact are there. */
  readonly beside: Folder | null;
}

/** Parses a config; what it cannot read is a finding with its place, and undefined. */
export function parseConfigText(text: string, path: string, findings: Finding[]): JsonValue | undefined {
  if (text.startsWith('\ufeff')) {
    const what = 'the text begins with a byte order mark, which Keras does not take';
    findings.push({ code: 'config-byte-order-mark', severity: 'error', what, at: { path, offset: 0 } });
  }
  try {
    return parseJson(text, { name: path });
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    findings.push({ code: 'config-not-json', severity: 'error', what: error.what, at: { path, offset: error.offset } });
    return undefined;
  }
}

/** Damage that stops one part, told as a finding; anything else is thrown on. */
export function noteDamage(error: unknown, path: string, findings: Finding[]): null {
  if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
  findings.push({
    code: error.code,
    severity: 'error',
    what: error.what,
    at: { path: error.where ?? path, offset: error.offset },
  });
  return null;
}
