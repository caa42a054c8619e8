/** Names that a mended copy must have kept: of layers, inputs and outputs. */

import { inferModel } from '../../src/layers/infer.ts';
import type { Change } from '../../src/mend/step.ts';
import type { Model } from '../../src/model/types.ts';
import { allLayers } from '../../src/model/walk.ts';

/** Null where all are there; else which is not. Names that a change says are others are looked for as it says. */
export function lostName(before: Model, after: Model, changes: readonly Change[]): string | null {
  const renamed = new Map(changes.map(change => [change.before, change.after]));
  const now = (name: string) => renamed.get(name) ?? name;
  const kept = new Set([...allLayers(after)].map(({ name }) => name));
  const lost = before.layers.find(({ name, className }) => className !== 'InputLayer' && !kept.has(now(name)));
  if (lost) return `layer ${lost.name}`;
  const [was, is] = [inferModel(before), inferModel(after)];
  for (const side of ['inputs', 'outputs'] as const) {
    // An input that was never declared has no name to keep.
    if (was[side].some(spec => spec === null)) continue;
    const names = was[side].map(spec => now(spec?.name ?? ''));
    const found = is[side].map(spec => spec?.name ?? '');
    if (names.join() !== found.join()) return `${side} ${names.join()} are ${found.join()}`;
  }
  return null;
}
