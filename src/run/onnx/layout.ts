/** Choosing between channels last and channels first for operations that can work on either. */

import type { SymbolicTensor } from '../../ops/types.ts';
import type { Value } from './builder.ts';
import type { Lowered, Lowering } from './lowering.ts';

/** Where an axis of a tensor of `rank` axes stands once the last one is moved to place 1. */
export function movedAxis(axis: number, rank: number): number {
  if (axis === 0 || rank <= 2) return axis;
  return axis === rank - 1 ? 1 : axis + 1;
}

/** A list that has an item for each axis, in the order of channels first. */
export function movedItems<T>(items: readonly T[]): T[] {
  if (items.length <= 2) return [...items];
  return [items[0]!, items.at(-1)!, ...items.slice(1, -1)];
}

/** What one layout makes of the tensors and axes of a node. */
export interface Layout {
  readonly channelsFirst: boolean;
  value(tensor: SymbolicTensor): Value;
  axis(axis: number, rank: number): number;
  items<T>(items: readonly T[]): readonly T[];
  result(value: Value): Lowered;
}

/** Channels first where one of the tensors exists only so, else as Keras has them. */
export function layoutOf(lowering: Lowering, ...tensors: readonly SymbolicTensor[]): Layout {
  return tensors.some(tensor => lowering.isChannelsFirst(tensor)) ? channelsFirst(lowering) : channelsLast(lowering);
}

function channelsLast(lowering: Lowering): Layout {
  return {
    channelsFirst: false,
    value: tensor => lowering.plain(tensor),
    axis: axis => axis,
    items: items => items,
    result: value => ({ plain: value }),
  };
}

function channelsFirst(lowering: Lowering): Layout {
  return {
    channelsFirst: true,
    value: tensor => lowering.channelsFirst(tensor),
    axis: movedAxis,
    items: movedItems,
    result: value => ({ channelsFirst: value }),
  };
}

/**
 * The inputs of an operation that works element by element, in one layout, with the way back for its result. Inputs of
 * lower rank get axes of size 1 in front before their axes are moved.
 */
export function pointwise(
  lowering: Lowering,
  inputs: readonly SymbolicTensor[],
): { values: Value[]; result(value: Value): Lowered } {
  const rank = Math.max(...inputs.map(input => input.shape.length));
  const layout = layoutOf(lowering, ...inputs.filter(input => input.shape.length === rank));
  if (!layout.channelsFirst) return { values: inputs.map(input => lowering.plain(input)), result: layout.result };
  const values = inputs.map(input => {
    if (input.shape.length === rank) return lowering.channelsFirst(input);
    return input.shape.length === 0 ? lowering.plain(input) : spread(lowering, input, rank);
  });
  return { values, result: layout.result };
}

function spread(lowering: Lowering, input: SymbolicTensor, rank: number): Value {
  const missing = rank - input.shape.length;
  const axes = lowering.int64(Array.from({ length: missing }, (_, axis) => axis));
  const wide = lowering.emit('Unsqueeze', [lowering.plain(input), axes], {}, { typed: [0] });
  return lowering.transpose(wide, movedItems(Array.from({ length: rank }, (_, axis) => axis)));
}
