/** `object.name`: members of modules by their full names, attributes of tensors and shapes, methods to be called. */

import { namespaceMember } from '../allowed/index.ts';
import { raises, refuse } from './refuse.ts';
import type { Session } from './session.ts';
import { none, pyInt, pyTensor, pyTuple, typeName, type Value } from './values.ts';

/** Methods that values have; calling them is left to `allowed/methods.ts`. */
const methods: Readonly<Record<string, readonly string[]>> = {
  tuple: ['index', 'count'],
  list: ['append', 'extend', 'insert', 'pop', 'index', 'count', 'reverse', 'copy'],
  dict: ['get', 'items', 'keys', 'values', 'update', 'pop', 'copy', 'setdefault'],
  string: ['format', 'join', 'lower', 'upper', 'replace', 'startswith', 'endswith', 'split', 'strip'],
};

const shapeMethods = ['as_list', 'num_elements', 'with_rank', 'assert_has_rank', 'is_fully_defined'];

export function attributeOf(object: Value, name: string, session: Session): Value {
  switch (object.kind) {
    case 'reference':
      return namespaceMember(object, name);
    case 'tensor':
      return tensorAttribute(object, name, session);
    case 'tuple': {
      const at = object.names?.indexOf(name) ?? -1;
      const item = object.items[at];
      if (item) return item;
      if (object.shape && (name === 'rank' || name === 'ndims')) return pyInt(object.items.length);
      if (object.shape && name === 'dims') return { kind: 'list', items: [...object.items] };
      if (object.shape && shapeMethods.includes(name)) return { kind: 'method', receiver: object, name };
      break;
    }
    case 'int':
    case 'none':
      // TensorFlow 1's sizes are objects whose number is in `value`; here they are the numbers.
      if (name === 'value') return object;
      break;
    case 'dtype':
      if (name === 'name') return { kind: 'string', value: object.dtype };
      if (name === 'base_dtype' || name === 'as_numpy_dtype') return object;
      if (name === 'is_floating') return { kind: 'bool', value: /float/.test(object.dtype) };
      break;
    default:
  }
  if (methods[object.kind]?.includes(name)) return { kind: 'method', receiver: object, name };
  if (object.kind === 'none') return raises('AttributeError', `None has no attribute ${name}`);
  return refuse(`the attribute ${name} of ${typeName(object)}`);
}

function tensorAttribute(object: Value & { kind: 'tensor' }, name: string, session: Session): Value {
  const { tensor } = object;
  switch (name) {
    case 'shape':
    case '_keras_shape':
      return { ...pyTuple(tensor.shape.map(size => (size === null ? none : pyInt(size)))), shape: true };
    case 'dtype':
      return { kind: 'dtype', dtype: tensor.dtype };
    case 'ndim':
      return pyInt(tensor.shape.length);
    case 'T':
      return pyTensor(session.ops.transpose(tensor));
    case 'name':
      return { kind: 'string', value: 'tensor' };
    case 'size':
      return pyTensor(session.ops.cast(session.ops.size(tensor), 'int32'));
    default:
      return { kind: 'method', receiver: object, name };
  }
}
