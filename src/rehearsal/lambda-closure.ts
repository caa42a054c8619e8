/**
 * Free variables of a stored function. Keras writes their values into the config as JSON, where a module or a function
 * becomes its name: the function made anew then asks a str (or a dict) for what the module had.
 */

import { readStoredFunction } from '../lambdas/encoding.ts';
import { normalise } from '../lambdas/normalise.ts';
import { plausiblePythons } from '../lambdas/pythons.ts';
import type { Json } from '../model/types.ts';
import { isDict, type PyValue } from './python/values.ts';

export interface BrokenClosure {
  readonly variable: string;
  /** What the value became: `str` or `dict`. */
  readonly type: string;
  /** The attribute asked of it. */
  readonly attribute: string;
}

const kept = new WeakMap<object, BrokenClosure | null>();

/** The first free variable that is used as what it no longer is; null where there is none. */
export function brokenClosure(stored: PyValue | undefined): BrokenClosure | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const known = kept.get(stored);
  if (known !== undefined) return known;
  const found = findBroken(stored);
  kept.set(stored, found);
  return found;
}

function findBroken(stored: PyValue): BrokenClosure | null {
  const read = readStoredFunction(stored as Json, 'lambda');
  if (read.kind !== 'code' || !read.closure) return null;
  const python = plausiblePythons(read.read).pythons[0];
  if (!python) return null;
  const { code } = read.read;
  const types = new Map(code.freeNames.map((name, index) => [name, typeOf(read.closure![index])]));
  try {
    const { instructions } = normalise(code, python);
    for (const [index, instruction] of instructions.entries()) {
      if (instruction.op !== 'load' || instruction.scope !== 'cell') continue;
      const type = types.get(instruction.name);
      const next = instructions[index + 1];
      if (type && next?.op === 'attribute') return { variable: instruction.name, type, attribute: next.name };
    }
  } catch {
    return null;
  }
  return null;
}

function typeOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return 'str';
  return isDict(value as PyValue) ? 'dict' : null;
}
