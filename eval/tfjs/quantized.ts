/** How far a quantised weight may lie from the whole one. */

export interface WeightEntry {
  readonly name: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number };
}

/** Why the numbers lie further apart than their quantisation explains; null where they do not. */
export function beyondBound(
  { name, quantization }: WeightEntry,
  whole: ArrayLike<number>,
  short: ArrayLike<number>,
): string | null {
  for (let at = 0; at < whole.length; at += 1) {
    const [a, b] = [Number(whole[at]), Number(short[at])];
    const bound = boundOf(quantization, a);
    if (Math.abs(a - b) > bound) return `${name}[${at}] is ${b}, was ${a}, may be ${bound} off`;
  }
  return null;
}

/** Half a unit in the last of eleven bits (or of the smallest float16), half a level; and a little for float32 itself. */
function boundOf(quantization: WeightEntry['quantization'], number: number): number {
  const size = Math.abs(number);
  if (quantization?.dtype === 'float16') return Math.max(size * 2 ** -11, 2 ** -25);
  return quantization ? (quantization.scale ?? 0) * 0.5001 + size * 2 ** -22 : 0;
}
