/** What each opcode means in the common instruction set: one row for each, `Python/ceval.c` and `bytecodes.c`. */

import type { PythonConstant } from '../containers/marshal/index.ts';
import { atLeast, misfit } from './bytecode.ts';
import type { BinaryOperator, CompareOperator, Scope, SelfPlace, Step, UnaryOperator } from './instructions.ts';
import type { Translating } from './normalise.ts';

type Translation = (translating: Translating) => Step[];

const nothing: Translation = () => [];
const noneConstant: PythonConstant = { kind: 'none' };

const argumentOf = ({ instruction }: Translating) => instruction.argument;

function pick<T>(items: readonly T[], index: number, what: string, { python, instruction }: Translating): T {
  const item = items[index];
  if (item === undefined)
    throw misfit(python, `${instruction.name} names ${what} ${index} of ${items.length}`, instruction.offset);
  return item;
}

const nameAt = (t: Translating, index = argumentOf(t)) => pick(t.code.names, index, 'name', t);
const constantAt = (t: Translating, index = argumentOf(t)) => pick(t.code.constants, index, 'constant', t);

/** Name of a local by number: from 3.11 locals, cells and free variables share one numbering. */
const localAt = (t: Translating, index = argumentOf(t)) =>
  pick(t.code.fastNames ?? t.code.localNames, index, 'local', t);

const cellAt = (t: Translating) =>
  pick(t.code.fastNames ?? [...t.code.cellNames, ...t.code.freeNames], argumentOf(t), 'cell', t);

const target = ({ instruction, python }: Translating): number => {
  if (instruction.target === null) throw misfit(python, `${instruction.name} does not jump`, instruction.offset);
  return instruction.target;
};

/** A local's value; from 3.13 LOAD_FAST on a cell means the cell itself (LOAD_CLOSURE is gone). */
function loadLocal(t: Translating, index: number): Step {
  const name = localAt(t, index);
  const { fastNames, cellNames, freeNames } = t.code;
  const isCell =
    fastNames !== null && atLeast(t.python, '3.13') && (cellNames.includes(name) || freeNames.includes(name));
  return isCell ? { op: 'load cell', name } : { op: 'load', scope: 'local', name };
}

const storeLocal = (t: Translating, index: number): Step => ({ op: 'store', scope: 'local', name: localAt(t, index) });

const loadLocalRow: Translation = t => [loadLocal(t, argumentOf(t))];
const loadTwoLocals: Translation = t => [loadLocal(t, argumentOf(t) >> 4), loadLocal(t, argumentOf(t) & 15)];

const variable =
  (op: 'load' | 'store' | 'delete', scope: Scope): Translation =>
  t => {
    const name = scope === 'local' ? localAt(t) : scope === 'cell' ? cellAt(t) : nameAt(t);
    return [{ op, scope, name }];
  };

const binary =
  (operator: BinaryOperator, inPlace = false): Translation =>
  () => [{ op: 'binary', operator, inPlace }];

const unary =
  (operator: UnaryOperator): Translation =>
  () => [{ op: 'unary', operator }];

/** `opcode._nb_ops`: the in-place forms follow in the same order; 3.14 adds the subscript. */
const binaryOperators: readonly BinaryOperator[] = [
  '+',
  '&',
  '//',
  '<<',
  '@',
  '*',
  '%',
  '|',
  '**',
  '>>',
  '-',
  '/',
  '^',
];

const binaryOperation: Translation = t => {
  const index = argumentOf(t);
  if (index === 26 && atLeast(t.python, '3.14')) return [{ op: 'subscript' }];
  const operator = pick(binaryOperators, index % 13, 'operator', t);
  if (index >= 26) throw misfit(t.python, `BINARY_OP has no operator ${index}`, t.instruction.offset);
  return [{ op: 'binary', operator, inPlace: index >= 13 }];
};

const comparisons: readonly CompareOperator[] = ['<', '<=', '==', '!=', '>', '>=', 'in', 'not in', 'is', 'is not'];

/** The operator's number moved up in 3.12 and 3.13; the bits below are hints for the interpreter. */
const compare: Translation = t => {
  const shift = atLeast(t.python, '3.13') ? 5 : atLeast(t.python, '3.12') ? 4 : 0;
  const index = argumentOf(t) >> shift;
  if (!atLeast(t.python, '3.9') && index === 10) {
    return [{ op: 'unsupported', opcode: 'COMPARE_OP', what: 'try … except' }];
  }
  const known = atLeast(t.python, '3.9') ? comparisons.slice(0, 6) : comparisons;
  return [{ op: 'compare', operator: pick(known, index, 'comparison', t) }];
};

