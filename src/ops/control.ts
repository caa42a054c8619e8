/** Loops and branches: their bodies are traced once, on placeholders. */

import type { Dim } from '../numbers/tensor.ts';
import { add, less, logicalAnd } from './binary.ts';
import { toTensor } from './convert.ts';
import { arange, take } from './index-by.ts';
import { record, recordAll, refuse, type Spec, traceSubgraph } from './record.ts';
import { shape } from './shape.ts';
import { normalizeAxis } from './shapes.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from './types.ts';

type Tensors = readonly SymbolicTensor[];

const specOf = ({ shape, dtype }: Spec): Spec => ({ shape, dtype });

/** Sizes on which both agree; others are unknown. */
function meet(left: readonly Dim[], right: readonly Dim[]): readonly Dim[] {
  return left.map((size, axis) => (size === right[axis] ? size : null));
}

/**
 * Goes along `axis` of every tensor in `xs`, carrying a state: `body(carry, slices)` gives the next carry and what is
 * kept of this step. Gives the last carry and what was kept, stacked along `axis`; in reverse, from the last step to
 * the first (kept values stay at their steps). Carries keep their shape and dtype.
 */
export function scan(
  body: (carry: Tensors, slices: Tensors) => readonly [carry: Tensors, kept: Tensors],
  init: readonly TensorLike[],
  xs: readonly TensorLike[],
  { reverse = false, axis = 0, length = null }: { reverse?: boolean; axis?: number; length?: SizeLike | null } = {},
): readonly [carry: Tensors, kept: Tensors] {
  const start = init.map(item => toTensor(item));
  const sequences =
    xs.length > 0
      ? xs.map(x => toTensor(x))
      : [arange(0, { stop: length ?? refuse('scan', 'neither xs nor length is given') })];
  const alongs = sequences.map(x => normalizeAxis('scan', xs.length > 0 ? axis : 0, x.shape.length));
  const slices = sequences.map((x, at) => ({
    shape: x.shape.filter((_, other) => other !== alongs[at]),
    dtype: x.dtype,
  }));
  let keptCount = 0;
  const traced = traceSubgraph([...start.map(specOf), ...slices], (...placeholders) => {
    const [carry, kept] = body(
      placeholders.slice(0, start.length),
      xs.length > 0 ? placeholders.slice(start.length) : [],
    );
    keptCount = kept.length;
    return [...carry.map((item, at) => toTensor(item, start[at]!.dtype)), ...kept];
  });
  const steps = sequences.map((x, at) => x.shape[alongs[at]!]!).find(size => size !== null) ?? null;
  const carried = start.map((item, at) => ({ shape: meet(item.shape, traced.outputs[at]!.shape), dtype: item.dtype }));
  const kept = traced.outputs.slice(start.length).map(item => {
    const at = normalizeAxis('scan', axis, item.shape.length + 1);
    return { shape: [...item.shape.slice(0, at), steps, ...item.shape.slice(at)], dtype: item.dtype };
  });
  const attributes = {
    body: traced,
    carries: start.length,
    axes: alongs,
    keptAxes: kept.map(item => normalizeAxis('scan', axis, item.shape.length)),
    reverse,
  };
  const outputs = recordAll('scan', [...start, ...sequences], attributes, [...carried, ...kept]);
  return [outputs.slice(0, start.length), outputs.slice(start.length, start.length + keptCount)];
}

/** Runs `body` on the loop variables as long as `cond` holds of them. Variables keep their dtype and rank. */
export function whileLoop(
  cond: (...variables: SymbolicTensor[]) => TensorLike,
  body: (...variables: SymbolicTensor[]) => TensorLike | readonly TensorLike[],
  loopVars: readonly TensorLike[],
  { maximumIterations = null }: { maximumIterations?: number | null } = {},
): Tensors {
  const counted = maximumIterations !== null;
  const start = [...loopVars.map(item => toTensor(item)), ...(counted ? [toTensor(0, 'int32')] : [])];
  const count = loopVars.length;
  // A first trace tells which sizes change from step to step; a second one is made with these unknown.
  const next = (...variables: SymbolicTensor[]) => {
    const result = body(...variables.slice(0, count));
    const list = (
      Array.isArray(result) && count !== 1 ? result : Array.isArray(result) && result.length === 1 ? result : [result]
    ) as readonly TensorLike[];
    const values = list.map((item, at) => toTensor(item, start[at]!.dtype));
    return counted ? [...values, add(variables[count]!, 1)] : values;
  };
  const probe = traceSubgraph(start.map(specOf), next);
  const specs = start.map((item, at) => ({ shape: meet(item.shape, probe.outputs[at]!.shape), dtype: item.dtype }));
  const stepped = traceSubgraph(specs, next);
  const tested = traceSubgraph(specs, (...variables) => {
    const holds = toTensor(cond(...variables.slice(0, count)), 'bool');
    return [counted ? logicalAnd(holds, less(variables[count]!, maximumIterations)) : holds];
  });
  return recordAll('while', start, { condition: tested, body: stepped }, specs).slice(0, count);
}

