/**
 * How a callable of the allow-list is written: a signature as its documentation has it, and what it does with its
 * arguments, which it asks for by name and type. An argument that the signature lacks is refused by name.
 */

import type { DType } from '../../numbers/dtype.ts';
import type { Ops, SizeLike, SymbolicTensor, TensorLike } from '../../ops/index.ts';
import { itemsOf } from '../machine/iterate.ts';
import { isTrue, meet } from '../machine/operators.ts';
import { raises, refuse } from '../machine/refuse.ts';
import type { LambdaEra, Session } from '../machine/session.ts';
import { asSizes, asTensor, asTensorLike, nestedNumbers } from '../machine/tensors.ts';
import { integerOf, numberOf, typeName, type Value } from '../machine/values.ts';

export interface Arguments {
  readonly ops: Ops;
  readonly era: LambdaEra;
  readonly session: Session;
  /** True when it is given and not None. */
  given(name: string): boolean;
  /** The value, undefined when absent; None stays None. */
  value(name: string): Value | undefined;
  /** The value of an argument that must be there. */
  needed(name: string): Value;
  /** What `*rest` of the signature holds. */
  rest(): readonly Value[];
  /** What `**keywords` of the signature holds. */
  keywords(): ReadonlyMap<string, Value>;
  tensor(name: string): SymbolicTensor;
  /** A tensor, or a plain number that takes the dtype of what it meets. */
  like(name: string): TensorLike;
  /** Two arguments that meet in one operation. */
  pair(first: string, second: string): [TensorLike, TensorLike];
  /** Items of a list, each a tensor. */
  tensors(name: string): SymbolicTensor[];
  items(name: string): readonly Value[];
  number(name: string, fallback?: number): number;
  int(name: string, fallback?: number): number;
  ints(name: string): number[];
  flag(name: string, fallback?: boolean): boolean;
  text(name: string, fallback?: string): string;
  /** One axis, several, or null for all. */
  axes(name: string): number | number[] | null;
  dtype(name: string): DType | null;
  sizes(name: string): readonly SizeLike[];
}

export type Handler = (given: Arguments) => Value;

export interface Allowed {
  readonly parameters: readonly string[];
  /** Other names of parameters, of older releases. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly rest: string | null;
  readonly takesKeywords: boolean;
  /** Known, and never interpreted: it draws random numbers. */
  readonly refused?: true;
  readonly handler: Handler;
}

/** A namespace's callables by name below it: `nn.relu`. */
export type Namespace = ReadonlyMap<string, Allowed>;

type Signature = Omit<Allowed, 'handler' | 'refused'>;

/**
 * `signature`: parameters in order, `*rest` and `**keywords` for any number, then after `|` older names as `keep_dims:keepdims`.
 * Defaults stand with the handler. It is read when it is first asked for: few of the hundreds are called in one model.
 */
export function allow(signature: string, handler: Handler): Allowed {
  let known: Signature | null = null;
  const read = () => {
    known ??= readSignature(signature);
    return known;
  };
  return {
    get parameters() {
      return read().parameters;
    },
    get rest() {
      return read().rest;
    },
    get takesKeywords() {
      return read().takesKeywords;
    },
    get aliases() {
      return read().aliases;
    },
    handler,
  };
}

function readSignature(signature: string): Signature {
  const [parameters = '', aliases = ''] = signature.split('|');
  const names = parameters.trim().split(/\s+/).filter(Boolean);
  const pairs = aliases.trim().split(/\s+/).filter(Boolean);
  return {
    parameters: names.filter(name => !name.startsWith('*')),
    rest: names.find(name => /^\*\w/.test(name))?.slice(1) ?? null,
    takesKeywords: names.some(name => name.startsWith('**')),
    aliases: new Map(pairs.map(pair => pair.split(':') as [string, string])),
  };
}

/** A namespace out of rows; a key may name several callables: `abs math.abs`. */
export function namespaceOf(rows: Readonly<Record<string, Allowed>>): Namespace {
  const entries = Object.entries(rows).flatMap(([names, allowed]) =>
    names.split(' ').map((name): [string, Allowed] => [name, allowed]),
  );
  return new Map(entries);
}

/** Calls an entry of the allow-list with what the code gives it. */
export function callAllowed(
  allowed: Allowed,
  callee: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  session: Session,
): Value {
  const bound = new Map<string, Value>();
  allowed.parameters.forEach((name, index) => {
    const value = args[index];
    if (value !== undefined) bound.set(name, value);
  });
  const extra = args.slice(allowed.parameters.length);
  if (extra.length > 0 && allowed.rest === null)
    raises('TypeError', `${callee} got ${args.length} positional arguments`);
  const others = new Map<string, Value>();
  for (const [keyword, value] of keywords) {
    const name = allowed.aliases.get(keyword) ?? keyword;
    if (name === 'name' && !allowed.parameters.includes('name') && !allowed.takesKeywords) continue;
    if (!allowed.parameters.includes(name)) {
      if (allowed.takesKeywords) {
        others.set(keyword, value);
        continue;
      }
      refuse(`the argument ${keyword} of ${callee}`);
    }
    bound.set(name, value);
  }
  return allowed.handler(argumentsOver(bound, { extra, others }, callee, session));
}