const build =
  (kind: 'tuple' | 'list' | 'set' | 'text' | 'slice'): Translation =>
  t => [{ op: 'build', kind, count: argumentOf(t) }];

/** Up to 3.4 BUILD_MAP makes an empty one and STORE_MAP fills it. */
const buildMap: Translation = t => [{ op: 'build', kind: 'map', count: atLeast(t.python, '3.5') ? argumentOf(t) : 0 }];

const join =
  (kind: 'tuple' | 'list' | 'set' | 'map', count: (argument: number) => number = argument => argument): Translation =>
  t => [{ op: 'join', kind, count: count(argumentOf(t)) }];

const branch =
  (when: 'true' | 'false' | 'none' | 'not none', keep = false): Translation =>
  t => [{ op: 'branch', when, target: target(t), keep }];

const jump: Translation = t => [{ op: 'jump', target: target(t) }];

const call =
  (named: boolean): Translation =>
  t => [{ op: 'call', count: argumentOf(t), pairs: 0, named, self: selfPlace(t) }];

function selfPlace({ python }: Translating): SelfPlace {
  if (atLeast(python, '3.13')) return 'callable, self or null';
  return atLeast(python, '3.11') ? 'function or null, self or callable' : 'none';
}

/** A callable that has just been pushed, with NULL where the release wants it. */
function besideNull(t: Translating, callable: Step): Step[] {
  if (!atLeast(t.python, '3.11')) return [callable];
  const below: Step[] = atLeast(t.python, '3.13') ? [] : [{ op: 'swap', depth: 2 }];
  return [callable, { op: 'null' }, ...below];
}

/** 2.7 to 3.5: low byte positional, next byte pairs of keyword and value; from 3.6 only positional. */
const callFunction: Translation = t => {
  if (atLeast(t.python, '3.6')) return call(false)(t);
  return [{ op: 'call', count: argumentOf(t) & 255, pairs: (argumentOf(t) >> 8) & 255, named: false, self: 'none' }];
};

const callMixed =
  (iterable: boolean, mapping: boolean): Translation =>
  t => {
    const count = argumentOf(t) & 255;
    const pairs = (argumentOf(t) >> 8) & 255;
    return [{ op: 'call mixed', count, pairs, iterable, mapping, iterableBelowPairs: t.python === '3.5' }];
  };

const callKeywords: Translation = t => (atLeast(t.python, '3.6') ? call(true)(t) : callMixed(false, true)(t));

/** In 3.14 the mapping is always there, as a NULL when there is none. */
const callSpread: Translation = t => {
  const absent = (argumentOf(t) & 1) === 0;
  return [{ op: 'call spread', mapping: atLeast(t.python, '3.14') || !absent, self: selfPlace(t) }];
};

const makeFunction: Translation = t => {
  const nameOnTop = atLeast(t.python, '3.4') && !atLeast(t.python, '3.11');
  if (atLeast(t.python, '3.13')) return [{ op: 'make function', flags: 0, nameOnTop }];
  if (atLeast(t.python, '3.6')) return [{ op: 'make function', flags: argumentOf(t), nameOnTop }];
  return makeOldFunction(false)(t);
};

const makeOldFunction =
  (closure: boolean): Translation =>
  t => {
    const argument = argumentOf(t);
    const nameOnTop = t.python !== '2.7';
    const defaults = nameOnTop ? argument & 255 : argument;
    const keywordDefaults = nameOnTop ? (argument >> 8) & 255 : 0;
    const annotations = nameOnTop ? (argument >> 16) & 0x7fff : 0;
    return [{ op: 'make old function', defaults, keywordDefaults, annotations, closure, nameOnTop }];
  };

const formatValue: Translation = t => {
  const conversions = [null, 's', 'r', 'a'] as const;
  return [{ op: 'format', conversion: conversions[argumentOf(t) & 3] ?? null, spec: (argumentOf(t) & 4) !== 0 }];
};

/** CONVERT_VALUE and FORMAT_SIMPLE of 3.13 follow each other; a conversion formats already. */
const convertValue: Translation = t =>
  formatValue({ ...t, instruction: { ...t.instruction, argument: argumentOf(t) & 3 } });

