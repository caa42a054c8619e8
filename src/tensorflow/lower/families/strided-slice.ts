/**
 * `StridedSlice`: Python's slicing with its masks. Bit i of a mask belongs to the i-th entry of begin, end and strides:
 * begin and end masks mean "left out", then an ellipsis, a new axis, or a single index that removes its axis
 * (tensorflow/core/util/strided_slice_op.cc).
 */

import * as ops from '../../../ops/exports.ts';
import type { SizeLike } from '../../../ops/types.ts';
import type { Lowering, OpView } from '../define.ts';
import { withElements } from '../follow.ts';
import { onSizes } from '../sizes.ts';

interface Entry {
  readonly kind: 'slice' | 'index' | 'newaxis' | 'ellipsis';
  readonly start: SizeLike | null;
  readonly stop: SizeLike | null;
  readonly step: number;
}

function entriesOf(node: OpView): readonly Entry[] {
  const [begin, end] = [node.sizes(1), node.sizes(2)];
  const strides = node.numbers(3);
  const masked = (mask: string, at: number) => ((node.attributes.int(mask, 0) >> at) & 1) === 1;
  return begin.map((start, at): Entry => {
    const step = strides[at]!;
    if (masked('ellipsis_mask', at)) return { kind: 'ellipsis', start: null, stop: null, step: 1 };
    if (masked('new_axis_mask', at)) return { kind: 'newaxis', start: null, stop: null, step: 1 };
    if (masked('shrink_axis_mask', at)) return { kind: 'index', start, stop: stopAfter(start), step: 1 };
    return {
      kind: 'slice',
      start: masked('begin_mask', at) ? null : start,
      stop: masked('end_mask', at) ? null : end[at]!,
      step,
    };
  });
}

/** The bound right behind one element; behind the last there is none. */
function stopAfter(start: SizeLike): SizeLike | null {
  return start === -1 ? null : onSizes.add!(start, 1);
}

/** The ellipsis as plain slices, so that every axis has its entry. */
function expanded(entries: readonly Entry[], rank: number): readonly Entry[] {
  const taken = entries.filter(entry => entry.kind === 'slice' || entry.kind === 'index').length;
  const whole: Entry = { kind: 'slice', start: null, stop: null, step: 1 };
  const rest = new Array<Entry>(Math.max(0, rank - taken)).fill(whole);
  const at = entries.findIndex(entry => entry.kind === 'ellipsis');
  return at < 0 ? [...entries, ...rest] : [...entries.slice(0, at), ...rest, ...entries.slice(at + 1)];
}

export const stridedSlice: Lowering = node => {
  const { tensor, elements } = node.value(0);
  const entries = expanded(entriesOf(node), tensor.shape.length);
  const onAxes = entries.filter(entry => entry.kind !== 'newaxis');
  const cut = onAxes.flatMap((entry, axis) => (isWhole(entry) ? [] : [{ ...entry, axis }]));
  let made = tensor;
  if (cut.length > 0) {
    const axes = cut.map(entry => entry.axis);
    const [starts, stops] = [cut.map(entry => entry.start), cut.map(entry => entry.stop)];
    made = ops.stridedSlice(tensor, { axes, starts, stops, steps: cut.map(entry => entry.step) });
    made = { ...made, shape: made.shape.map((size, axis) => (onAxes[axis]!.kind === 'index' ? 1 : size)) };
  }
  const removed = onAxes.flatMap((entry, axis) => (entry.kind === 'index' ? [axis] : []));
  if (removed.length > 0) made = ops.squeeze(made, { axis: removed });
  const added = entries
    .filter(entry => entry.kind !== 'index')
    .flatMap((entry, axis) => (entry.kind === 'newaxis' ? [axis] : []));
  if (added.length > 0) made = ops.expandDims(made, added);
  const followed = elements !== null && tensor.shape.length === 1 && onAxes.length === 1 ? onAxes[0]! : null;
  return withElements(made, followed && slicedElements(elements!, followed));
};

function isWhole(entry: Entry): boolean {
  return entry.kind === 'slice' && entry.start === null && entry.stop === null && entry.step === 1;
}

function slicedElements(elements: readonly SizeLike[], { start, stop, step }: Entry): readonly SizeLike[] | null {
  if ((start !== null && typeof start !== 'number') || (stop !== null && typeof stop !== 'number')) return null;
  if (step === 1) return elements.slice(start ?? 0, stop ?? undefined);
  if (step === -1 && start === null && stop === null) return elements.toReversed();
  if (step < 1) return null;
  return elements.slice(start ?? 0, stop ?? undefined).filter((_, at) => at % step === 0);
}
