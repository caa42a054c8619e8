/** What primitives say of themselves, in the forms in which operations of Keras and TensorFlow take it. */

import type { Json } from '../../model/types.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';

/** Bounds beyond this mean "to the end". */
const beyond = 2_000_000_000;

export function numbers(node: OpNode, name: string): number[] {
  return [...((node.attributes[name] as readonly number[] | undefined) ?? [])];
}

/** One axis as a number, several as a list. */
export function axisOf(node: OpNode): Json {
  const axes = numbers(node, 'axes');
  return axes.length === 1 ? (axes[0] as number) : axes;
}

/** Slices of every axis up to the last that is cut: [start, stop, step], null for what is left out; null where a bound is not a number. */
export function slices(node: OpNode): (readonly [number | null, number | null, number | null])[] | null {
  const [axes, starts, ends, steps] = ['axes', 'starts', 'ends', 'steps'].map(name => numbers(node, name)) as [
    number[],
    (number | null)[],
    (number | null)[],
    number[],
  ];
  if (node.inputs.length > 1 || [...starts, ...ends].includes(null as never)) return null;
  const last = Math.max(...axes);
  const bound = (at: number | null | undefined) => (at == null || Math.abs(at) > beyond ? null : at);
  return Array.from({ length: last + 1 }, (_, axis) => {
    const place = axes.indexOf(axis);
    if (place < 0) return [null, null, null] as const;
    const start = starts[place] === 0 ? null : bound(starts[place]);
    return [start, bound(ends[place]), steps[place] === 1 ? null : (steps[place] as number)] as const;
  });
}

/** The target shape of a reshape with one open size as -1; null where more than one is open. */
export function newShape(node: OpNode): number[] | null {
  const stated = (node.attributes.shape as readonly (number | null)[]) ?? [];
  const open = stated.filter(size => size === null || size === -1).length;
  return open > 1 ? null : stated.map(size => size ?? -1);
}

/** Pairs of border widths, or null where they are not known. */
export function borders(node: OpNode): number[][] | null {
  const [before, after] = [numbers(node, 'before'), numbers(node, 'after')];
  return node.inputs.length > 2 ? null : before.map((width, axis) => [width, after[axis] ?? 0]);
}

/** The number behind a scalar constant; null for anything else. */
export function scalar(tensor: SymbolicTensor | undefined): number | null {
  if (tensor?.node.op !== 'constant') return null;
  const { data } = tensor.node.attributes.value as Tensor;
  return data.length === 1 ? Number(data[0]) : null;
}

/** Subscripts of an einsum with one letter for each label. */
export function subscripts(node: OpNode): string {
  const labels = new Map<string, string>();
  const letter = (label: string) => {
    if (!labels.has(label)) labels.set(label, String.fromCharCode(97 + labels.size));
    return labels.get(label) as string;
  };
  const inputs = node.attributes.inputs as readonly (readonly string[])[];
  const output = node.attributes.output as readonly string[];
  return `${inputs.map(term => term.map(letter).join('')).join(',')}->${output.map(letter).join('')}`;
}