/** Numbers of `CALL_INTRINSIC_1` that plain functions use: unary plus and the tuple of a starred display. */
const intrinsic: Translation = t => {
  if (argumentOf(t) === 5) return [{ op: 'unary', operator: '+' }];
  if (argumentOf(t) === 6) return [{ op: 'list to tuple' }];
  return [{ op: 'unsupported', opcode: 'CALL_INTRINSIC_1', what: 'an instruction of generators and types' }];
};

/** From 3.11 the lowest bit asks for NULL beside the global, from 3.12 for a method beside its object. */
const loadGlobal: Translation = t => {
  if (!atLeast(t.python, '3.11')) return [global(nameAt(t))];
  const load = global(nameAt(t, argumentOf(t) >> 1));
  return argumentOf(t) & 1 ? besideNull(t, load) : [load];
};

const loadAttribute: Translation = t => {
  if (!atLeast(t.python, '3.12')) return [{ op: 'attribute', name: nameAt(t) }];
  const load: Step = { op: 'attribute', name: nameAt(t, argumentOf(t) >> 1) };
  return argumentOf(t) & 1 ? besideNull(t, load) : [load];
};

const commonConstants = ['AssertionError', 'NotImplementedError', 'tuple', 'all', 'any'];

const copyOf =
  (depth: number): Translation =>
  () => [{ op: 'copy', depth }];
const rotate =
  (depth: number): Translation =>
  () => [{ op: 'rotate', depth }];
const global = (name: string): Step => ({ op: 'load', scope: 'global', name });

const slice =
  (start: boolean, stop: boolean): Translation =>
  () => [{ op: 'slice', start, stop }];

