/** Low-rank adaptation: a kernel plus the product of two thin ones (enable_lora, Keras 3.0.3 on). */

import type { Shape } from '../../numbers/tensor.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { WeightSpec } from '../define.ts';
import { float, int, nullable } from '../fields.ts';

/** In the config only where it was enabled; without `lora_alpha` (before 3.10) the factor is 1. */
export const loraFields = { loraRank: nullable(int()), loraAlpha: nullable(float()) } as const;

export interface LoraConfig {
  readonly loraRank: number | null;
  readonly loraAlpha: number | null;
}

/** The two thin kernels. Zips and weights files hold them merged into the kernel and not at all. */
export function loraWeights(
  { loraRank }: LoraConfig,
  kernel: Shape,
  name: 'loraKernel' | 'loraEmbeddings' = 'loraKernel',
): { readonly [name: string]: WeightSpec } {
  if (loraRank === null) return {};
  return {
    [`${name}A`]: { shape: [...kernel.slice(0, -1), loraRank], optional: true },
    [`${name}B`]: { shape: [loraRank, kernel.at(-1)!], optional: true },
  };
}

/** The kernel with the product of the thin ones added, where the artefact holds them. */
export function withLora(
  kernel: SymbolicTensor,
  a: SymbolicTensor | undefined,
  b: SymbolicTensor | undefined,
  config: LoraConfig,
  ops: Ops,
): SymbolicTensor {
  const added = loraDelta(a, b, config, ops);
  return added ? ops.add(kernel, added) : kernel;
}

/** What is added to the kernel, or null. */
export function loraDelta(
  a: SymbolicTensor | undefined,
  b: SymbolicTensor | undefined,
  { loraRank, loraAlpha }: LoraConfig,
  ops: Ops,
): SymbolicTensor | null {
  if (!a || !b || loraRank === null) return null;
  return ops.multiply(ops.matmul(a, b), (loraAlpha ?? loraRank) / loraRank);
}
