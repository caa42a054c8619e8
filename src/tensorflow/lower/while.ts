/**
 * Loops. The body is traced once to learn what each loop variable is: the same in every step, a counter, a list of which
 * every step writes its own element or all write one, or a state. A loop that runs while a counter is below a limit becomes a scan;
 * any other a loop with a condition. Keras's recurrent layers are all of the first kind.
 */

import { isStatic } from '../../numbers/tensor.ts';
import * as ops from '../../ops/exports.ts';
import { traceSubgraph } from '../../ops/record.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';
import { type Context, type OpView, tensorOf, unsupported } from './define.ts';
import { listOfTensor, stackedOf } from './lists.ts';
import { onSizes } from './sizes.ts';
import { scanSteps } from './steps.ts';
import { knownScalar, type ListValue, tensorValue, type Value } from './value.ts';

/** What a loop variable turned out to be. */
type Role =
  | { readonly kind: 'same' }
  | { readonly kind: 'counter' }
  | { readonly kind: 'kept' }
  | { readonly kind: 'last' }
  | { readonly kind: 'state' };

interface Probe {
  readonly roles: readonly Role[];
  /** What stands for each variable in the probed body. */
  readonly placeholders: readonly Value[];
  readonly results: readonly Value[];
}

export function lowerWhile(node: OpView, context: Context): readonly Value[] {
  const start = node.inputs;
  const body = (values: readonly Value[]) => context.nested(() => context.call(node.attributes.func('body'), values));
  const cond = (values: readonly Value[]) => context.nested(() => context.call(node.attributes.func('cond'), values));
  return lowerLoop({ start, body, cond, where: node.where });
}

export interface LoopParts {
  readonly start: readonly Value[];
  readonly body: (values: readonly Value[]) => readonly Value[];
  readonly cond: (values: readonly Value[]) => readonly Value[];
  readonly where: string;
}

/** Lowers a loop given as functions on its variables. Gives the variables after the last step. */
export function lowerLoop(loop: LoopParts): readonly Value[] {
  const probe = probeBody(loop);
  const steps = countSteps(loop, probe);
  return steps === null ? asWhile(loop, probe) : asScan(loop, probe, steps);
}

/** Probes once to see which variables stay as they are, and again with what these are known to be: a step of 1, sizes. */
function probeBody(loop: LoopParts): Probe {
  const first = probeOnce(loop, () => false);
  const isKnown = (value: Value, index: number) =>
    first.roles[index]!.kind === 'same' && value.kind === 'tensor' && value.elements !== null;
  return loop.start.some(isKnown) ? probeOnce(loop, isKnown) : first;
}

function probeOnce({ start, body }: LoopParts, isKnown: (value: Value, index: number) => boolean): Probe {
  const specs = start.flatMap(value => (value.kind === 'tensor' ? [value.tensor] : []));
  let placeholders: Value[] = [];
  let results: readonly Value[] = [];
  traceSubgraph(specs, (...tensors) => {
    const left = [...tensors];
    placeholders = start.map((value, index) => {
      const placeholder = standIn(value, index, left);
      return isKnown(value, index) ? value : placeholder;
    });
    results = body(placeholders);
    return [];
  });
  const roles = start.map((value, index) => roleOf(value, placeholders[index]!, results[index]!, placeholders));
  return { roles, placeholders, results };
}

function standIn(value: Value, index: number, tensors: SymbolicTensor[]): Value {
  if (value.kind === 'tensor') return { kind: 'tensor', tensor: tensors.shift()!, elements: null };
  return value.kind === 'list' ? { ...value, origin: index } : value;
}

function roleOf(before: Value, placeholder: Value, after: Value, all: readonly Value[]): Role {
  if (before.kind === 'list' && after?.kind === 'list' && placeholder.kind === 'list') {
    const fromItself = after.origin !== null && after.origin === placeholder.origin;
    const added = after.writes.length - before.writes.length;
    if (fromItself && added === 0) return { kind: 'same' };
    const isEmpty = before.base === null && before.writes.length === 0;
    const [write] = after.writes;
    if (!fromItself || !isEmpty || added !== 1 || !write) return { kind: 'state' };
    if (all.some(value => isSame(value, write.index))) return { kind: 'kept' };
    return before.length === 1 && knownScalar(write.index) === 0 ? { kind: 'last' } : { kind: 'state' };
  }
  if (before.kind !== 'tensor' || after?.kind !== 'tensor') return { kind: 'same' };
  if (isSame(placeholder, after)) return { kind: 'same' };
  return isIncrement(placeholder, after.tensor) ? { kind: 'counter' } : { kind: 'state' };
}

