/**
 * A marshalled code object, as Keras stores a Lambda: which layout its bytes have, and so which Pythons can have written
 * it. The layouts exclude each other in practice: their counts and tables lie at different places.
 */

import { isLoadstoneError, type LoadstoneError } from '../../findings/errors.ts';
import { damaged } from './cursor.ts';
import { readObject, startReading } from './read.ts';
import type { CodeLayout, CodeObject, PythonConstant } from './values.ts';

/** Pythons whose code objects are told apart. 3.4 is the oldest Python 3 with shared references in marshal. */
export const pythonVersions = [
  '2.7',
  '3.4',
  '3.5',
  '3.6',
  '3.7',
  '3.8',
  '3.9',
  '3.10',
  '3.11',
  '3.12',
  '3.13',
  '3.14',
] as const;

export type PythonVersion = (typeof pythonVersions)[number];

const versionsOfLayout: Readonly<Record<CodeLayout, readonly PythonVersion[]>> = {
  '2.7': ['2.7'],
  '3.0': ['3.4', '3.5', '3.6', '3.7'],
  '3.8': ['3.8', '3.9', '3.10'],
  '3.11': ['3.11', '3.12', '3.13', '3.14'],
};

export interface MarshalledCode {
  readonly code: CodeObject;
  /** Pythons whose layout this is, oldest first. */
  readonly pythons: readonly PythonVersion[];
}

/**
 * Reads a marshalled code object in whichever layout its bytes make sense. Throws `LoadstoneError`: `damaged` with the
 * offset at which the likeliest layout broke off (the one that got furthest), or `limit`.
 */
export function readCode(bytes: Uint8Array): MarshalledCode {
  if ((bytes[0] ?? 0) !== 0x63 && (bytes[0] ?? 0) !== 0xe3) {
    throw damaged('it does not begin with a code object (type code "c")', 0);
  }
  const failures: LoadstoneError[] = [];
  const read: { code: CodeObject; left: number }[] = [];
  for (const layout of ['3.11', '3.8', '3.0', '2.7'] as const) {
    try {
      read.push(readCodeAs(bytes, layout));
    } catch (error) {
      if (!isLoadstoneError(error)) throw error;
      failures.push(error);
    }
  }
  read.sort((a, b) => a.left - b.left);
  const best = read[0];
  if (best === undefined) throw failures.sort((a, b) => (b.offset ?? 0) - (a.offset ?? 0))[0] ?? damaged('no code', 0);
  return { code: best.code, pythons: versionsOfLayout[best.code.layout] };
}

function readCodeAs(bytes: Uint8Array, layout: CodeLayout): { code: CodeObject; left: number } {
  const reading = startReading(bytes, layout);
  const value = readObject(reading);
  if (value.kind !== 'code') throw damaged(`a ${value.kind} where a code object is needed`, 0);
  return { code: value.code, left: reading.cursor.remaining };
}

/** Reads any marshalled object; code objects in it are taken as laid out by `layout`. */
export function readMarshal(bytes: Uint8Array, layout: CodeLayout = '3.11'): PythonConstant {
  return readObject(startReading(bytes, layout));
}