/** What `trueFn` gives where `pred` holds, else what `falseFn` gives; both must give the same dtypes. */
export function cond(
  pred: TensorLike,
  trueFn: () => TensorLike | readonly TensorLike[],
  falseFn: () => TensorLike | readonly TensorLike[],
): SymbolicTensor | Tensors {
  let single = true;
  const branch = (make: typeof trueFn) =>
    traceSubgraph([], () => {
      const result = make();
      single = !isList(result);
      return (isList(result) ? result : [result]).map(item => toTensor(item));
    });
  const [yes, no] = [branch(trueFn), branch(falseFn)];
  if (yes.outputs.length !== no.outputs.length) refuse('cond', 'the branches give different numbers of tensors');
  const specs = yes.outputs.map((item, at) => ({ shape: meet(item.shape, no.outputs[at]!.shape), dtype: item.dtype }));
  const outputs = recordAll('cond', [toTensor(pred, 'bool')], { whenTrue: yes, whenFalse: no }, specs);
  return single ? outputs[0]! : outputs;
}

function isList(x: TensorLike | readonly TensorLike[]): x is readonly TensorLike[] {
  return Array.isArray(x) && x.some(item => typeof item === 'object');
}

/** Calls one of `branches` with the operands, by number; numbers outside are limited to the ends. */
export { switchOver as switch };

function switchOver(
  index: TensorLike,
  branches: readonly ((...operands: SymbolicTensor[]) => TensorLike)[],
  ...operands: readonly TensorLike[]
): SymbolicTensor | Tensors {
  const given = operands.map(item => toTensor(item));
  const at = toTensor(index, 'int32');
  const choose = (from: number): SymbolicTensor | Tensors => {
    if (from === branches.length - 1) return toTensor(branches[from]!(...given));
    return cond(
      less(at, from + 1),
      () => branches[from]!(...given),
      () => choose(from + 1),
    );
  };
  return choose(0);
}

/** Runs `bodyFun(i, value)` for i from `lower` to `upper`, carrying the value. */
export function foriLoop(
  lower: SizeLike,
  upper: SizeLike,
  bodyFun: (index: SymbolicTensor, value: SymbolicTensor) => TensorLike,
  initVal: TensorLike,
): SymbolicTensor {
  const step = (index: SymbolicTensor, value: SymbolicTensor) => [add(index, 1), bodyFun(index, value)];
  return whileLoop(index => less(index, upper), step as never, [toTensor(lower, 'int32'), initVal])[1]!;
}

/** `f` on every slice along the first axis, results stacked. */
export function map(f: (slice: SymbolicTensor) => TensorLike, xs: TensorLike): SymbolicTensor {
  return scan((_, [slice]) => [[], [toTensor(f(slice!))]], [], [xs])[1][0]!;
}

export const vectorizedMap = map;

/** Running results of an associative `f` along `axis`; computed one after another, which gives the same. */
export function associativeScan(
  f: (left: SymbolicTensor, right: SymbolicTensor) => TensorLike,
  elems: TensorLike,
  { reverse = false, axis = 0 }: { reverse?: boolean; axis?: number } = {},
): SymbolicTensor {
  const given = toTensor(elems);
  const along = normalizeAxis('associativeScan', axis, given.shape.length);
  const last = reverse ? add(shape(given)[along]!, -1) : toTensor(0, 'int32');
  const first = take(given, last, { axis: along });
  const started = toTensor(false, 'bool');
  const body = ([value, begun]: Tensors, [slice]: Tensors) => {
    const joined = toTensor(f(value!, slice!), value!.dtype);
    const chosen = record('where', [begun!, joined, slice!], {}, joined);
    return [[chosen, toTensor(true, 'bool')], [chosen]] as const;
  };
  return scan(body, [first, started], [given], { reverse, axis: along })[1][0]!;
}
