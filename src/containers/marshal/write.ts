/**
 * Writes constants and code objects in marshal's format as Python 3.4 to 3.10 read it (Python/marshal.c): no shared
 * references, which readers do not ask for.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { CodeObject, PythonConstant } from './values.ts';

interface Writing {
  readonly bytes: number[];
}

/** A code object as `marshal.dumps(function.__code__)`. Throws `unsupported` for layouts other than 3.0 and 3.8. */
export function writeCode(code: CodeObject): Uint8Array {
  const writing: Writing = { bytes: [] };
  codeObject(writing, code);
  return Uint8Array.from(writing.bytes);
}

function type(writing: Writing, code: string): void {
  writing.bytes.push(code.charCodeAt(0));
}

function int32(writing: Writing, value: number): void {
  for (let shift = 0; shift < 32; shift += 8) writing.bytes.push((value >> shift) & 255);
}

function raw(writing: Writing, bytes: Uint8Array): void {
  int32(writing, bytes.length);
  for (const byte of bytes) writing.bytes.push(byte);
}

function float(writing: Writing, value: number): void {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  for (let at = 0; at < 8; at += 1) writing.bytes.push(view.getUint8(at));
}

/** Whole numbers beyond 32 bits are digits of 15 bits, with the sign on their count. */
function integer(writing: Writing, value: bigint): void {
  if (value >= -(2n ** 31n) && value < 2n ** 31n) {
    type(writing, 'i');
    int32(writing, Number(value));
    return;
  }
  const digits: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 15n) digits.push(Number(rest & 0x7fffn));
  type(writing, 'l');
  int32(writing, value < 0n ? -digits.length : digits.length);
  for (const digit of digits) writing.bytes.push(digit & 255, digit >> 8);
}

function text(writing: Writing, value: string): void {
  type(writing, 'u');
  raw(writing, new TextEncoder().encode(value));
}

function items(writing: Writing, code: string, values: readonly PythonConstant[]): void {
  type(writing, code);
  int32(writing, values.length);
  for (const value of values) constant(writing, value);
}

function constant(writing: Writing, value: PythonConstant): void {
  switch (value.kind) {
    case 'none':
      return type(writing, 'N');
    case 'ellipsis':
      return type(writing, '.');
    case 'bool':
      return type(writing, value.value ? 'T' : 'F');
    case 'int':
      return integer(writing, value.value);
    case 'float':
      type(writing, 'g');
      return float(writing, value.value);
    case 'string':
      return text(writing, value.value);
    case 'bytes':
      type(writing, 's');
      return raw(writing, value.value);
    case 'tuple':
      return items(writing, '(', value.items);
    case 'list':
      return items(writing, '[', value.items);
    case 'code':
      return codeObject(writing, value.code);
    default:
      throw new LoadstoneError('unsupported', `a Python constant of kind ${value.kind} is not written`);
  }
}

function names(writing: Writing, values: readonly string[]): void {
  items(
    writing,
    '(',
    values.map(value => ({ kind: 'string', value })),
  );
}

function codeObject(writing: Writing, code: CodeObject): void {
  if (code.layout !== '3.0' && code.layout !== '3.8') {
    throw new LoadstoneError('unsupported', `code objects of the layout of Python ${code.layout} are not written`);
  }
  type(writing, 'c');
  int32(writing, code.argumentCount);
  if (code.layout === '3.8') int32(writing, code.positionalOnlyCount);
  for (const count of [code.keywordOnlyCount, code.localNames.length, code.stackSize, code.flags])
    int32(writing, count);
  constant(writing, { kind: 'bytes', value: code.code });
  items(writing, '(', code.constants);
  for (const list of [code.names, code.localNames, code.freeNames, code.cellNames]) names(writing, list);
  text(writing, code.filename);
  text(writing, code.name);
  int32(writing, code.firstLine);
  constant(writing, { kind: 'bytes', value: code.lineTable });
}
