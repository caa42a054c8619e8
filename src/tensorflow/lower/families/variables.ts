/** Where values come from: constants, inputs, variables. */

import { isStatic } from '../../../numbers/tensor.ts';
import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { type Context, type Lowered, type Lowering, type LoweringTable, type OpView, unsupported } from '../define.ts';
import type { GraphVariable } from '../value.ts';

function variableAt(node: OpView, index: number): GraphVariable {
  const value = node.inputs[index];
  if (value?.kind === 'variable') return value.variable;
  throw unsupported(node.where, value?.kind === 'unsupported' ? value.why : `${node.op} of a ${value?.kind}`);
}

const resource: Lowering = (node, context) => context.resource(node);

/** A variable of TF1 stands for what it holds, without being read. */
const referenceVariable: Lowering = (node, context) => {
  const value = context.resource(node);
  return value.kind === 'variable' ? context.read(value.variable) : value;
};

const assign =
  (update: (held: SymbolicTensor, value: SymbolicTensor) => SymbolicTensor): Lowering =>
  (node, context): Lowered => {
    const variable = variableAt(node, 0);
    context.assign(variable, update(context.read(variable), node.x(1)));
    return [];
  };

const read = (node: OpView, context: Context): SymbolicTensor => context.read(variableAt(node, 0));

const shapeOfVariable: Lowering = node => {
  const { shape } = variableAt(node, 0);
  if (!isStatic(shape)) throw unsupported(node.where, 'the shape of a variable of unknown shape');
  return ops.constant([...shape], 'int32');
};

export const variables: LoweringTable = {
  Const: node => ops.constant(node.attributes.tensor('value')),
  Placeholder: node => ({ kind: 'unsupported', why: `The input ${node.name} is not given` }),
  PlaceholderV2: node => ({ kind: 'unsupported', why: `The input ${node.name} is not given` }),
  PlaceholderWithDefault: node => node.inputs[0]!,
  VarHandleOp: resource,
  VariableV2: referenceVariable,
  Variable: referenceVariable,
  ReadVariableOp: read,
  VariableShape: shapeOfVariable,
  VarIsInitializedOp: () => ops.constant(true),
  IsVariableInitialized: () => ops.constant(true),
  ResourceGather: (node, context) => ops.take(read(node, context), node.x(1), { axis: 0 }),
  ResourceGatherNd: (node, context) => ops.gatherNd(read(node, context), node.x(1)),
  AssignVariableOp: assign((_, value) => value),
  AssignAddVariableOp: assign(ops.add),
  AssignSubVariableOp: assign(ops.subtract),
};
