/**
 * Which Pythons can have written a code object: the layout leaves a few, their opcodes and habits fewer. Where several
 * remain (`x * 2` compiles alike in 3.6 and 3.7), they mean the same by the bytes.
 */

import {
  type CodeObject,
  type MarshalledCode,
  type PythonVersion,
  pythonVersions,
} from '../containers/marshal/index.ts';
import { isLoadstoneError, type LoadstoneError } from '../findings/errors.ts';
import { atLeast, decodeBytecode, type RawInstruction } from './bytecode.ts';
import { normalise } from './normalise.ts';
import { stackFits } from './stack-check.ts';

/** Pythons of `read.pythons` that can have written the code, oldest first, and why the others cannot. */
export function plausiblePythons(read: MarshalledCode): { pythons: PythonVersion[]; refusals: LoadstoneError[] } {
  const refusals: LoadstoneError[] = [];
  const pythons = read.pythons.filter(python => {
    try {
      return [read.code, ...innerCode(read.code)].every(code => fits(code, python));
    } catch (error) {
      if (!isLoadstoneError(error)) throw error;
      refusals.push(error);
      return false;
    }
  });
  return { pythons, refusals };
}

/** `3.6–3.7`, `3.11`, or `unknown`. */
export function describePythons(pythons: readonly PythonVersion[]): string {
  const [first] = pythons;
  const last = pythons.at(-1);
  if (first === undefined || last === undefined) return 'unknown';
  const span = pythonVersions.indexOf(last) - pythonVersions.indexOf(first) + 1;
  if (span !== pythons.length) return pythons.join(', ');
  return first === last ? first : `${first}–${last}`;
}

/** Functions inside a function, at any depth. */
export function innerCode(code: CodeObject): CodeObject[] {
  return code.constants.flatMap(value => (value.kind === 'code' ? [value.code, ...innerCode(value.code)] : []));
}

function fits(code: CodeObject, python: PythonVersion): boolean {
  const { instructions } = normalise(code, python);
  const raw = decodeBytecode(code, python);
  return stackFits(instructions) && startsAs(raw, python) && linesFit(code, python) && callsMethodsAs(raw, python);
}

/** From 3.11 every function begins with RESUME, after what sets up its cells or generator. */
function startsAs(raw: readonly RawInstruction[], python: PythonVersion): boolean {
  if (!atLeast(python, '3.11')) return true;
  const setup = new Set(['COPY_FREE_VARS', 'MAKE_CELL', 'RETURN_GENERATOR', 'POP_TOP', 'NOP']);
  return raw.find(instruction => !setup.has(instruction.name))?.name === 'RESUME';
}

/** 3.10 gives every byte a line (PEP 626); before, the last line's bytes are left out of the table. */
function linesFit(code: CodeObject, python: PythonVersion): boolean {
  if (code.layout !== '3.8') return true;
  let covered = 0;
  for (let index = 0; index < code.lineTable.length; index += 2) covered += code.lineTable[index] ?? 0;
  return atLeast(python, '3.10') ? covered === code.code.length : covered < code.code.length;
}

/** Instructions that push one value and take none: all that stands between a simple call's function and CALL. */
const simpleLoads = /^LOAD_(FAST|CONST|GLOBAL|DEREF|NAME|CLOSURE)$/;

/** From 3.7 `a.b(c)` compiles to LOAD_METHOD; LOAD_ATTR and CALL_FUNCTION for it mean 3.6 or older. */
function callsMethodsAs(raw: readonly RawInstruction[], python: PythonVersion): boolean {
  if (!atLeast(python, '3.7') || atLeast(python, '3.11')) return true;
  return raw.every((instruction, index) => {
    if (instruction.name !== 'CALL_FUNCTION') return true;
    const values = raw.slice(Math.max(0, index - instruction.argument), index);
    const simple = values.length === instruction.argument && values.every(value => simpleLoads.test(value.name));
    return !simple || raw[index - instruction.argument - 1]?.name !== 'LOAD_ATTR';
  });
}
