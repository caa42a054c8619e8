/**
 * Straight-line functions as bytecode of Python 3.6 to 3.10, which compile them alike: two bytes for each instruction,
 * the same opcodes. What is assembled here reads back through `readStoredFunction` like any function of a file.
 */

import type { CodeObject, PythonConstant, PythonVersion } from '../containers/marshal/index.ts';
import { opcodeTable } from './opcode-table.ts';

export type BinarySign = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type CompareSign = '<' | '<=' | '>' | '>=';

/** Python expressions of the kinds that a straight-line function needs. */
export type Expression =
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: PythonConstant }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | {
      readonly kind: 'call';
      readonly callee: Expression;
      readonly args: readonly Expression[];
      readonly keywords: readonly (readonly [name: string, value: Expression])[];
    }
  | { readonly kind: 'binary'; readonly sign: BinarySign; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'compare'; readonly sign: CompareSign; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'subscript'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'slice'; readonly parts: readonly [Expression, Expression, Expression] };

export interface StraightFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Modules imported first, each under a local name. */
  readonly imports: readonly (readonly [module: string, local: string])[];
  readonly steps: readonly { readonly to: string; readonly value: Expression }[];
  readonly result: Expression;
}

/** Pythons whose bytecode is assembled. */
export const assembledPythons: readonly PythonVersion[] = ['3.6', '3.7', '3.8', '3.9', '3.10'];

const binaryCodes: Readonly<Record<BinarySign, string>> = {
  '+': 'BINARY_ADD',
  '-': 'BINARY_SUBTRACT',
  '*': 'BINARY_MULTIPLY',
  '/': 'BINARY_TRUE_DIVIDE',
  '//': 'BINARY_FLOOR_DIVIDE',
  '%': 'BINARY_MODULO',
  '**': 'BINARY_POWER',
};

const compareCodes: Readonly<Record<CompareSign, number>> = { '<': 0, '<=': 1, '>': 4, '>=': 5 };

const none: PythonConstant = { kind: 'none' };

/** CO_OPTIMIZED, CO_NEWLOCALS, CO_NOFREE: a plain function. */
const plainFunction = 0x43;

interface Assembling {
  readonly opcodes: ReadonlyMap<string, number>;
  readonly bytes: number[];
  readonly constants: PythonConstant[];
  readonly constantPlaces: Map<string, number>;
  readonly names: string[];
  readonly locals: string[];
  /** From 3.7 `a.b(c)` is a call of a method. */
  readonly callsMethods: boolean;
  depth: number;
  deepest: number;
}

/** The function's code object. `python` is one of `assembledPythons`. */
export function assemble(body: StraightFunction, python: PythonVersion): CodeObject {
  const opcodes = new Map(opcodeTable(python).names.map((name, number) => [name ?? '', number] as const));
  const assembling: Assembling = {
    ...{ opcodes, bytes: [], constants: [], constantPlaces: new Map() },
    ...{ names: [], locals: [...body.parameters], callsMethods: python !== '3.6', depth: 0, deepest: 0 },
  };
  const { constants, names, locals } = assembling;
  writeBody(assembling, body);
  return {
    layout: python === '3.6' || python === '3.7' ? '3.0' : '3.8',
    name: body.name,
    qualifiedName: null,
    filename: '<loadstone>',
    firstLine: 1,
    argumentCount: body.parameters.length,
    positionalOnlyCount: 0,
    keywordOnlyCount: 0,
    stackSize: assembling.deepest,
    flags: plainFunction,
    code: Uint8Array.from(assembling.bytes),
    constants,
    names,
    localNames: locals,
    cellNames: [],
    freeNames: [],
    fastNames: null,
    lineTable: python === '3.10' ? oneLine(assembling.bytes.length) : new Uint8Array(0),
    exceptionTable: null,
    offset: 0,
  };
}

/** From 3.10 the table gives every byte a line (PEP 626): all of them the first. */
function oneLine(bytes: number): Uint8Array {
  const parts = Array.from({ length: Math.ceil(bytes / 254) }, (_, part) => [Math.min(254, bytes - part * 254), 0]);
  return Uint8Array.from(parts.flat());
}

