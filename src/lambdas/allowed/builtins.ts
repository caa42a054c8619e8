/** Python's own functions, as far as functions of tensors use them; `math`, `functools`, `operator` besides. */

import { itemsOf } from '../machine/iterate.ts';
import { binary, compare, isEqual, isTrue, unary } from '../machine/operators.ts';
import { raises, refuse } from '../machine/refuse.ts';
import { maximumItems, type Session } from '../machine/session.ts';
import { reprOf, textOf } from '../machine/text.ts';
import {
  integerOf,
  none,
  numberOf,
  pyBool,
  pyFloat,
  pyInt,
  pyList,
  pyTensor,
  pyText,
  pyTuple,
  typeName,
  type Value,
} from '../machine/values.ts';
import { type Allowed, type Arguments, allow, constantInts, namespaceOf } from './define.ts';

const extreme =
  (operator: '<' | '>'): Allowed['handler'] =>
  given => {
    const items = given.rest().length === 1 ? itemsOf(given.rest()[0] ?? none, given.session) : given.rest();
    const [first, ...others] = items;
    if (!first) return raises('ValueError', 'the largest or smallest of nothing');
    return others.reduce((best, item) => (isTrue(compare(operator, item, best, given.session)) ? item : best), first);
  };

function lengthOf(value: Value): Value {
  switch (value.kind) {
    case 'tuple':
    case 'list':
    case 'set':
      return pyInt(value.items.length);
    case 'dict':
      return pyInt(value.entries.length);
    case 'string':
      return pyInt([...value.value].length);
    case 'tensor': {
      const [first] = value.tensor.shape;
      return typeof first === 'number'
        ? pyInt(first)
        : refuse('len() of a tensor whose first axis is known only when the model runs');
    }
    default:
      return refuse(`len() of ${typeName(value)}`);
  }
}

function range(given: Arguments): Value {
  const bounds = given.rest().map(value => integerOf(value) ?? rangeBound(value));
  const [start = 0, stop = 0, step = 1] = bounds.length === 1 ? [0, bounds[0]] : bounds;
  if (step === 0) raises('ValueError', 'range() with step 0');
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count > maximumItems) refuse(`a range of ${count} numbers`);
  return pyList(Array.from({ length: count }, (_, index) => pyInt(start + index * step)));
}

function rangeBound(value: Value): number {
  if (value.kind === 'none')
    return raises('TypeError', 'range() of None, a size that is not known when the model is built');
  return refuse(`range() of ${typeName(value)}`);
}

function toInt(value: Value): Value {
  const number = numberOf(value);
  if (number !== null) return value.kind === 'int' ? value : pyInt(Math.trunc(number));
  if (value.kind === 'string' && /^\s*-?\d+\s*$/.test(value.value)) return pyInt(BigInt(value.value.trim()));
  if (value.kind === 'tensor') {
    const [number] = constantInts(value.tensor) ?? [];
    return number === undefined
      ? refuse('int() of a tensor, whose number is known only when the model runs')
      : pyInt(Math.trunc(number));
  }
  return raises('TypeError', `int() of ${typeName(value)}`);
}

const tupleOf = (values: readonly Value[]): Value => pyTuple(values);

