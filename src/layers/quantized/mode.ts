/**
 * How a layer is quantized, from its dtype policy (`int8_from_float32`, `{"mode": "gptq/4/128", "source_name": …}`) and
 * its `quantization_config` (keras/src/dtype_policies/dtype_policy.py, keras/src/quantizers/quantization_config.py).
 */

import type { Field } from '../fields.ts';
import { json, oneOf } from '../fields.ts';

export type QuantizationMode = 'int8' | 'int4' | 'float8' | 'gptq' | 'awq';

const modes: readonly QuantizationMode[] = ['int8', 'int4', 'float8', 'gptq', 'awq'];

/** What a policy says: mode, bits of the weights, rows that share a scale (-1: all). */
export interface QuantizedPolicy {
  readonly mode: QuantizationMode;
  readonly weightBits: number;
  readonly groupSize: number;
}

/** Constructor arguments that tell how a layer is quantized. */
export const quantizationFields = {
  dtype: policyField(),
  quantizationConfig: json(),
  /** Ours (see era-keys.ts): along which side of the kernel two 4-bit numbers share a byte. */
  int4Packing: oneOf(['outputs', 'inputs'], 'outputs'),
} as const;

export interface QuantizationConfig {
  readonly dtype: QuantizedPolicy | null;
  readonly quantizationConfig: unknown;
  readonly int4Packing: 'outputs' | 'inputs';
}

function policyField(): Field<QuantizedPolicy | null> {
  return { read: readPolicy };
}

function readPolicy(stored: unknown): QuantizedPolicy | null {
  const { config } = (stored ?? {}) as { config?: { mode?: unknown; name?: unknown } };
  const name = typeof stored === 'string' ? stored : (config?.mode ?? config?.name);
  if (typeof name !== 'string') return null;
  const [mode, ...numbers] = name.replace(/_from_.*$/, '').split('/');
  const found = modes.find(known => known === mode);
  if (!found) return null;
  if (found === 'int4') return { mode: found, weightBits: 4, groupSize: Number(numbers[0] ?? -1) };
  return { mode: found, weightBits: Number(numbers[0] ?? 8), groupSize: Number(numbers[1] ?? -1) };
}

/** Policies by path, as Keras keeps them for layers that hold others; null where a layer has but one. */
export function policyOfSublayer(stored: unknown, name: string): unknown {
  const map = (stored as { class_name?: unknown; config?: { policy_map?: { [path: string]: unknown } } } | null)?.config
    ?.policy_map;
  if (!map) return undefined;
  const path = Object.keys(map).find(key => key === name || key.endsWith(`/${name}`));
  return path === undefined ? undefined : map[path];
}

/** Whether inputs are quantized as they come, row by row, to 8 bits. */
export function quantizesInputs({ dtype, quantizationConfig, int4Packing }: QuantizationConfig): boolean {
  const stored = quantizationConfig as { config?: { activation_quantizer?: unknown } } | null;
  if (stored?.config && 'activation_quantizer' in stored.config) {
    return stored.config.activation_quantizer !== null && stored.config.activation_quantizer !== undefined;
  }
  // Without a word about it, 8-bit kernels meet 8-bit inputs, and 4-bit kernels did until 3.14.
  return dtype?.mode === 'int8' || (dtype?.mode === 'int4' && int4Packing === 'inputs');
}
