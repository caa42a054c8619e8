/**
 * Keras 1 stored one matrix for each gate of a recurrent layer (`lstm_1_W_i`, `lstm_1_U_i`, `lstm_1_b_i`, …); today
 * the gates lie side by side in one matrix: i, f, c, o for LSTM and ConvLSTM, z, r, h for GRU. With consume_less 'gpu'
 * they were side by side already, in that order (keras/layers/recurrent.py of 1.2.2; the loader of Keras 2.0).
 */

import type { TensorRef } from '../../model/types.ts';
import { concatenated } from './derived.ts';

export interface NamedTensor {
  readonly name: string;
  readonly tensor: TensorRef;
}

const gateOrders: readonly string[] = ['ifco', 'zrh'];
const roles = [
  { letter: 'W', variable: 'kernel' },
  { letter: 'U', variable: 'recurrent_kernel' },
  { letter: 'b', variable: 'bias' },
] as const;

/**
 * Replaces each set of gate matrices by the three of today, at the place of its first. Lists without such names come
 * back as they are.
 */
export function joinGates(stored: readonly NamedTensor[]): readonly NamedTensor[] {
  const sets = new Map<string, Map<string, NamedTensor>>();
  for (const weight of stored) {
    const gate = gateOf(weight.name);
    if (!gate) continue;
    const set = sets.get(gate.layer) ?? new Map<string, NamedTensor>();
    sets.set(gate.layer, set.set(gate.role + gate.gate, weight));
  }
  const joined = new Map([...sets].flatMap(([layer, set]) => joinSet(layer, set)));
  if (joined.size === 0) return stored;
  const done = new Set<string>();
  return stored.flatMap(weight => {
    const gate = gateOf(weight.name);
    const replacement = gate && joined.get(gate.layer);
    if (!gate || !replacement) return [weight];
    if (done.has(gate.layer)) return [];
    done.add(gate.layer);
    return replacement;
  });
}

function gateOf(name: string): { layer: string; role: string; gate: string } | null {
  const match = /^(.+)_([WUb])_([ifcozrh])(?::\d+)?$/.exec(name);
  return match ? { layer: match[1]!, role: match[2]!, gate: match[3]! } : null;
}

function joinSet(layer: string, set: ReadonlyMap<string, NamedTensor>): [string, NamedTensor[]][] {
  const order = gateOrders.find(
    gates => set.size === 3 * gates.length && [...gates].every(gate => set.has(`W${gate}`)),
  );
  if (!order) return [];
  const why = `one matrix for each gate joined in the order ${[...order].join(', ')}`;
  const tensors = roles.map(({ letter, variable }) => {
    const parts = [...order].map(gate => set.get(letter + gate)?.tensor);
    return parts.every(part => part !== undefined)
      ? { name: `${layer}/${variable}`, tensor: concatenated(parts, why) }
      : null;
  });
  return tensors.every(tensor => tensor !== null) ? [[layer, tensors]] : [];
}
