/**
 * A tiny assembler: code objects of any Python out of opcode names, and the marshalled bytes that Python would write.
 * For Pythons that no machine here has, and for code that no compiler makes.
 */

import type { PythonVersion } from '../../src/containers/marshal/index.ts';
import { atLeast } from '../../src/lambdas/bytecode.ts';
import { opcodeTable } from '../../src/lambdas/opcode-table.ts';

export type Constant =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | { float: number }
  | { code: Uint8Array }
  | readonly Constant[];

export interface CodeParts {
  readonly name?: string;
  readonly arguments?: readonly string[];
  readonly keywordOnly?: number;
  readonly locals?: readonly string[];
  readonly free?: readonly string[];
  readonly cells?: readonly string[];
  readonly names?: readonly string[];
  readonly constants?: readonly Constant[];
  readonly flags?: number;
  /** Opcode names with their arguments. */
  readonly instructions: readonly (readonly [string, number?])[];
}

const utf8 = new TextEncoder();

function int32(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
}

/** Marshals one constant, without shared references. */
export function marshal(value: Constant): number[] {
  const code = (letter: string) => letter.charCodeAt(0);
  if (value === null) return [code('N')];
  if (typeof value === 'boolean') return [code(value ? 'T' : 'F')];
  if (typeof value === 'number') return [code('i'), ...int32(value)];
  if (typeof value === 'string') return [code('u'), ...int32(utf8.encode(value).length), ...utf8.encode(value)];
  if (value instanceof Uint8Array) return [code('s'), ...int32(value.length), ...value];
  if ('float' in value) return [code('g'), ...new Uint8Array(new Float64Array([value.float]).buffer)];
  if ('code' in value) return [...value.code];
  return [code('('), ...int32(value.length), ...value.flatMap(marshal)];
}

/** The bytecode of `instructions` as `python` encodes it, caches and all. */
export function assemble(python: PythonVersion, instructions: CodeParts['instructions']): Uint8Array {
  const table = opcodeTable(python);
  const bytes = instructions.flatMap(([name, argument = 0]) => {
    const opcode = table.names.indexOf(name);
    if (opcode < 0) throw new RangeError(`Python ${python} has no ${name}`);
    const caches = new Array<number>(2 * (table.caches.get(name) ?? 0)).fill(0);
    if (atLeast(python, '3.6')) return [opcode, argument & 255, ...caches];
    return opcode >= table.firstWithArgument ? [opcode, argument & 255, (argument >> 8) & 255] : [opcode];
  });
  return Uint8Array.from(bytes);
}

/** A marshalled code object in the layout of `python`. */
export function marshalCode(python: PythonVersion, parts: CodeParts): Uint8Array {
  const {
    name = '<lambda>',
    arguments: parameters = ['x'],
    keywordOnly = 0,
    locals = [],
    free = [],
    cells = [],
  } = parts;
  const all = [...parameters, ...locals];
  const text = (value: string): Constant => (python === '2.7' ? utf8.encode(value) : value);
  const texts = (values: readonly string[]): Constant => values.map(text);
  const code = assemble(python, parts.instructions);
  const constants = (parts.constants ?? []).map(value => (typeof value === 'string' ? text(value) : value));
  const counts = [
    parameters.length - keywordOnly,
    ...(atLeast(python, '3.8') ? [0] : []),
    ...(python === '2.7' ? [] : [keywordOnly]),
    ...(atLeast(python, '3.11') ? [] : [all.length]),
    20,
    parts.flags ?? 0x43,
  ];
  const kinds = Uint8Array.from([...all.map(() => 0x20), ...cells.map(() => 0x40), ...free.map(() => 0x80)]);
  const variables: Constant[] = atLeast(python, '3.11')
    ? [texts([...all, ...cells, ...free]), kinds]
    : [texts(all), texts(free), texts(cells)];
  const lines = python === '3.10' ? Uint8Array.from([code.length, 0]) : new Uint8Array(0);
  const fields: Constant[] = [code, constants, texts(parts.names ?? []), ...variables, text('train.py'), text(name)];
  return Uint8Array.from([
    'c'.charCodeAt(0),
    ...counts.flatMap(int32),
    ...fields.flatMap(marshal),
    ...(atLeast(python, '3.11') ? marshal(name) : []),
    ...int32(1),
    ...marshal(lines),
    ...(atLeast(python, '3.11') ? marshal(new Uint8Array(0)) : []),
  ]);
}
