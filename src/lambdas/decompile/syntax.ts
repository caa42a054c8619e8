/** Python's expressions and statements, as far as functions of Lambda layers have them. */

import type { CodeObject, PythonConstant } from '../../containers/marshal/index.ts';
import type { BinaryOperator, CompareOperator, UnaryOperator } from '../instructions.ts';

export interface CallArgument {
  readonly value: Expression;
  /** Keyword; null for a positional argument. */
  readonly keyword: string | null;
  /** `*` or `**` before it. */
  readonly spread: '' | '*' | '**';
}

export interface ComprehensionLoop {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}

export type Expression =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'constant'; readonly value: PythonConstant }
  | { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly type: 'subscript'; readonly object: Expression; readonly key: Expression }
  | {
      readonly type: 'slice';
      readonly start: Expression | null;
      readonly stop: Expression | null;
      readonly step: Expression | null;
    }
  | { readonly type: 'call'; readonly callee: Expression; readonly args: readonly CallArgument[] }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression }
  | {
      readonly type: 'compare';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: CompareOperator; readonly operand: Expression }[];
    }
  | { readonly type: 'boolean'; readonly operator: 'and' | 'or'; readonly items: readonly Expression[] }
  | {
      readonly type: 'conditional';
      readonly test: Expression;
      readonly consequent: Expression;
      readonly otherwise: Expression;
    }
  | { readonly type: 'collection'; readonly kind: 'tuple' | 'list' | 'set'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly entries: readonly (readonly [Expression | null, Expression])[] }
  | { readonly type: 'star'; readonly value: Expression }
  | { readonly type: 'walrus'; readonly name: string; readonly value: Expression }
  | { readonly type: 'text'; readonly parts: readonly Expression[] }
  | {
      readonly type: 'format';
      readonly value: Expression;
      readonly conversion: string | null;
      readonly spec: Expression | null;
    }
  | {
      readonly type: 'function';
      readonly code: CodeObject;
      readonly defaults: readonly Expression[];
      readonly keywordDefaults: Expression | null;
    }
  | {
      readonly type: 'comprehension';
      readonly kind: 'list' | 'set' | 'dict' | 'generator';
      readonly key: Expression | null;
      readonly element: Expression;
      readonly loops: readonly ComprehensionLoop[];
    }
  /** What lies on the stack and has no place in source: an iterator, the item of a loop, a saved local, NULL. */
  | { readonly type: 'iterator'; readonly of: Expression }
  | { readonly type: 'item' }
  | {
      readonly type: 'part';
      readonly of: Expression;
      readonly index: number;
      readonly count: number;
      readonly rest: boolean;
    }
  | { readonly type: 'saved' }
  | { readonly type: 'null' }
  | { readonly type: 'code'; readonly code: CodeObject }
  | { readonly type: 'cell'; readonly name: string }
  | { readonly type: 'module'; readonly name: string; readonly from: boolean };

export type Statement =
  | { readonly type: 'expression'; readonly value: Expression }
  | { readonly type: 'assign'; readonly target: Expression; readonly value: Expression }
  | {
      readonly type: 'augment';
      readonly target: Expression;
      readonly operator: BinaryOperator;
      readonly value: Expression;
    }
  | { readonly type: 'return'; readonly value: Expression }
  | {
      readonly type: 'if';
      readonly test: Expression;
      readonly consequent: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly type: 'for';
      readonly target: Expression;
      readonly iterable: Expression;
      readonly body: readonly Statement[];
    }
  | { readonly type: 'import'; readonly module: string; readonly name: string | null; readonly as: string }
  | { readonly type: 'assert'; readonly test: Expression; readonly message: Expression | null }
  | { readonly type: 'raise'; readonly value: Expression | null }
  | { readonly type: 'define'; readonly name: string; readonly value: Expression & { readonly type: 'function' } }
  | { readonly type: 'break' | 'continue' }
  /** Adds to the collection that a comprehension makes. */
  | { readonly type: 'append'; readonly to: Expression; readonly key: Expression | null; readonly value: Expression }
  | { readonly type: 'yield'; readonly value: Expression };

/** Raised inside the recovery where code has no source form that is known here; never leaves `decompile/`. */
export class NoSource extends Error {}