const rows: Readonly<Record<string, Allowed>> = {
  len: allow('x', given => lengthOf(given.needed('x'))),
  range: allow('*bounds', range),
  xrange: allow('*bounds', range),
  int: allow('x', given => toInt(given.needed('x'))),
  float: allow('x', given => {
    const value = given.needed('x');
    if (value.kind === 'string' && /^[+-]?(inf|infinity|nan)$/i.test(value.value)) {
      return pyFloat(/nan/i.test(value.value) ? Number.NaN : value.value.startsWith('-') ? -Infinity : Infinity);
    }
    return pyFloat(numberOf(value) ?? refuse(`float() of ${typeName(value)}`));
  }),
  bool: allow('x', given => pyBool(isTrue(given.needed('x')))),
  str: allow('x', given => pyText(textOf(given.needed('x')))),
  repr: allow('x', given => pyText(reprOf(given.needed('x')))),
  abs: allow('x', given => {
    const value = given.needed('x');
    if (value.kind === 'tensor') return pyTensor(given.ops.abs(value.tensor));
    const number = numberOf(value) ?? raises('TypeError', `abs() of ${typeName(value)}`);
    return value.kind === 'int' ? pyInt(value.value < 0n ? -value.value : value.value) : pyFloat(Math.abs(number));
  }),
  sum: allow('iterable start', given => {
    const items = given.items('iterable');
    const start = given.value('start') ?? pyInt(0);
    return items.reduce(
      (total, item) => (isZero(total) && item.kind === 'tensor' ? item : binary('+', total, item, given.session)),
      start,
    );
  }),
  max: allow('*values', extreme('>')),
  min: allow('*values', extreme('<')),
  pow: allow('base exponent', given => binary('**', given.needed('base'), given.needed('exponent'), given.session)),
  round: allow('x ndigits', given => {
    const value = given.needed('x');
    if (value.kind === 'tensor') return pyTensor(given.ops.round(value.tensor));
    return pyInt(roundHalfEven(numberOf(value) ?? refuse(`round() of ${typeName(value)}`)));
  }),
  divmod: allow('a b', given =>
    tupleOf(
      (['//', '%'] as const).map(operator => binary(operator, given.needed('a'), given.needed('b'), given.session)),
    ),
  ),
  list: allow('iterable', given => (given.given('iterable') ? pyList(given.items('iterable')) : pyList([]))),
  tuple: allow('iterable', given => tupleOf(given.given('iterable') ? given.items('iterable') : [])),
  set: allow('iterable', given => ({
    kind: 'set',
    items: given.given('iterable') ? [...given.items('iterable')] : [],
  })),
  dict: allow('*given **keywords', given => {
    const [first] = given.rest();
    const pairs = first?.kind === 'dict' ? first.entries : first ? itemsOf(first, given.session).map(pairOf) : [];
    const named = [...given.keywords()].map(([name, value]): [Value, Value] => [pyText(name), value]);
    return { kind: 'dict', entries: [...pairs, ...named] };
  }),
  zip: allow('*iterables', given => {
    const lists = given.rest().map(value => itemsOf(value, given.session));
    const shortest = Math.min(...lists.map(list => list.length));
    const count = lists.length === 0 ? 0 : shortest;
    return pyList(Array.from({ length: count }, (_, at) => tupleOf(lists.map(list => list[at] ?? none))));
  }),
  enumerate: allow('iterable start', given =>
    pyList(given.items('iterable').map((item, at) => tupleOf([pyInt(at + given.int('start', 0)), item]))),
  ),
  reversed: allow('iterable', given => pyList([...given.items('iterable')].reverse())),
  sorted: allow('iterable reverse', given => {
    const sorted = [...given.items('iterable')].sort((a, b) =>
      isEqual(a, b) ? 0 : isTrue(compare('<', a, b, given.session)) ? -1 : 1,
    );
    return pyList(given.flag('reverse') ? sorted.reverse() : sorted);
  }),
  map: allow('function *iterables', given => {
    const lists = given.rest().map(value => itemsOf(value, given.session));
    const count = Math.min(...lists.map(list => list.length));
    return pyList(
      Array.from({ length: lists.length === 0 ? 0 : count }, (_, at) =>
        given.session.call(
          given.needed('function'),
          lists.map(list => list[at] ?? none),
          new Map(),
        ),
      ),
    );
  }),
  filter: allow('function iterable', given =>
    pyList(
      given.items('iterable').filter(item => isTrue(given.session.call(given.needed('function'), [item], new Map()))),
    ),
  ),
  any: allow('iterable', given => pyBool(given.items('iterable').some(isTrue))),
  all: allow('iterable', given => pyBool(given.items('iterable').every(isTrue))),
  slice: allow('*bounds', given => {
    const [start, stop, step] = given.rest().length === 1 ? [none, given.rest()[0]] : given.rest();
    return { kind: 'slice', start: start ?? none, stop: stop ?? none, step: step ?? none };
  }),
  isinstance: allow('object type', given =>
    pyBool(isInstance(given.needed('object'), given.needed('type'), given.session)),
  ),
  callable: allow('x', given =>
    pyBool(['function', 'callable', 'reference', 'method'].includes(given.needed('x').kind)),
  ),
  print: allow('*values', () => none),
  hasattr: allow('object name', () => refuse('hasattr()')),
};