function isSame(a: Value, b: Value): boolean {
  return (
    a.kind === 'tensor' && b.kind === 'tensor' && a.tensor.node === b.tensor.node && a.tensor.index === b.tensor.index
  );
}

/** `after` is `placeholder + 1`. */
function isIncrement(placeholder: Value, after: SymbolicTensor): boolean {
  if (after.node.op !== 'add' || after.shape.length !== 0) return false;
  const [left, right] = after.node.inputs.map(input => tensorValue(input));
  return (
    (isSame(placeholder, left!) && knownScalar(right!) === 1) ||
    (isSame(placeholder, right!) && knownScalar(left!) === 1)
  );
}

/** How often a loop runs whose condition is that counters are below limits; null for any other. */
function countSteps(loop: LoopParts, probe: Probe): SizeLike | null {
  const { roles, placeholders } = probe;
  const seen = loop.start.map((value, index) => (roles[index]!.kind === 'same' ? value : placeholders[index]!));
  let condition: Value | undefined;
  traceSubgraph([], () => {
    [condition] = loop.cond(seen);
    return [];
  });
  if (condition?.kind !== 'tensor') return null;
  const limits = limitsOf(condition.tensor, loop, probe);
  const keeps = roles.flatMap((role, index) => (role.kind === 'kept' ? [index] : []));
  if (limits === null || limits.length === 0 || !keeps.every(index => keepsEveryStep(index, loop, probe))) return null;
  return limits.reduce((least, limit) => onSizes.minimum!(least, limit)!);
}

/** The element that a step writes must be that step's own: the counter that indexes it starts at 0. */
function keepsEveryStep(index: number, { start }: LoopParts, { placeholders, results, roles }: Probe): boolean {
  const [write] = (results[index] as ListValue).writes;
  const counter = placeholders.findIndex(value => isSame(value, write!.index));
  return roles[counter]?.kind === 'counter' && knownScalar(start[counter]!) === 0;
}

function limitsOf(condition: SymbolicTensor, loop: LoopParts, probe: Probe): readonly SizeLike[] | null {
  const { op, inputs } = condition.node;
  if (op === 'logicalAnd') {
    const parts = inputs.map(input => limitsOf(input, loop, probe));
    return parts.every(part => part !== null) ? parts.flat() : null;
  }
  if (op === 'constant' && knownScalar(tensorValue(condition)) === 1) return [];
  if (op !== 'less') return null;
  const [left, right] = inputs as unknown as readonly [SymbolicTensor, SymbolicTensor];
  const counter = probe.placeholders.findIndex(value => isSame(value, tensorValue(left)));
  const first = counter < 0 ? null : knownScalar(loop.start[counter]!);
  if (first === null || probe.roles[counter]!.kind !== 'counter' || !isOutside(right, probe)) return null;
  return [onSizes.subtract!(sizeOf(right, loop.start), first)!];
}

/** A limit as the size that it was followed as, so that it stays known. */
function sizeOf(limit: SymbolicTensor, start: readonly Value[]): SizeLike {
  const known = knownScalar(tensorValue(limit));
  if (known !== null) return known;
  const variable = start.find(value => isSame(value, tensorValue(limit)));
  return variable?.kind === 'tensor' && variable.elements?.length === 1 ? variable.elements[0]! : limit;
}

/** True where nothing that changes in the loop goes into `tensor`. */
function isOutside(tensor: SymbolicTensor, { placeholders, roles }: Probe): boolean {
  const changing = placeholders.filter((_, index) => roles[index]!.kind !== 'same');
  const inside = new Set(changing.flatMap(value => (value.kind === 'tensor' ? [value.tensor.node] : [])));
  const seen = new Set([tensor.node]);
  for (const node of seen) {
    if (inside.has(node)) return false;
    for (const input of node.inputs) seen.add(input.node);
  }
  return true;
}

