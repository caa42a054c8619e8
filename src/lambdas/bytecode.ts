/**
 * Bytes to instructions: one or three bytes each up to Python 3.5, two from 3.6, with cache entries in between from
 * 3.11. Prefixes (EXTENDED_ARG) are folded into the argument and jump targets become byte offsets. A Python whose
 * opcodes the bytes do not fit is told by a `LoadstoneError`, which is how the writing Python is narrowed down.
 */

import type { CodeObject, PythonVersion } from '../containers/marshal/index.ts';
import { pythonVersions } from '../containers/marshal/index.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { type OpcodeTable, opcodeTable } from './opcode-table.ts';

export interface RawInstruction {
  /** Byte at which it begins, its prefixes included. */
  readonly offset: number;
  readonly name: string;
  readonly argument: number;
  /** Byte offset to which it may jump; null when it does not jump. */
  readonly target: number | null;
  /** First byte after it and its caches. */
  readonly end: number;
}

/** Code above this many bytes is no lambda: CPython's whole standard library has no function so long. */
export const maximumCodeBytes = 200_000;

/** True when `python` is `than` or newer. */
export function atLeast(python: PythonVersion, than: PythonVersion): boolean {
  return pythonVersions.indexOf(python) >= pythonVersions.indexOf(than);
}

/** Decodes the bytecode as `python` would. Throws `LoadstoneError` `damaged` or `limit` with the byte offset. */
export function decodeBytecode(code: CodeObject, python: PythonVersion): RawInstruction[] {
  const bytes = code.code;
  if (bytes.length > maximumCodeBytes) {
    throw new LoadstoneError('limit', `the function "${code.name}" has ${bytes.length} bytes of code`, {
      where: `function ${code.name}`,
    });
  }
  const table = opcodeTable(python);
  const instructions = atLeast(python, '3.6') ? decodeWords(bytes, table) : decodeBytes(bytes, table);
  const starts = new Set(instructions.map(instruction => instruction.offset));
  for (const { target, offset, name } of instructions) {
    if (target !== null && !starts.has(target)) throw misfit(python, `${name} jumps to byte ${target}`, offset);
  }
  return instructions;
}

/** The error for bytes that are no bytecode of `python`. */
export function misfit(python: PythonVersion, what: string, offset: number): LoadstoneError {
  return new LoadstoneError('damaged', `this is no bytecode of Python ${python}: ${what}`, {
    where: `byte ${offset} of the bytecode`,
    offset,
  });
}

function nameOf(table: OpcodeTable, opcode: number, offset: number): string {
  const name = table.names[opcode];
  if (name === undefined) throw misfit(table.python, `it has no opcode ${opcode}`, offset);
  return name;
}

function decodeBytes(bytes: Uint8Array, table: OpcodeTable): RawInstruction[] {
  const instructions: RawInstruction[] = [];
  let at = 0;
  let start = 0;
  let prefix = 0;
  while (at < bytes.length) {
    const opcode = bytes[at] ?? 0;
    const name = nameOf(table, opcode, at);
    const wide = opcode >= table.firstWithArgument;
    if (wide && at + 3 > bytes.length) throw misfit(table.python, `${name} breaks off`, at);
    const argument = wide ? prefix * 0x10000 + (bytes[at + 1] ?? 0) + (bytes[at + 2] ?? 0) * 0x100 : 0;
    at += wide ? 3 : 1;
    if (name === 'EXTENDED_ARG') {
      prefix = argument;
      continue;
    }
    instructions.push({ offset: start, name, argument, target: jumpTarget(name, argument, at, table.python), end: at });
    prefix = 0;
    start = at;
  }
  return instructions;
}

function decodeWords(bytes: Uint8Array, table: OpcodeTable): RawInstruction[] {
  if (bytes.length % 2 !== 0) throw misfit(table.python, `${bytes.length} bytes are an odd number`, bytes.length);
  const instructions: RawInstruction[] = [];
  let at = 0;
  let start = 0;
  let prefix = 0;
  while (at < bytes.length) {
    const name = nameOf(table, bytes[at] ?? 0, at);
    if (name === 'CACHE') throw misfit(table.python, 'a cache entry stands where an instruction should', at);
    const argument = prefix * 0x100 + (bytes[at + 1] ?? 0);
    at += 2;
    if (name === 'EXTENDED_ARG') {
      if (argument > 0xffffff) throw misfit(table.python, 'an argument above 32 bits', start);
      prefix = argument;
      continue;
    }
    at = skipCaches(bytes, at, name, table);
    instructions.push({ offset: start, name, argument, target: jumpTarget(name, argument, at, table.python), end: at });
    prefix = 0;
    start = at;
  }
  return instructions;
}

/** Cache entries are zero in a file: marshal writes code as it was compiled, before it ran. */
function skipCaches(bytes: Uint8Array, at: number, name: string, table: OpcodeTable): number {
  const end = at + 2 * (table.caches.get(name) ?? 0);
  for (let index = at; index < end; index += 1) {
    if (bytes[index] !== 0) throw misfit(table.python, `no room for the cache of ${name}`, at);
  }
  return end;
}

const absoluteJumps = new Set([
  'JUMP_ABSOLUTE',
  'JUMP_IF_FALSE_OR_POP',
  'JUMP_IF_TRUE_OR_POP',
  'POP_JUMP_IF_FALSE',
  'POP_JUMP_IF_TRUE',
  'CONTINUE_LOOP',
  'JUMP_IF_NOT_EXC_MATCH',
]);

const relativeJumps = new Set([
  'FOR_ITER',
  'JUMP_FORWARD',
  'SETUP_LOOP',
  'SETUP_EXCEPT',
  'SETUP_FINALLY',
  'SETUP_WITH',
  'SETUP_ASYNC_WITH',
  'CALL_FINALLY',
  'SEND',
]);

/** Where an instruction that ends at `end` jumps, by the rules of `python`. */
function jumpTarget(name: string, argument: number, end: number, python: PythonVersion): number | null {
  const unit = atLeast(python, '3.10') ? 2 : 1;
  if (!atLeast(python, '3.11')) {
    if (absoluteJumps.has(name)) return argument * unit;
    return relativeJumps.has(name) ? end + argument * unit : null;
  }
  if (name.includes('JUMP_BACKWARD')) return end - argument * unit;
  if (name === 'END_ASYNC_FOR') return null;
  const forward = name.includes('JUMP_') || relativeJumps.has(name);
  return forward ? end + argument * unit : null;
}