const rows: Readonly<Record<string, Translation>> = {
  NOP: nothing,
  CACHE: nothing,
  RESUME: nothing,
  PRECALL: nothing,
  PUSH_NULL: () => [{ op: 'null' }],
  MAKE_CELL: nothing,
  COPY_FREE_VARS: nothing,
  NOT_TAKEN: nothing,
  TO_BOOL: nothing,
  SETUP_ANNOTATIONS: nothing,
  END_FOR: nothing,
  POP_ITER: () => [{ op: 'pop' }],
  POP_TOP: () => [{ op: 'pop' }],
  GEN_START: nothing,
  RETURN_GENERATOR: () => [{ op: 'constant', value: noneConstant }],
  YIELD_VALUE: () => [{ op: 'yield' }],
  RETURN_VALUE: () => [{ op: 'return' }],
  RETURN_CONST: t => [{ op: 'constant', value: constantAt(t) }, { op: 'return' }],
  RAISE_VARARGS: t => [{ op: 'raise', count: argumentOf(t) }],

  LOAD_CONST: t => [{ op: 'constant', value: constantAt(t) }],
  KW_NAMES: t => [{ op: 'constant', value: constantAt(t) }],
  LOAD_SMALL_INT: t => [{ op: 'constant', value: { kind: 'int', value: BigInt(argumentOf(t)) } }],
  LOAD_COMMON_CONSTANT: t => [global(pick(commonConstants, argumentOf(t), 'common constant', t))],
  LOAD_ASSERTION_ERROR: () => [global('AssertionError')],
  LOAD_FAST: loadLocalRow,
  LOAD_FAST_CHECK: loadLocalRow,
  LOAD_FAST_BORROW: loadLocalRow,
  LOAD_FAST_LOAD_FAST: loadTwoLocals,
  LOAD_FAST_BORROW_LOAD_FAST_BORROW: loadTwoLocals,
  LOAD_FAST_AND_CLEAR: t => [{ op: 'save local', name: localAt(t) }],
  STORE_FAST: t => [storeLocal(t, argumentOf(t))],
  STORE_FAST_LOAD_FAST: t => [storeLocal(t, argumentOf(t) >> 4), loadLocal(t, argumentOf(t) & 15)],
  STORE_FAST_STORE_FAST: t => [storeLocal(t, argumentOf(t) >> 4), storeLocal(t, argumentOf(t) & 15)],
  DELETE_FAST: variable('delete', 'local'),
  LOAD_DEREF: variable('load', 'cell'),
  STORE_DEREF: variable('store', 'cell'),
  DELETE_DEREF: variable('delete', 'cell'),
  LOAD_CLOSURE: t => [{ op: 'load cell', name: cellAt(t) }],
  LOAD_GLOBAL: loadGlobal,
  LOAD_NAME: variable('load', 'global'),
  LOAD_ATTR: loadAttribute,
  LOAD_METHOD: t => besideNull(t, { op: 'attribute', name: nameAt(t) }),
  IMPORT_NAME: t => [{ op: 'import', name: nameAt(t) }],
  IMPORT_FROM: t => [{ op: 'import from', name: nameAt(t) }],

  BINARY_ADD: binary('+'),
  BINARY_SUBTRACT: binary('-'),
  BINARY_MULTIPLY: binary('*'),
  BINARY_DIVIDE: binary('classic /'),
  BINARY_TRUE_DIVIDE: binary('/'),
  BINARY_FLOOR_DIVIDE: binary('//'),
  BINARY_MODULO: binary('%'),
  BINARY_POWER: binary('**'),
  BINARY_MATRIX_MULTIPLY: binary('@'),
  BINARY_LSHIFT: binary('<<'),
  BINARY_RSHIFT: binary('>>'),
  BINARY_AND: binary('&'),
  BINARY_OR: binary('|'),
  BINARY_XOR: binary('^'),
  INPLACE_ADD: binary('+', true),
  INPLACE_SUBTRACT: binary('-', true),
  INPLACE_MULTIPLY: binary('*', true),
  INPLACE_DIVIDE: binary('classic /', true),
  INPLACE_TRUE_DIVIDE: binary('/', true),
  INPLACE_FLOOR_DIVIDE: binary('//', true),
  INPLACE_MODULO: binary('%', true),
  INPLACE_POWER: binary('**', true),
  INPLACE_MATRIX_MULTIPLY: binary('@', true),
  INPLACE_LSHIFT: binary('<<', true),
  INPLACE_RSHIFT: binary('>>', true),
  INPLACE_AND: binary('&', true),
  INPLACE_OR: binary('|', true),
  INPLACE_XOR: binary('^', true),
  BINARY_OP: binaryOperation,
  BINARY_SUBSCR: () => [{ op: 'subscript' }],
  BINARY_SLICE: slice(true, true),
  SLICE_0: slice(false, false),
  SLICE_1: slice(true, false),
  SLICE_2: slice(false, true),
  SLICE_3: slice(true, true),
  STORE_SUBSCR: () => [{ op: 'store subscript' }],
  UNARY_NEGATIVE: unary('-'),
  UNARY_POSITIVE: unary('+'),
  UNARY_INVERT: unary('~'),
  UNARY_NOT: unary('not'),
  COMPARE_OP: compare,
  IS_OP: t => [{ op: 'compare', operator: argumentOf(t) & 1 ? 'is not' : 'is' }],
  CONTAINS_OP: t => [{ op: 'compare', operator: argumentOf(t) & 1 ? 'not in' : 'in' }],

  BUILD_TUPLE: build('tuple'),
  BUILD_LIST: build('list'),
  BUILD_SET: build('set'),
  BUILD_STRING: build('text'),
  BUILD_SLICE: build('slice'),
  BUILD_MAP: buildMap,
  BUILD_CONST_KEY_MAP: t => [{ op: 'build keyed map', count: argumentOf(t) }],
  BUILD_TUPLE_UNPACK: join('tuple'),
  BUILD_TUPLE_UNPACK_WITH_CALL: join('tuple'),
  BUILD_LIST_UNPACK: join('list'),
  BUILD_SET_UNPACK: join('set'),
  BUILD_MAP_UNPACK: join('map'),
  BUILD_MAP_UNPACK_WITH_CALL: join('map', argument => argument & 255),
  STORE_MAP: () => [{ op: 'append pair', depth: 1, keyOnTop: true }],
  LIST_APPEND: t => [{ op: 'append', kind: 'list', depth: argumentOf(t) }],
  SET_ADD: t => [{ op: 'append', kind: 'set', depth: argumentOf(t) }],
  MAP_ADD: t => [{ op: 'append pair', depth: argumentOf(t), keyOnTop: !atLeast(t.python, '3.8') }],
  LIST_EXTEND: t => [{ op: 'extend', kind: 'list', depth: argumentOf(t) }],
  SET_UPDATE: t => [{ op: 'extend', kind: 'set', depth: argumentOf(t) }],
  DICT_UPDATE: t => [{ op: 'extend', kind: 'map', depth: argumentOf(t) }],
  DICT_MERGE: t => [{ op: 'extend', kind: 'map', depth: argumentOf(t) }],
  LIST_TO_TUPLE: () => [{ op: 'list to tuple' }],
  UNPACK_SEQUENCE: t => [{ op: 'unpack', count: argumentOf(t) }],
  UNPACK_EX: t => [{ op: 'unpack rest', before: argumentOf(t) & 255, after: argumentOf(t) >> 8 }],
  FORMAT_VALUE: formatValue,
  CONVERT_VALUE: convertValue,
  FORMAT_SIMPLE: () => [{ op: 'format', conversion: null, spec: false }],
  FORMAT_WITH_SPEC: () => [{ op: 'format', conversion: null, spec: true }],
  CALL_INTRINSIC_1: intrinsic,

  CALL: t => call(t.previous?.name === 'KW_NAMES')(t),
  CALL_METHOD: call(false),
  CALL_KW: call(true),
  CALL_FUNCTION: callFunction,
  CALL_FUNCTION_KW: callKeywords,
  CALL_FUNCTION_VAR: callMixed(true, false),
  CALL_FUNCTION_VAR_KW: callMixed(true, true),
  CALL_FUNCTION_EX: callSpread,
  MAKE_FUNCTION: makeFunction,
  MAKE_CLOSURE: makeOldFunction(true),
  SET_FUNCTION_ATTRIBUTE: t => [{ op: 'set function part', flag: argumentOf(t) }],

  JUMP_FORWARD: jump,
  JUMP_BACKWARD: jump,
  JUMP_BACKWARD_NO_INTERRUPT: jump,
  JUMP_ABSOLUTE: jump,
  CONTINUE_LOOP: jump,
  POP_JUMP_IF_TRUE: branch('true'),
  POP_JUMP_IF_FALSE: branch('false'),
  POP_JUMP_IF_NONE: branch('none'),
  POP_JUMP_IF_NOT_NONE: branch('not none'),
  POP_JUMP_FORWARD_IF_TRUE: branch('true'),
  POP_JUMP_FORWARD_IF_FALSE: branch('false'),
  POP_JUMP_FORWARD_IF_NONE: branch('none'),
  POP_JUMP_FORWARD_IF_NOT_NONE: branch('not none'),
  POP_JUMP_BACKWARD_IF_TRUE: branch('true'),
  POP_JUMP_BACKWARD_IF_FALSE: branch('false'),
  POP_JUMP_BACKWARD_IF_NONE: branch('none'),
  POP_JUMP_BACKWARD_IF_NOT_NONE: branch('not none'),
  JUMP_IF_TRUE_OR_POP: branch('true', true),
  JUMP_IF_FALSE_OR_POP: branch('false', true),
  GET_ITER: () => [{ op: 'iterate' }],
  FOR_ITER: t => [{ op: 'next', target: target(t) }],
  SETUP_LOOP: t => [{ op: 'enter loop', target: target(t) }],
  // The handlers of try … except are never reached: a call that is not understood ends the reading, and raises nothing.
  SETUP_EXCEPT: t => [{ op: 'enter loop', target: target(t) }],
  SETUP_FINALLY: t =>
    atLeast(t.python, '3.8') ? [] : [{ op: 'unsupported', opcode: 'SETUP_FINALLY', what: 'try … finally' }],
  POP_BLOCK: t => (atLeast(t.python, '3.8') ? [] : [{ op: 'leave loop' }]),
  BREAK_LOOP: () => [{ op: 'break' }],

  COPY: t => [{ op: 'copy', depth: argumentOf(t) }],
  SWAP: t => [{ op: 'swap', depth: argumentOf(t) }],
  DUP_TOP: copyOf(1),
  DUP_TOP_TWO: () => [
    { op: 'copy', depth: 2 },
    { op: 'copy', depth: 2 },
  ],
  DUP_TOPX: t => Array.from({ length: argumentOf(t) }, () => ({ op: 'copy', depth: argumentOf(t) }) as const),
  ROT_TWO: rotate(2),
  ROT_THREE: rotate(3),
  ROT_FOUR: rotate(4),
  ROT_N: t => [{ op: 'rotate', depth: argumentOf(t) }],
};

/** The translation of an opcode by name; undefined for what functions of tensors have no use for. */
export const translations: Readonly<Record<string, Translation | undefined>> = rows;
