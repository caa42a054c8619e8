/** Which of TensorFlow.js's layers were proved by models that compute the same there, and what others were said with. */

import type { Change } from '../../src/mend/step.ts';

export interface ProofTable {
  /** A model that computed the same: its model.json, and what was changed for it. */
  add(modelJson: unknown, changes: readonly Change[]): void;
  /** Markdown; `classes` are those that the peer has. */
  text(classes: readonly string[]): string;
}

export function startTable(): ProofTable {
  const proved = new Map<string, number>();
  const lowered = new Map<string, { count: number; by: Set<string> }>();
  return {
    add(modelJson, changes) {
      for (const name of new Set(classesIn(modelJson))) proved.set(name, (proved.get(name) ?? 0) + 1);
      for (const { before, after, why } of changes) {
        if (!why.startsWith('TensorFlow.js has no such layer')) continue;
        const entry = lowered.get(before) ?? { count: 0, by: new Set() };
        entry.count += 1;
        for (const name of after.replace(/^.*: /, '').split(', ')) entry.by.add(name);
        lowered.set(before, entry);
      }
    },
    text(classes) {
      const own = [...classes].sort().map(name => `| ${name} | ${proved.get(name) ?? 'none'} |`);
      const others = [...lowered]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { count, by }]) => `| ${name} | ${count} | ${[...by].sort().join(', ')} |`);
      return [
        '| layer of TensorFlow.js | models the same |',
        '|---|---|',
        ...own,
        '',
        '| layer of Keras | times | said with |',
        '|---|---|---|',
        ...others,
      ].join('\n');
    },
  };
}

function classesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(classesIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = (value as { class_name?: unknown }).class_name;
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(value).flatMap(classesIn)];
}