function pairOf(value: Value): [Value, Value] {
  const [key = none, held = none] = value.kind === 'tuple' || value.kind === 'list' ? value.items : [];
  return [key, held];
}

function isZero(value: Value): boolean {
  return value.kind === 'int' && value.value === 0n;
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

function isInstance(value: Value, type: Value, session: Session): boolean {
  if (type.kind === 'tuple') return itemsOf(type, session).some(one => isInstance(value, one, session));
  if (type.kind !== 'reference') return refuse('isinstance() with such a type');
  const kinds: Readonly<Record<string, readonly Value['kind'][]>> = {
    'builtins.list': ['list'],
    'builtins.tuple': ['tuple'],
    'builtins.dict': ['dict'],
    'builtins.int': ['int', 'bool'],
    'builtins.float': ['float'],
    'builtins.bool': ['bool'],
    'builtins.str': ['string'],
    'tensorflow.Tensor': ['tensor'],
  };
  return kinds[type.path]?.includes(value.kind) ?? refuse(`isinstance() with ${type.written}`);
}

export const builtins = namespaceOf(rows);

/** A function of one plain number. */
const ofNumber = (apply: (x: number) => number): Allowed => allow('x', given => pyFloat(apply(given.number('x'))));
const toWhole = (apply: (x: number) => number): Allowed => allow('x', given => pyInt(apply(given.number('x'))));

export const math = namespaceOf({
  sqrt: ofNumber(Math.sqrt),
  exp: ofNumber(Math.exp),
  log: allow('x base', given =>
    pyFloat(Math.log(given.number('x')) / (given.given('base') ? Math.log(given.number('base')) : 1)),
  ),
  log2: ofNumber(Math.log2),
  log10: ofNumber(Math.log10),
  sin: ofNumber(Math.sin),
  cos: ofNumber(Math.cos),
  tan: ofNumber(Math.tan),
  atan: ofNumber(Math.atan),
  tanh: ofNumber(Math.tanh),
  fabs: ofNumber(Math.abs),
  radians: ofNumber(x => (x * Math.PI) / 180),
  floor: toWhole(Math.floor),
  ceil: toWhole(Math.ceil),
  trunc: toWhole(Math.trunc),
  pow: allow('x y', given => pyFloat(given.number('x') ** given.number('y'))),
  prod: allow('iterable', given =>
    given.items('iterable').reduce((a, b) => binary('*', a, b, given.session), pyInt(1)),
  ),
});

const operatorOf = (operator: Parameters<typeof binary>[0]): Allowed =>
  allow('a b', given => binary(operator, given.needed('a'), given.needed('b'), given.session));

export const operator = namespaceOf({
  add: operatorOf('+'),
  sub: operatorOf('-'),
  mul: operatorOf('*'),
  truediv: operatorOf('/'),
  floordiv: operatorOf('//'),
  mod: operatorOf('%'),
  pow: operatorOf('**'),
  matmul: operatorOf('@'),
  neg: allow('a', given => unary('-', given.needed('a'), given.session)),
});

export const functools = namespaceOf({
  reduce: allow('function iterable initial', given => {
    const items = [...given.items('iterable')];
    const first = given.value('initial') ?? items.shift();
    if (!first) return raises('TypeError', 'reduce() of nothing');
    return items.reduce((total, item) => given.session.call(given.needed('function'), [total, item], new Map()), first);
  }),
  partial: allow('function *args **keywords', given => {
    const callee = given.needed('function');
    const before = given.rest();
    const fixed = given.keywords();
    return {
      kind: 'callable',
      name: 'functools.partial',
      call: (args, keywords) => given.session.call(callee, [...before, ...args], new Map([...fixed, ...keywords])),
    };
  }),
});
