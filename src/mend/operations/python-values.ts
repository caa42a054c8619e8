/** Numbers and calls as Python expressions: whole numbers of float tensors stay floats, lists become tuples. */

import type { PythonConstant } from '../../containers/marshal/index.ts';
import type { Expression } from '../../lambdas/index.ts';
import type { CallValue, Json } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode } from '../../ops/types.ts';
import { constantJson } from './emission.ts';

/** A number alone takes the other operand's type; arrays say theirs. */
export function constantOf(node: OpNode): Expression {
  const { dtype, shape } = node.attributes.value as Tensor;
  const value = typed(constantJson(node), /float/.test(dtype));
  const plain: Expression = { kind: 'constant', value };
  if (shape.length === 0) return plain;
  return callOf('constant', [plain], [['dtype', { kind: 'constant', value: { kind: 'string', value: dtype } }]]);
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

/** `tf.math.add(…)`, with the module under its usual name. */
export function callOf(
  path: string,
  args: readonly Expression[],
  keywords: readonly (readonly [string, Expression])[],
): Expression {
  const callee = path.split('.').reduce<Expression>((of, name) => ({ kind: 'attribute', of, name }), {
    kind: 'local',
    name: 'tf',
  });
  return { kind: 'call', callee, args, keywords };
}
