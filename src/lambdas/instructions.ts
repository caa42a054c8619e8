/**
 * The instruction set that all Pythons' bytecode is brought to. It is a stack machine without the releases' shortcuts:
 * no superinstructions, no NULL beside a callable, no caches. What is not understood is an instruction too, so that
 * code is refused only where it would really be reached.
 */

import type { PythonConstant, PythonVersion } from '../containers/marshal/index.ts';

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '**'
  | '@'
  | '<<'
  | '>>'
  | '&'
  | '|'
  | '^'
  | 'classic /';
export type UnaryOperator = '-' | '+' | '~' | 'not';
export type CompareOperator = '<' | '<=' | '==' | '!=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';

/** `local` and `cell` are the function's own (a cell is shared with inner functions), `global` the script's. */
export type Scope = 'local' | 'cell' | 'global';

/**
 * What lies on the stack for the callable of a call: it alone; from 3.11 a function and its `self`, or NULL and the
 * callable; from 3.13 the callable and its `self`, or NULL.
 */
export type SelfPlace = 'none' | 'function or null, self or callable' | 'callable, self or null';

export type Step =
  | { readonly op: 'constant'; readonly value: PythonConstant }
  | { readonly op: 'load' | 'store' | 'delete'; readonly scope: Scope; readonly name: string }
  /** Pushes the variable itself, for the closure of an inner function. */
  | { readonly op: 'load cell'; readonly name: string }
  /** Pushes a local and unsets it; a comprehension in the middle of a function uses it to save a name. */
  | { readonly op: 'save local'; readonly name: string }
  | { readonly op: 'attribute'; readonly name: string }
  | { readonly op: 'subscript' }
  /** `object[start:stop]`; what is absent is not on the stack. */
  | { readonly op: 'slice'; readonly start: boolean; readonly stop: boolean }
  | { readonly op: 'store subscript' }
  | { readonly op: 'binary'; readonly operator: BinaryOperator; readonly inPlace: boolean }
  | { readonly op: 'unary'; readonly operator: UnaryOperator }
  | { readonly op: 'compare'; readonly operator: CompareOperator }
  | { readonly op: 'build'; readonly kind: 'tuple' | 'list' | 'set' | 'text' | 'slice' | 'map'; readonly count: number }
  /** Values below a tuple of their keys. */
  | { readonly op: 'build keyed map'; readonly count: number }
  /** Joins `count` iterables (or mappings) into one. */
  | { readonly op: 'join'; readonly kind: 'tuple' | 'list' | 'set' | 'map'; readonly count: number }
  /** Adds to the collection `depth` below the top (1 is the new top once the values are popped). */
  | { readonly op: 'append'; readonly kind: 'list' | 'set'; readonly depth: number }
  | { readonly op: 'append pair'; readonly depth: number; readonly keyOnTop: boolean }
  | { readonly op: 'extend'; readonly kind: 'list' | 'set' | 'map'; readonly depth: number }
  | { readonly op: 'list to tuple' }
  | { readonly op: 'format'; readonly conversion: 's' | 'r' | 'a' | null; readonly spec: boolean }
  /** Pushes the place of a `self` that there is none for, beside a callable (from 3.11). */
  | { readonly op: 'null' }
  /** `count` values, then `pairs` of keyword and value; `named`: then a tuple that names the last of the values. */
  | {
      readonly op: 'call';
      readonly count: number;
      readonly pairs: number;
      readonly named: boolean;
      readonly self: SelfPlace;
    }
  | { readonly op: 'call spread'; readonly mapping: boolean; readonly self: SelfPlace }
  /** 2.7 to 3.5: positional values, pairs, and an iterable and a mapping besides, in the order of that Python. */
  | {
      readonly op: 'call mixed';
      readonly count: number;
      readonly pairs: number;
      readonly iterable: boolean;
      readonly mapping: boolean;
      readonly iterableBelowPairs: boolean;
    }
  | { readonly op: 'jump'; readonly target: number }
  | {
      readonly op: 'branch';
      readonly when: 'true' | 'false' | 'none' | 'not none';
      readonly target: number;
      /** The value stays on the stack when it jumps (`and`, `or` up to 3.11). */
      readonly keep: boolean;
    }
  | { readonly op: 'iterate' }
  /** Pushes the next item; at the end pops the iterator and jumps. */
  | { readonly op: 'next'; readonly target: number }
  /** Up to 3.7 loops are bracketed, and `break` leaves the innermost. */
  | { readonly op: 'enter loop'; readonly target: number }
  | { readonly op: 'leave loop' }
  | { readonly op: 'break' }
  | { readonly op: 'unpack'; readonly count: number }
  | { readonly op: 'unpack rest'; readonly before: number; readonly after: number }
  /** `flags` as of 3.6: 1 defaults, 2 keyword defaults, 4 annotations, 8 closure. */
  | { readonly op: 'make function'; readonly flags: number; readonly nameOnTop: boolean }
  /** Up to 3.5 defaults lie one by one on the stack. */
  | {
      readonly op: 'make old function';
      readonly defaults: number;
      readonly keywordDefaults: number;
      readonly annotations: number;
      readonly closure: boolean;
      readonly nameOnTop: boolean;
    }
  | { readonly op: 'set function part'; readonly flag: number }
  | { readonly op: 'pop' }
  /** Pushes the value `depth` from the top; 1 is the top. */
  | { readonly op: 'copy'; readonly depth: number }
  | { readonly op: 'swap'; readonly depth: number }
  /** Moves the top down to `depth`. */
  | { readonly op: 'rotate'; readonly depth: number }
  | { readonly op: 'import'; readonly name: string }
  | { readonly op: 'import from'; readonly name: string }
  | { readonly op: 'yield' }
  | { readonly op: 'return' }
  | { readonly op: 'raise'; readonly count: number }
  /** An opcode that has no place in a function of tensors. */
  | { readonly op: 'unsupported'; readonly opcode: string; readonly what: string };

/** A step with the byte of the original instruction. */
export type Instruction = Step & { readonly offset: number };

/** A function body in the common instruction set. Jump targets are indexes into `instructions`. */
export interface Program {
  readonly python: PythonVersion;
  readonly instructions: readonly Instruction[];
}
