/** Methods of values: of tensors (TensorFlow's, NumPy's and Keras tensors'), shapes, lists, dictionaries, text. */

import { itemsOf } from '../machine/iterate.ts';
import { isEqual } from '../machine/operators.ts';
import { raises, refuse } from '../machine/refuse.ts';
import type { Session } from '../machine/session.ts';
import { storeItem } from '../machine/subscript.ts';
import { textOf } from '../machine/text.ts';
import {
  integerOf,
  type ListValue,
  type MethodValue,
  none,
  pyBool,
  pyInt,
  pyList,
  pyText,
  pyTuple,
  typeName,
  type Value,
} from '../machine/values.ts';
import { shapeTuple } from './common.ts';
import { callAllowed } from './define.ts';
import { kerasOps } from './keras-ops.ts';

type Keywords = ReadonlyMap<string, Value>;

export function callMethod(method: MethodValue, args: readonly Value[], keywords: Keywords, session: Session): Value {
  const { receiver, name } = method;
  switch (receiver.kind) {
    case 'tensor':
      return tensorMethod(receiver, name, args, keywords, session);
    case 'tuple':
      return receiver.shape && !['index', 'count'].includes(name)
        ? shapeMethod(receiver, name)
        : sequenceMethod(receiver.items, name, args);
    case 'list':
      return listMethod(receiver, name, args, session);
    case 'dict':
      return dictMethod(receiver, name, args);
    case 'string':
      return textMethod(receiver.value, name, args, session);
    default:
      return refuse(`the method ${name} of ${typeName(receiver)}`);
  }
}

/** Methods of arrays that are operations of the same name. */
const asOperations: Readonly<Record<string, string>> = {
  sum: 'sum',
  mean: 'mean',
  max: 'max',
  min: 'min',
  prod: 'prod',
  std: 'std',
  var: 'var',
  any: 'any',
  all: 'all',
  argmax: 'argmax',
  argmin: 'argmin',
  reshape: 'reshape',
  transpose: 'transpose',
  dimshuffle: 'transpose',
  squeeze: 'squeeze',
  flatten: 'ravel',
  ravel: 'ravel',
  astype: 'cast',
  dot: 'dot',
  clip: 'clip',
  repeat: 'repeat',
  cumsum: 'cumsum',
  round: 'round',
  swapaxes: 'swapaxes',
};

function tensorMethod(
  receiver: Value & { kind: 'tensor' },
  name: string,
  args: readonly Value[],
  keywords: Keywords,
  session: Session,
): Value {
  if (name === 'get_shape') return shapeTuple(receiver.tensor);
  if (name === 'set_shape' || name === 'assign') return refuse(`the method ${name} of a tensor`);
  if (name === 'numpy' || name === 'eval')
    return refuse(`the method ${name} of a tensor, whose numbers are known only when the model runs`);
  if (name === 'item' || name === 'tolist') return refuse(`the method ${name} of a tensor`);
  if (name === '__getitem__' && args[0])
    return session.call({ kind: 'reference', path: 'operator.getitem', written: name }, [receiver, args[0]], new Map());
  const operation = asOperations[name];
  const allowed = operation === undefined ? undefined : kerasOps.get(operation);
  // TensorFlow's tensors have hardly any methods; NumPy-like ones come with arrays, JAX, and Keras's own tensors.
  if (!allowed) return refuse(`the method ${name} of a tensor`);
  const spread = (name === 'reshape' || name === 'transpose') && args.length > 1 ? [pyTuple(args)] : args;
  const result = callAllowed(allowed, name, [receiver, ...spread], keywords, session);
  return result.kind === 'tensor' && receiver.numpy ? { ...result, numpy: true } : result;
}

function shapeMethod(receiver: Value & { kind: 'tuple' }, name: string): Value {
  switch (name) {
    case 'as_list':
      return pyList(receiver.items);
    case 'num_elements': {
      const sizes = receiver.items.map(integerOf);
      return sizes.includes(null) ? none : pyInt(sizes.reduce<number>((product, size) => product * (size ?? 1), 1));
    }
    case 'is_fully_defined':
      return pyBool(receiver.items.every(item => item.kind === 'int'));
    default:
      return receiver;
  }
}

function sequenceMethod(items: readonly Value[], name: string, [wanted = none]: readonly Value[]): Value {
  if (name === 'count') return pyInt(items.filter(item => isEqual(item, wanted)).length);
  const at = items.findIndex(item => isEqual(item, wanted));
  return at < 0 ? raises('ValueError', `${typeName(wanted)} is not in the sequence`) : pyInt(at);
}

function listMethod(list: ListValue, name: string, args: readonly Value[], session: Session): Value {
  const [first = none, second = none] = args;
  switch (name) {
    case 'append':
      list.items.push(first);
      return none;
    case 'extend':
      list.items.push(...itemsOf(first, session));
      return none;
    case 'insert':
      list.items.splice(integerOf(first) ?? 0, 0, second);
      return none;
    case 'pop':
      return (
        list.items.splice(args.length === 0 ? -1 : (integerOf(first) ?? -1), 1)[0] ??
        raises('IndexError', 'pop from an empty list')
      );
    case 'reverse':
      list.items.reverse();
      return none;
    case 'copy':
      return pyList(list.items);
    default:
      return sequenceMethod(list.items, name, args);
  }
}

function dictMethod(
  dict: Value & { kind: 'dict' },
  name: string,
  [key = none, fallback = none]: readonly Value[],
): Value {
  const entry = dict.entries.find(([known]) => isEqual(known, key));
  switch (name) {
    case 'get':
      return entry?.[1] ?? fallback;
    case 'items':
      return pyList(dict.entries.map(([one, value]) => pyTuple([one, value])));
    case 'keys':
      return pyList(dict.entries.map(([one]) => one));
    case 'values':
      return pyList(dict.entries.map(([, value]) => value));
    case 'copy':
      return { kind: 'dict', entries: dict.entries.map(([one, value]): [Value, Value] => [one, value]) };
    case 'setdefault':
      if (!entry) storeItem(dict, key, fallback);
      return entry?.[1] ?? fallback;
    default:
      return refuse(`the method ${name} of a dictionary`);
  }
}

function textMethod(text: string, name: string, args: readonly Value[], session: Session): Value {
  const [first = none] = args;
  switch (name) {
    case 'lower':
      return pyText(text.toLowerCase());
    case 'upper':
      return pyText(text.toUpperCase());
    case 'format':
      return pyText(args.reduce<string>((done, value) => done.replace(/\{[^}]*\}/, () => textOf(value)), text));
    case 'join':
      return pyText(itemsOf(first, session).map(textOf).join(text));
    case 'startswith':
      return pyBool(first.kind === 'string' && text.startsWith(first.value));
    case 'endswith':
      return pyBool(first.kind === 'string' && text.endsWith(first.value));
    default:
      return refuse(`the method ${name} of text`);
  }
}
