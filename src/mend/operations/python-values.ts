/** Numbers and calls as Python expressions: whole numbers of float tensors stay floats, lists become tuples. */

import type { PythonConstant } from '../../containers/marshal/index.ts';
import type { Expression } from '../../lambdas/index.ts';
import type { CallValue, Json } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode } from '../../ops/types.ts';
import { constantJson } from './emission.ts';

/** A number alone takes the other operand's type; arrays say theirs to the function that makes them. */
export function constantOf(node: OpNode, [module, path]: readonly [string, string]): Expression {
  const { dtype, shape } = node.attributes.value as Tensor;
  const value = typed(constantJson(node), /float/.test(dtype));
  const plain: Expression = { kind: 'constant', value };
  if (shape.length === 0) return plain;
  const keyword = { kind: 'constant', value: { kind: 'string', value: dtype } } as const;
  return callFrom(module, path, [plain], [['dtype', keyword]]);
}

function typed(json: Json, isFloat: boolean): PythonConstant {
  if (Array.isArray(json)) return { kind: 'tuple', items: json.map(item => typed(item, isFloat)) };
  if (typeof json === 'boolean') return { kind: 'bool', value: json };
  if (typeof json === 'string') return { kind: 'string', value: json };
  if (typeof json !== 'number') return { kind: 'none' };
  if (isFloat || !Number.isInteger(json)) return { kind: 'float', value: json };
  return { kind: 'int', value: BigInt(json) };
}

/** An argument of an operation; `tensor` gives the expression of the operation's input of that number. */
export function pythonOf(value: CallValue, tensor: (place: number) => Expression): Expression {
  if (value.kind === 'tensor') return tensor(value.at.tensor);
  if (value.kind === 'value') return { kind: 'constant', value: typed(value.value, false) };
  if (value.kind === 'list') return { kind: 'list', items: value.items.map(item => pythonOf(item, tensor)) };
  return { kind: 'constant', value: { kind: 'none' } };
}

/** A call of a function of TensorFlow, which stands under its usual name: `tf.math.add(…)`. */
export function callOf(
  path: string,
  args: readonly Expression[],
  keywords: readonly (readonly [string, Expression])[],
): Expression {
  return callFrom('tf', path, args, keywords);
}

/** A call of what a module that was imported under a local name has at that path. */
export function callFrom(
  module: string,
  path: string,
  args: readonly Expression[],
  keywords: readonly (readonly [string, Expression])[],
): Expression {
  const callee = path.split('.').reduce<Expression>((of, name) => ({ kind: 'attribute', of, name }), {
    kind: 'local',
    name: module,
  });
  return { kind: 'call', callee, args, keywords };
}
