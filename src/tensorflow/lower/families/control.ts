/** Calls of functions, branches, and what only watches the others. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { type Context, type Lowering, type LoweringTable, type OpView, tensorOf } from '../define.ts';
import { knownScalar, type ListValue, tensorValue, type Value } from '../value.ts';

const call: Lowering = (node, context) => context.call(node.attributes.func('f'), node.inputs);

/** Traced at once where the condition is known; else both branches, of which the one is run that it chooses. */
const branch: Lowering = (node, context) => {
  const [whenTrue, whenFalse] = [node.attributes.func('then_branch'), node.attributes.func('else_branch')];
  const inputs = node.inputs.slice(1);
  const known = knownScalar(node.value(0));
  if (known !== null) return context.call(known === 0 ? whenFalse : whenTrue, inputs);
  const called = (name: typeof whenTrue) => context.nested(() => context.call(name, inputs));
  const lists = inputs.some(({ kind }) => kind === 'list')
    ? commonLists(called(whenTrue), called(whenFalse))
    : new Map();
  const traced = (name: typeof whenTrue) => () =>
    tensors(
      called(name).filter((_, at) => !lists.has(at)),
      node,
    );
  const found =
    lists.size > 0 && lists.size === called(whenFalse).length
      ? []
      : asList(ops.cond(node.x(0), traced(whenTrue), traced(whenFalse)));
  const left = [...found];
  return Array.from({ length: found.length + lists.size }, (_, at) => lists.get(at) ?? left.shift()!);
};

/** Lists that both sides hand on with the same elements: one side only makes room for another (a TensorArray of growing size). */
function commonLists(whenTrue: readonly Value[], whenFalse: readonly Value[]): ReadonlyMap<number, ListValue> {
  const found = new Map<number, ListValue>();
  whenFalse.forEach((value, at) => {
    const other = whenTrue[at];
    if (value.kind !== 'list' || other?.kind !== 'list') return;
    if (value.base === other.base && value.writes.length === other.writes.length) found.set(at, value);
  });
  return found;
}

const choose: Lowering = (node, context) => {
  const branches = node.attributes.funcs('branches');
  const inputs = node.inputs.slice(1);
  const known = knownScalar(node.value(0));
  if (known !== null) return context.call(branches[inRange(known, branches.length)]!, inputs);
  return chain(node, context, branches.length, at => tensors(context.call(branches[at]!, inputs), node));
};

/** A number outside means the last branch. */
function inRange(at: number, count: number): number {
  return at < 0 || at >= count ? count - 1 : at;
}

function chain(node: OpView, context: Context, count: number, make: (at: number) => readonly SymbolicTensor[]) {
  const index = node.x(0);
  const from = (at: number): readonly SymbolicTensor[] => {
    if (at === count - 1) return make(at);
    const traced = (body: () => readonly SymbolicTensor[]) => () => context.nested(body);
    return asList(
      ops.cond(
        ops.equal(index, at),
        traced(() => make(at)),
        traced(() => from(at + 1)),
      ),
    );
  };
  return from(0);
}

function tensors(values: readonly Value[], node: OpView): readonly SymbolicTensor[] {
  return values.map(value => tensorOf(value, node.where));
}

function asList(result: SymbolicTensor | readonly SymbolicTensor[]): readonly SymbolicTensor[] {
  return Array.isArray(result) ? (result as readonly SymbolicTensor[]) : [result as SymbolicTensor];
}

/** TF1: the value goes on by one of two outputs; by both where the condition is not known, and the Merge chooses. */
const switchOver: Lowering = node => {
  const known = knownScalar(node.value(1));
  const value = node.inputs[0]!;
  if (known === null) return [value, value];
  return known === 0 ? [value, { kind: 'dead' }] : [{ kind: 'dead' }, value];
};

/** TF1: the one value that came through, and which it was. */
const merge: Lowering = node => {
  const at = node.inputs.findIndex(input => input.kind !== 'dead');
  return at < 0 ? [{ kind: 'dead' }] : [node.inputs[at]!, tensorValue(ops.constant(at, 'int32'))];
};

const nothing: Lowering = () => [];

export const control: LoweringTable = {
  PartitionedCall: call,
  StatefulPartitionedCall: call,
  RemoteCall: (node, context) => context.call(node.attributes.func('f'), node.inputs.slice(1)),
  If: branch,
  StatelessIf: branch,
  Case: choose,
  StatelessCase: choose,
  Switch: { outputs: ['output_false', 'output_true'], lower: switchOver },
  Merge: { outputs: ['output', 'value_index'], lower: merge },
  NoOp: nothing,
  Assert: nothing,
  Print: node => node.inputs[0]!,
  PrintV2: nothing,
  ControlTrigger: nothing,
};
