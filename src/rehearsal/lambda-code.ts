/**
 * A Lambda's stored bytecode in the reader's Python: `marshal.loads` knows only its own version's layout. Facts:
 * utils/generic_utils.func_load of each line; Python/marshal.c of each version.
 */

import type { PythonVersion } from '../containers/marshal/index.ts';
import { readStoredFunction } from '../lambdas/encoding.ts';
import { bodiesOf } from '../lambdas/names.ts';
import { plausiblePythons } from '../lambdas/pythons.ts';
import type { Json } from '../model/types.ts';
import { isList, type PyValue } from './python/values.ts';
import { obstacle, type Run, since } from './run.ts';

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

/** True where the code was stored as base64, as Keras does from 2.1.2 on. */
function isBase64(stored: PyValue): boolean {
  const code = Array.isArray(stored) ? stored[0] : stored;
  return typeof code === 'string' && /^[A-Za-z0-9+/=\s]+$/.test(code);
}

/** True where functions stand inside the function: a comprehension, an inner lambda. */
function hasInnerCode(stored: PyValue): boolean {
  const read = readStoredFunction(stored as Json, 'lambda');
  return read.kind === 'code' && bodiesOf(read.read.code).length > 1;
}

/** `func_load(code)`. */
export function loadFunction(run: Run, stored: PyValue, where: string): void {
  loadCode(run, stored, where);
  const { line } = run.environment;
  if (line === 'keras1' || line === 'keras2') requireTuples(run, stored, where);
}

/** Defaults and closures are lists in JSON, and a function wants tuples: Keras makes them from 2.0.5 and 2.1.2 on. */
function requireTuples(run: Run, stored: PyValue, where: string): void {
  if (!isList(stored)) return;
  const keras1 = run.environment.line === 'keras1';
  const facts = {
    failure: 'lambda-encoding-change',
    evidence: {
      text: 'the stored defaults or closure are a list, and this Keras does not make a tuple of it',
      where,
      offset: null,
    },
    suppose: `tuples:${where}`,
  };
  if (isList(stored[1]) && (keras1 || !since(run, '2.0.5')))
    obstacle(run, 'TypeError', 'arg 4 (defaults) must be None or tuple', facts);
  if (isList(stored[2]) && (keras1 || !since(run, '2.1.2')))
    obstacle(run, 'TypeError', 'arg 5 (closure) must be None or tuple', facts);
}

function loadCode(run: Run, stored: PyValue, where: string): void {
  const { line } = run.environment;
  const reader = run.environment.python.split('.').slice(0, 2).join('.');
  const raw = line === 'keras1' || (line === 'keras2' && !since(run, '2.1.2'));
  if (raw && isBase64(stored)) {
    return obstacle(run, 'ValueError', 'bad marshal data (unknown type code)', {
      failure: 'lambda-encoding-change',
      evidence: { text: 'the bytecode is stored as base64, which Keras reads from 2.1.2 on', where, offset: null },
      suppose: `lambda:${where}`,
    });
  }
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
  const [from, to] = [layoutOf(writers[0]!), layoutOf(reader)];
  if (to === '3.8' || from === '3.8' || from === '2.7')
    return obstacle(run, 'ValueError', 'bad marshal data (unknown type code)', facts);
  if (to === '3.11' && !hasInnerCode(stored)) return obstacle(run, 'EOFError', 'EOF read where object expected', facts);
  const line119 = to === '3.11' ? 250 : 119;
  obstacle(run, 'SystemError', `Objects/codeobject.c:${line119}: bad argument to internal function`, facts);
}
