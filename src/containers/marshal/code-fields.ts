/**
 * The fields of a code object in the order of each layout: Python 2.7; 3.0 (keyword-only arguments); 3.8 (positional-only
 * arguments, PEP 570); 3.11 (one list of locals with kinds, qualified name, exception table). Objects/codeobject.c and
 * Python/marshal.c of each release.
 */

import { damaged } from './cursor.ts';
import { type Reading, readObject } from './read.ts';
import type { CodeLayout, CodeObject, PythonConstant } from './values.ts';

/** Kinds of 3.11's `localspluskinds`. */
const localKind = 0x20;
const cellKind = 0x40;
const freeKind = 0x80;

/** Reads what follows the type code `c`. */
export function readCodeFields(reading: Reading, offset: number): CodeObject {
  const { cursor, layout } = reading;
  const argumentCount = count(reading, 'arguments');
  const positionalOnlyCount = layout === '3.8' || layout === '3.11' ? count(reading, 'positional-only arguments') : 0;
  const keywordOnlyCount = layout === '2.7' ? 0 : count(reading, 'keyword-only arguments');
  if (layout !== '3.11') count(reading, 'locals');
  const stackSize = count(reading, 'stack entries');
  const flags = cursor.int32();
  const code = bytesField(reading, 'the bytecode');
  const constants = tupleField(reading, 'constants').map(value => (layout === '2.7' ? python2Text(value) : value));
  const names = namesField(reading, 'names');
  const locals = readLocals(reading);
  const filename = textField(reading, 'the file name');
  const name = textField(reading, 'the function name');
  const qualifiedName = layout === '3.11' ? textField(reading, 'the qualified name') : null;
  const firstLine = cursor.int32();
  const lineTable = bytesField(reading, 'the line table');
  const exceptionTable = layout === '3.11' ? bytesField(reading, 'the exception table') : null;
  if (positionalOnlyCount > argumentCount || argumentCount + keywordOnlyCount > locals.localNames.length) {
    throw damaged(`${argumentCount} arguments, but ${locals.localNames.length} locals`, offset);
  }
  const counts = { argumentCount, positionalOnlyCount, keywordOnlyCount, stackSize, flags };
  const tables = { code, constants, names, ...locals, lineTable, exceptionTable };
  return { layout, name, qualifiedName, filename, firstLine, ...counts, ...tables, offset };
}

type LocalNames = Pick<CodeObject, 'localNames' | 'cellNames' | 'freeNames' | 'fastNames'>;

function readLocals(reading: Reading): LocalNames {
  if (reading.layout !== '3.11') {
    const localNames = namesField(reading, 'locals');
    const freeNames = namesField(reading, 'free variables');
    return { localNames, freeNames, cellNames: namesField(reading, 'cell variables'), fastNames: null };
  }
  const fastNames = namesField(reading, 'locals');
  const start = reading.cursor.offset;
  const kinds = bytesField(reading, 'kinds of locals');
  if (kinds.length !== fastNames.length) throw damaged(`${fastNames.length} locals with ${kinds.length} kinds`, start);
  const ofKind = (bit: number) => fastNames.filter((_, index) => ((kinds[index] ?? 0) & bit) !== 0);
  return { fastNames, localNames: ofKind(localKind), cellNames: ofKind(cellKind), freeNames: ofKind(freeKind) };
}

/** Code objects have a few thousand of anything at most; CPython's own limits are far below 2^24. */
function count(reading: Reading, what: string): number {
  const start = reading.cursor.offset;
  const value = reading.cursor.int32();
  if (value < 0 || value > 0xffffff) throw damaged(`${value} ${what}`, start);
  return value;
}

function bytesField(reading: Reading, what: string): Uint8Array {
  const start = reading.cursor.offset;
  const value = readObject(reading);
  if (value.kind !== 'bytes') throw damaged(`${what} should be bytes and is ${value.kind}`, start);
  return value.value;
}

function tupleField(reading: Reading, what: string): readonly PythonConstant[] {
  const start = reading.cursor.offset;
  const value = readObject(reading);
  if (value.kind !== 'tuple') throw damaged(`${what} should be a tuple and are ${value.kind}`, start);
  return value.items;
}

function textField(reading: Reading, what: string): string {
  const start = reading.cursor.offset;
  return textOf(readObject(reading), reading.layout, what, start);
}

function namesField(reading: Reading, what: string): string[] {
  const start = reading.cursor.offset;
  return tupleField(reading, what).map(value => textOf(value, reading.layout, what, start));
}

function textOf(value: PythonConstant, layout: CodeLayout, what: string, offset: number): string {
  const text = layout === '2.7' ? python2Text(value) : value;
  if (text.kind !== 'string') throw damaged(`${what} should be text and is ${value.kind}`, offset);
  return text.value;
}

const utf8 = new TextDecoder('utf-8');

/** Python 2's `str` is marshalled as bytes; what its programs mean by it is text. */
function python2Text(value: PythonConstant): PythonConstant {
  if (value.kind === 'bytes') return { kind: 'string', value: utf8.decode(value.value) };
  if (value.kind === 'tuple') return { kind: 'tuple', items: value.items.map(python2Text) };
  return value;
}
