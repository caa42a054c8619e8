/**
 * What CPython's marshal format holds: constants, and code objects made of them. Everything is plain data, tagged by
 * `kind`, because Python tells 2 from 2.0 and (1,) from [1] where JavaScript does not.
 */

export type PythonConstant =
  | { readonly kind: 'none' }
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'stop-iteration' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'complex'; readonly real: number; readonly imaginary: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'tuple'; readonly items: readonly PythonConstant[] }
  | { readonly kind: 'list'; readonly items: readonly PythonConstant[] }
  | { readonly kind: 'set'; readonly items: readonly PythonConstant[] }
  | { readonly kind: 'frozenset'; readonly items: readonly PythonConstant[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [PythonConstant, PythonConstant])[] }
  | {
      readonly kind: 'slice';
      readonly start: PythonConstant;
      readonly stop: PythonConstant;
      readonly step: PythonConstant;
    }
  | { readonly kind: 'code'; readonly code: CodeObject };

/** Order of the fields of a code object, which changed in Python 3.0, 3.8 and 3.11. */
export type CodeLayout = '2.7' | '3.0' | '3.8' | '3.11';

/** A compiled function body (`function.__code__`), with today's field names spelled out. */
export interface CodeObject {
  readonly layout: CodeLayout;
  /** `<lambda>` for lambdas. */
  readonly name: string;
  /** From Python 3.11; null before. */
  readonly qualifiedName: string | null;
  /** The training script, as its machine called it. */
  readonly filename: string;
  readonly firstLine: number;
  /** Positional parameters, positional-only ones included; `*args` and `**kwargs` not. */
  readonly argumentCount: number;
  readonly positionalOnlyCount: number;
  readonly keywordOnlyCount: number;
  readonly stackSize: number;
  /** CO_* bits: 0x04 `*args`, 0x08 `**kwargs`, 0x20 generator. */
  readonly flags: number;
  /** The bytecode. */
  readonly code: Uint8Array;
  readonly constants: readonly PythonConstant[];
  /** Names of globals and attributes. */
  readonly names: readonly string[];
  /** Parameters first, then other locals. */
  readonly localNames: readonly string[];
  /** Locals that inner functions use. */
  readonly cellNames: readonly string[];
  /** Names taken from the enclosing function. */
  readonly freeNames: readonly string[];
  /** From 3.11 locals, cells and free variables are numbered as one list; before, null. */
  readonly fastNames: readonly string[] | null;
  /** lnotab before 3.10, then the line tables of PEP 626 and 657. */
  readonly lineTable: Uint8Array;
  /** From 3.11; null before. */
  readonly exceptionTable: Uint8Array | null;
  /** Where it begins in the marshalled bytes. */
  readonly offset: number;
}

export const takesVarArgs = 0x04;
export const takesVarKeywords = 0x08;
export const isGenerator = 0x20;