function writeBody(to: Assembling, body: StraightFunction): void {
  // The first constant is where a docstring would stand.
  constantPlace(to, none);
  for (const [module, local] of body.imports) {
    load(to, { kind: 'constant', value: { kind: 'int', value: 0n } });
    load(to, { kind: 'constant', value: none });
    instruction(to, 'IMPORT_NAME', placeOf(to.names, module), -1);
    instruction(to, 'STORE_FAST', placeOf(to.locals, local), -1);
  }
  for (const step of body.steps) {
    load(to, step.value);
    instruction(to, 'STORE_FAST', placeOf(to.locals, step.to), -1);
  }
  load(to, body.result);
  instruction(to, 'RETURN_VALUE', 0, -1);
}

/** Arguments above a byte stand in prefixes. */
function instruction(to: Assembling, name: string, argument: number, grows: number): void {
  const prefixes = [argument >>> 24, (argument >>> 16) & 255, (argument >>> 8) & 255];
  const first = prefixes.findIndex(part => part > 0);
  if (first >= 0) {
    for (const part of prefixes.slice(first)) to.bytes.push(to.opcodes.get('EXTENDED_ARG') as number, part);
  }
  to.bytes.push(to.opcodes.get(name) as number, argument & 255);
  to.depth += grows;
  to.deepest = Math.max(to.deepest, to.depth);
}

function placeOf(list: string[], name: string): number {
  const place = list.indexOf(name);
  return place < 0 ? list.push(name) - 1 : place;
}

function constantPlace(to: Assembling, value: PythonConstant): number {
  const key = keyOf(value);
  const place = to.constantPlaces.get(key) ?? to.constants.push(value) - 1;
  to.constantPlaces.set(key, place);
  return place;
}

/** Tells 1 from 1.0 and 0.0 from -0.0. */
function keyOf(value: PythonConstant): string {
  if (value.kind === 'float') return `float ${Object.is(value.value, -0) ? '-0' : value.value}`;
  if (value.kind === 'tuple' || value.kind === 'list') return `${value.kind} (${value.items.map(keyOf).join(', ')})`;
  return `${value.kind} ${'value' in value ? String(value.value) : ''}`;
}

/** Puts an expression's value on the stack. */
function load(to: Assembling, expression: Expression): void {
  switch (expression.kind) {
    case 'local':
      return instruction(to, 'LOAD_FAST', placeOf(to.locals, expression.name), 1);
    case 'constant':
      return instruction(to, 'LOAD_CONST', constantPlace(to, expression.value), 1);
    case 'attribute':
      load(to, expression.of);
      return instruction(to, 'LOAD_ATTR', placeOf(to.names, expression.name), 0);
    case 'call':
      return loadCall(to, expression);
    case 'binary':
    case 'compare':
      load(to, expression.left);
      load(to, expression.right);
      if (expression.kind === 'binary') return instruction(to, binaryCodes[expression.sign], 0, -1);
      return instruction(to, 'COMPARE_OP', compareCodes[expression.sign], -1);
    case 'subscript':
      load(to, expression.of);
      load(to, expression.index);
      return instruction(to, 'BINARY_SUBSCR', 0, -1);
    case 'list':
    case 'tuple':
      for (const item of expression.items) load(to, item);
      return instruction(
        to,
        expression.kind === 'list' ? 'BUILD_LIST' : 'BUILD_TUPLE',
        expression.items.length,
        1 - expression.items.length,
      );
    case 'slice':
      for (const part of expression.parts) load(to, part);
      return instruction(to, 'BUILD_SLICE', 3, -2);
  }
}

function loadCall(to: Assembling, { callee, args, keywords }: Expression & { kind: 'call' }): void {
  const count = args.length + keywords.length;
  if (callee.kind === 'attribute' && keywords.length === 0 && to.callsMethods) {
    load(to, callee.of);
    instruction(to, 'LOAD_METHOD', placeOf(to.names, callee.name), 1);
    for (const argument of args) load(to, argument);
    return instruction(to, 'CALL_METHOD', count, -count - 1);
  }
  load(to, callee);
  for (const argument of args) load(to, argument);
  for (const [, value] of keywords) load(to, value);
  if (keywords.length === 0) return instruction(to, 'CALL_FUNCTION', count, -count);
  const named: PythonConstant = { kind: 'tuple', items: keywords.map(([name]) => ({ kind: 'string', value: name })) };
  load(to, { kind: 'constant', value: named });
  instruction(to, 'CALL_FUNCTION_KW', count, -count - 1);
}
