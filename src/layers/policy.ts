/**
 * Dtype policies: in which dtype a layer computes and in which it keeps its variables, from what configs store:
 * `float32`, `mixed_float16`, `int8_from_float32`, `{"class_name": "DTypePolicy", "config": {"name"}}`,
 * `{"class_name": "QuantizedDTypePolicy", "config": {"mode", "source_name"}}` (keras/src/dtype_policies).
 */

import type { DTypePolicy, Json } from '../model/types.ts';
import { type DType, dtypes } from '../numbers/dtype.ts';

export const float32Policy: DTypePolicy = { name: 'float32', compute: 'float32', variable: 'float32' };

const synonyms: Readonly<Record<string, DType>> = {
  half: 'float16',
  float: 'float32',
  double: 'float64',
  int: 'int32',
  str: 'string',
};

/** A dtype by any name that configs use for it, or null. */
export function parseDType(name: unknown): DType | null {
  if (typeof name !== 'string') return null;
  return dtypes.find(dtype => dtype === name) ?? synonyms[name] ?? null;
}

/** Reads a policy as a config stores it. What names none gives `fallback`. */
export function parsePolicy(stored: Json | undefined, fallback: DTypePolicy = float32Policy): DTypePolicy {
  const name = policyName(stored);
  return name === null ? fallback : (policyOf(name) ?? fallback);
}

function policyName(stored: Json | undefined): string | null {
  if (typeof stored === 'string') return stored;
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null;
  const { config, name } = stored as { config?: Json; name?: Json };
  if (typeof name === 'string') return name;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return null;
  const inner = config as { name?: Json; mode?: Json; source_name?: Json; default_policy?: Json };
  if (typeof inner.mode === 'string') return `${inner.mode}_from_${String(inner.source_name ?? 'float32')}`;
  if (inner.default_policy !== undefined) return policyName(inner.default_policy);
  return typeof inner.name === 'string' ? inner.name : null;
}

function policyOf(name: string): DTypePolicy | null {
  const source = name.includes('_from_') ? name.slice(name.indexOf('_from_') + '_from_'.length) : name;
  if (source === 'mixed_float16') return { name, compute: 'float16', variable: 'float32' };
  if (source === 'mixed_bfloat16') return { name, compute: 'bfloat16', variable: 'float32' };
  const dtype = parseDType(source);
  return dtype === null ? null : { name, compute: dtype, variable: dtype };
}