function argumentsOver(
  bound: ReadonlyMap<string, Value>,
  { extra, others }: { readonly extra: readonly Value[]; readonly others: ReadonlyMap<string, Value> },
  callee: string,
  session: Session,
): Arguments {
  const value = (name: string) => bound.get(name);
  const needed = (name: string) => bound.get(name) ?? raises('TypeError', `${callee} is called without ${name}`);
  const given = (name: string) => bound.has(name) && bound.get(name)?.kind !== 'none';
  const wrong = (name: string, wanted: string): never =>
    refuse(`${callee} with ${typeName(needed(name))} as ${name}, where ${wanted} is needed`);
  const number = (name: string, fallback?: number) => {
    if (!given(name) && fallback !== undefined) return fallback;
    return scalarOf(needed(name)) ?? wrong(name, 'a plain number');
  };
  const ints = (name: string): number[] => {
    const found = needed(name);
    const single = integerOf(found);
    if (single !== null) return [single];
    if (found.kind === 'tensor') return constantInts(found.tensor) ?? wrong(name, 'whole numbers known now');
    if (found.kind !== 'list' && found.kind !== 'tuple') return wrong(name, 'whole numbers');
    return found.items.map(item => scalarOf(item) ?? wrong(name, 'whole numbers'));
  };
  return {
    ops: session.ops,
    era: session.era,
    session,
    given,
    value,
    needed,
    rest: () => extra,
    keywords: () => others,
    tensor: name => asTensor(needed(name), session),
    like: name => asTensorLike(needed(name), session),
    pair: (first, second) => meet(needed(first), needed(second), session),
    tensors: name => tensorsOf(itemsOf(needed(name), session), session),
    items: name => itemsOf(needed(name), session),
    number,
    int: (name, fallback) => Math.trunc(number(name, fallback)),
    ints,
    flag: (name, fallback = false) => (given(name) ? isTrue(needed(name)) : fallback),
    text: (name, fallback) => {
      if (!given(name) && fallback !== undefined) return fallback;
      const found = needed(name);
      return found.kind === 'string' ? found.value : wrong(name, 'text');
    },
    axes: name => {
      if (!given(name)) return null;
      const single = integerOf(needed(name));
      return single ?? ints(name);
    },
    dtype: name => (given(name) ? (dtypeOf(needed(name)) ?? wrong(name, 'a dtype')) : null),
    sizes: name => asSizes(needed(name), session),
  };
}

function scalarOf(value: Value): number | null {
  const number = numberOf(value);
  if (number !== null) return number;
  if (value.kind === 'tensor' && value.tensor.shape.length === 0) return constantInts(value.tensor)?.[0] ?? null;
  return null;
}

/** Whole numbers of a constant node; null for what is known only when the model runs. */
export function constantInts(tensor: SymbolicTensor): number[] | null {
  const { value } = tensor.node.attributes as { value?: { data?: ArrayLike<number | bigint> } };
  if (tensor.node.op !== 'constant' || !value?.data || /^(float16|bfloat16|string)$/.test(tensor.dtype)) return null;
  return Array.from(value.data, Number);
}

/** Items as tensors: plain numbers and lists among tensors take the tensors' dtype. */
function tensorsOf(items: readonly Value[], session: Session): SymbolicTensor[] {
  const dtype = items.find(item => item.kind === 'tensor' && !item.numpy);
  const wanted = dtype?.kind === 'tensor' ? dtype.tensor.dtype : undefined;
  return items.map(item => asTensor(item, session, item.kind === 'tensor' && !item.numpy ? undefined : wanted));
}

const dtypeNames: Readonly<Record<string, DType>> = {
  half: 'float16',
  double: 'float64',
  float: 'float32',
  int: 'int64',
  bool_: 'bool',
};

/** A dtype from `tf.float32`, `'float32'`, `np.float32`, `float`; null for anything else. */
export function dtypeOf(value: Value): DType | null {
  if (value.kind === 'dtype') return value.dtype;
  if (value.kind === 'reference') {
    const python: Readonly<Record<string, DType>> = {
      'builtins.float': 'float32',
      'builtins.int': 'int32',
      'builtins.bool': 'bool',
    };
    return python[value.path] ?? null;
  }
  return value.kind === 'string' ? dtypeNamed(value.value) : null;
}

/** A dtype by one of its names. */
export function dtypeNamed(name: string): DType | null {
  if (/^(u?int(8|16|32|64)|float(16|32|64)|bfloat16|bool|string|complex(64|128))$/.test(name)) return name as DType;
  return Object.hasOwn(dtypeNames, name) ? (dtypeNames[name] ?? null) : null;
}

export { nestedNumbers };
