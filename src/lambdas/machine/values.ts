/**
 * Python's values as the machine holds them: constants of code objects, collections of values, symbolic tensors, and
 * names of functions that live outside the code. Tagged plain data; lists and dictionaries are the mutable ones.
 */

import type { CodeObject, PythonConstant, PythonVersion } from '../../containers/marshal/index.ts';
import type { DType } from '../../numbers/dtype.ts';
import type { SymbolicTensor } from '../../ops/index.ts';

export type NoneValue = { readonly kind: 'none' };
export type IntValue = { readonly kind: 'int'; readonly value: bigint };
export type FloatValue = { readonly kind: 'float'; readonly value: number };
export type BoolValue = { readonly kind: 'bool'; readonly value: boolean };
export type TextValue = { readonly kind: 'string'; readonly value: string };

export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
  /** A shape (`x.shape`, `K.int_shape(x)`), which in TensorFlow has methods of its own. */
  readonly shape?: true;
  /** Names of the items of a named tuple (`tf.math.top_k`). */
  readonly names?: readonly string[];
}

export interface ListValue {
  readonly kind: 'list';
  readonly items: Value[];
}

export interface DictValue {
  readonly kind: 'dict';
  readonly entries: [Value, Value][];
}

export interface SetValue {
  readonly kind: 'set';
  readonly items: Value[];
}

export interface SliceValue {
  readonly kind: 'slice';
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}

export interface TensorValue {
  readonly kind: 'tensor';
  readonly tensor: SymbolicTensor;
  /** Made by NumPy: takes the dtype of the tensor it meets, and has NumPy's methods. */
  readonly numpy?: true;
}

/** A function defined in the code that is being read. */
export interface FunctionValue {
  readonly kind: 'function';
  readonly code: CodeObject;
  readonly python: PythonVersion;
  readonly defaults: readonly Value[];
  readonly keywordDefaults: ReadonlyMap<string, Value>;
  readonly closure: readonly Cell[];
}

/** Something outside the code by its full name: `tensorflow.nn.relu`, `builtins.len`. */
export interface ReferenceValue {
  readonly kind: 'reference';
  readonly path: string;
  /** As the code writes it: `tf.nn.relu`. */
  readonly written: string;
}

/** A method of a value, not called yet. */
export interface MethodValue {
  readonly kind: 'method';
  readonly receiver: Value;
  readonly name: string;
}

/** A function with some arguments given before (functools.partial, a layer or activation object). */
export interface CallableValue {
  readonly kind: 'callable';
  readonly name: string;
  call(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value;
}

export interface DTypeValue {
  readonly kind: 'dtype';
  readonly dtype: DType;
}

export interface IteratorValue {
  readonly kind: 'iterator';
  readonly items: Iterator<Value>;
}

/** The NULL that old Pythons use, never seen by code; a closure's variable. */
export interface CellValue {
  readonly kind: 'cell';
  readonly cell: Cell;
}

export interface Cell {
  value: Value | undefined;
}

export type Value =
  | NoneValue
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'stop-iteration' }
  | BoolValue
  | IntValue
  | FloatValue
  | { readonly kind: 'complex'; readonly real: number; readonly imaginary: number }
  | TextValue
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | TupleValue
  | ListValue
  | SetValue
  | DictValue
  | SliceValue
  | TensorValue
  | FunctionValue
  | ReferenceValue
  | MethodValue
  | CallableValue
  | DTypeValue
  | IteratorValue
  | CellValue
  | { readonly kind: 'code'; readonly code: CodeObject };

export const none: NoneValue = { kind: 'none' };
export const pyBool = (value: boolean): BoolValue => ({ kind: 'bool', value });
export const pyInt = (value: number | bigint): IntValue => ({ kind: 'int', value: BigInt(value) });
export const pyFloat = (value: number): FloatValue => ({ kind: 'float', value });
export const pyText = (value: string): TextValue => ({ kind: 'string', value });
export const pyTuple = (items: readonly Value[]): TupleValue => ({ kind: 'tuple', items });
export const pyList = (items: readonly Value[]): ListValue => ({ kind: 'list', items: [...items] });
export const pyTensor = (tensor: SymbolicTensor): TensorValue => ({ kind: 'tensor', tensor });

/** A constant of a code object as a value; lists in it are fresh ones. */
export function fromConstant(constant: PythonConstant): Value {
  switch (constant.kind) {
    case 'tuple':
      return pyTuple(constant.items.map(fromConstant));
    case 'list':
      return pyList(constant.items.map(fromConstant));
    case 'set':
    case 'frozenset':
      return { kind: 'set', items: constant.items.map(fromConstant) };
    case 'dict':
      return {
        kind: 'dict',
        entries: constant.entries.map(([key, value]) => [fromConstant(key), fromConstant(value)]),
      };
    case 'slice':
      return {
        kind: 'slice',
        start: fromConstant(constant.start),
        stop: fromConstant(constant.stop),
        step: fromConstant(constant.step),
      };
    default:
      return constant;
  }
}

/** `bool`, `int` and `float` as a number; null for everything else. */
export function numberOf(value: Value): number | null {
  if (value.kind === 'int') return Number(value.value);
  if (value.kind === 'float') return value.value;
  return value.kind === 'bool' ? Number(value.value) : null;
}

/** `bool` and `int` as a whole number; null for everything else. */
export function integerOf(value: Value): number | null {
  return value.kind === 'int' || value.kind === 'bool' ? Number(value.value) : null;
}

/** What Python calls the type of a value, for messages. */
export function typeName(value: Value): string {
  switch (value.kind) {
    case 'none':
      return 'None';
    case 'string':
      return 'a str';
    case 'tensor':
      return 'a tensor';
    case 'int':
      return 'an int';
    case 'ellipsis':
      return 'Ellipsis';
    case 'reference':
      return value.written;
    case 'method':
      return `the method ${value.name}`;
    default:
      return `a ${value.kind}`;
  }
}