function asScan(loop: LoopParts, { roles }: Probe, steps: SizeLike): readonly Value[] {
  const { start, body, where } = loop;
  const states = roles.flatMap((role, index) => (role.kind === 'state' ? [index] : []));
  const keeps = roles.flatMap((role, index) => (role.kind === 'kept' || role.kind === 'last' ? [index] : []));
  const init = states.map(index => carried(start[index]!, where, loop));
  const step = (carry: readonly SymbolicTensor[], [at]: readonly SymbolicTensor[]) => {
    const values = start.map((value, index) => {
      const role = roles[index]!;
      if (role.kind === 'state') return uncarried(value, carry[states.indexOf(index)]!);
      if (role.kind === 'counter') return tensorValue(atStep(value, at!));
      return keeps.includes(index) ? { ...(value as ListValue), origin: index } : value;
    });
    const after = body(values);
    const kept = keeps.map(index => (after[index] as ListValue).writes[0]!.value);
    return [states.map(index => carried(after[index]!, where, loop)), kept] as const;
  };
  const [carry, kept] = scanSteps(step, init, steps);
  return start.map((value, index) => {
    const role = roles[index]!;
    if (role.kind === 'state') return uncarried(value, carry[states.indexOf(index)]!);
    if (role.kind === 'kept') return listOfTensor(kept[keeps.indexOf(index)]!);
    if (role.kind === 'last') return listOfTensor(lastRow(kept[keeps.indexOf(index)]!));
    return role.kind === 'counter' ? tensorValue(atStep(value, ops.convertToTensor(steps))) : value;
  });
}

function lastRow(x: SymbolicTensor): SymbolicTensor {
  const row = ops.stridedSlice(x, { axes: [0], starts: [-1], stops: [null] });
  return { ...row, shape: [1, ...x.shape.slice(1)] };
}

/** A counter after `steps` steps. */
function atStep(start: Value, steps: SymbolicTensor): SymbolicTensor {
  const { tensor } = start as Extract<Value, { kind: 'tensor' }>;
  return ops.add(ops.cast(steps, tensor.dtype), tensor);
}

/** What a loop carries from step to step for a variable: a tensor, or a list as one. */
function carried(value: Value, where: string, loop: LoopParts): SymbolicTensor {
  if (value.kind !== 'list') return tensorOf(value, where);
  if (value.base !== null || value.writes.length > 0) return stackedOf(value, where);
  // A list that nothing was put in yet: one step tells the shape of its elements.
  const probed = probeBody(loop).results.find(
    (result, index) => result.kind === 'list' && loop.start[index] === value && result.writes.length > 0,
  );
  const element = probed?.kind === 'list' ? probed.writes[0]!.value.shape : value.elementShape;
  if (!element || !isStatic(element))
    throw unsupported(where, 'a list of elements of unknown shape that a loop changes');
  return ops.zeros([value.length, ...element], { dtype: value.dtype });
}

function uncarried(before: Value, tensor: SymbolicTensor): Value {
  return before.kind === 'list' ? { ...listOfTensor(tensor), length: before.length } : tensorValue(tensor);
}

function asWhile(loop: LoopParts, { roles }: Probe): readonly Value[] {
  const { start, body, cond, where } = loop;
  const changing = roles.flatMap((role, index) => (role.kind === 'same' ? [] : [index]));
  const restore = (tensors: readonly SymbolicTensor[]) =>
    start.map((value, index) => {
      const at = changing.indexOf(index);
      return at < 0 ? value : uncarried(value, tensors[at]!);
    });
  const results = ops.whileLoop(
    (...tensors) => tensorOf(cond(restore(tensors))[0]!, where),
    (...tensors) => {
      const after = body(restore(tensors));
      return changing.map(index => carried(after[index]!, where, loop));
    },
    changing.map(index => carried(start[index]!, where, loop)),
  );
  return restore(results);
}
