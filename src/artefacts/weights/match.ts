/**
 * Which stored tensor is which variable of a layer, for files that list weights by name in Keras's order. The order is
 * the contract; names decide where the order does not fit, as after renaming, freezing or edits by hand.
 */

import type { TensorRef } from '../../model/types.ts';
import { readWeightName, sameVariable } from './names.ts';
import type { Slot } from './slots.ts';

export interface StoredWeight {
  /** As stored: `dense/kernel:0`. */
  readonly name: string;
  readonly tensor: TensorRef;
}

export interface Pair {
  readonly slot: Slot;
  readonly weight: StoredWeight;
}

export interface Matching {
  readonly pairs: readonly Pair[];
  /** Variables for which nothing is stored. Optional ones are not among them. */
  readonly missing: readonly Slot[];
  /** Stored tensors that no variable claims. */
  readonly extra: readonly StoredWeight[];
}

/** Whether a stored tensor can serve a variable, as it is or converted. */
export type Fits = (slot: Slot, weight: StoredWeight) => boolean;

/** Matches the variables of one layer, in Keras's order, with what is stored for it. */
export function matchWeights(slots: readonly Slot[], stored: readonly StoredWeight[], fits: Fits): Matching {
  const required = slots.filter(slot => !slot.variable.optional);
  const innerNames = new Set(slots.flatMap(slot => slot.scopes.slice(1)));
  for (const wanted of new Set([slots, required])) {
    const byOrder = wanted.length === stored.length ? inOrder(wanted, stored) : null;
    if (byOrder?.every(pair => agrees(pair, innerNames) && fits(pair.slot, pair.weight))) return whole(byOrder);
  }
  const named = byName(slots, stored, fits);
  if (named.missing.length === 0 && named.extra.length === 0) return named;
  for (const wanted of new Set([slots, required])) {
    const byOrder = wanted.length === stored.length ? inOrder(wanted, stored) : null;
    if (byOrder?.every(pair => fits(pair.slot, pair.weight))) return whole(byOrder);
  }
  return named.pairs.length > 0 || required.length !== stored.length ? named : whole(inOrder(required, stored));
}

function whole(pairs: readonly Pair[]): Matching {
  return { pairs, missing: [], extra: [] };
}

function inOrder(slots: readonly Slot[], stored: readonly StoredWeight[]): Pair[] {
  return slots.map((slot, index) => ({ slot, weight: stored[index]! }));
}

/** True where the stored name speaks of this variable, and of no other layer inside than the variable's own. */
function agrees({ slot, weight }: Pair, innerNames: ReadonlySet<string>): boolean {
  const name = readWeightName(weight.name);
  if (!sameVariable(name.variable, slot.variable.name)) return false;
  const inner = name.scopes.filter(scope => innerNames.has(scope));
  return inner.length === 0 || inner.some(scope => slot.scopes.includes(scope));
}

function byName(slots: readonly Slot[], stored: readonly StoredWeight[], fits: Fits): Matching {
  const left = new Set(stored);
  const pairs: Pair[] = [];
  const missing: Slot[] = [];
  for (const slot of slots) {
    const weight = bestFor(slot, left, fits);
    if (weight) {
      left.delete(weight);
      pairs.push({ slot, weight });
    } else if (!slot.variable.optional) missing.push(slot);
  }
  return { pairs, missing, extra: [...left] };
}

/** The stored tensor of the variable's name that shares most scopes with it; of several, the first. */
function bestFor(slot: Slot, left: ReadonlySet<StoredWeight>, fits: Fits): StoredWeight | null {
  let best: StoredWeight | null = null;
  let most = -1;
  for (const weight of left) {
    const name = readWeightName(weight.name);
    if (!sameVariable(name.variable, slot.variable.name) || !fits(slot, weight)) continue;
    const shared = name.scopes.filter(scope => slot.scopes.includes(scope)).length;
    if (shared <= most) continue;
    best = weight;
    most = shared;
  }
  return best;
}
