/**
 * A Lambda's stored bytecode in the reader's Python: `marshal.loads` knows only its own version's layout. Facts:
 * utils/generic_utils.func_load of each line; Python/marshal.c of each version.
 */

import type { PythonVersion } from '../containers/marshal/index.ts';
import { readStoredFunction } from '../lambdas/encoding.ts';
import { plausiblePythons } from '../lambdas/pythons.ts';
import type { Json } from '../model/types.ts';
import type { PyValue } from './python/values.ts';
import { obstacle, type Run } from './run.ts';

/** Pythons that can have written the code; empty where it cannot be read as any. */
export function writersOf(stored: PyValue): readonly PythonVersion[] {
  const read = readStoredFunction(stored as Json, 'lambda');
  return read.kind === 'code' ? plausiblePythons(read.read).pythons : [];
}

/** Python 3 versions that lay out code objects alike, by the first of them. */
function layoutOf(python: string): string {
  const minor = Number(python.split('.')[1] ?? 0);
  if (python.startsWith('2')) return '2.7';
  return minor >= 11 ? '3.11' : minor >= 8 ? '3.8' : '3.0';
}

/** `func_load(code)`. */
export function loadFunction(run: Run, stored: PyValue, where: string): void {
  const reader = run.environment.python.split('.').slice(0, 2).join('.');
  const writers = writersOf(stored);
  if (writers.length === 0 || writers.some(writer => layoutOf(writer) === layoutOf(reader))) return;
  const facts = {
    failure: 'lambda-marshal-python-version',
    evidence: {
      text: `the Lambda's bytecode is of Python ${writers[0]}${writers.length > 1 ? ` to ${writers.at(-1)}` : ''}, this is Python ${reader}`,
      where,
      offset: null,
    },
    suppose: `lambda:${where}`,
  };
  if (layoutOf(reader) === '3.11') return obstacle(run, 'EOFError', 'EOF read where object expected', facts);
  obstacle(run, 'SystemError', 'Objects/codeobject.c:119: bad argument to internal function', facts);
}
