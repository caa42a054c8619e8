/**
 * Whether a release can take over a Lambda's function as it is stored. Bytecode is for one Python, its packing for one
 * line, and names that the function uses are looked up in the module of that release that makes it anew.
 */

import { describeLambda, madeByKey } from '../../lambdas/index.ts';
import type { JsonObject } from '../../model/types.ts';
import { isRecord } from '../normalise/values.ts';
import type { Target } from './target.ts';

/**
 * Why the function cannot stand in a file for the target; null where it can. `form` is the config that the target
 * writes for a Lambda. Where the target's Python is not said, only the very release that wrote it takes it.
 */
export function lambdaRefusal(layer: string, config: JsonObject, form: JsonObject, target: Target): string | null {
  const { kind, python, source, name } = describeLambda(layer, config);
  const shown = source === null ? (name ?? 'a function that cannot be read') : oneLine(source);
  const refused = (why: string) => `its function (${shown}) ${why}`;
  if (kind === 'unreadable') return refused('cannot be read, so nobody can say where it would run');
  const stored = isRecord(config[madeByKey]) ? config[madeByKey] : {};
  const samePacking = 'function_type' in form === (config.function_type !== undefined);
  if (kind === 'named') {
    if (stored.line === target.line && samePacking) return null;
    return refused('is stored by name only and must be registered there by your code');
  }
  const written = `is bytecode of Python ${python}`;
  const replace = 'name the function in your code and register it, or say it with layers';
  if (stored.line !== target.line || !samePacking) {
    return refused(`${written}, packed for ${String(stored.line ?? 'another release')}; ${replace}`);
  }
  if (target.python === undefined) {
    return stored.keras === target.keras ? null : refused(`${written} for Keras ${String(stored.keras)}; ${replace}`);
  }
  if (!includesPython(python, target.python)) return refused(`${written}, not of ${target.python}; ${replace}`);
  if (target.line === 'keras3') return refused(`${written}, which Keras 3 loads only with safe_mode=False; ${replace}`);
  // The names that are found are those of the module of the release that loads, not of the one that wrote.
  const { line, keras, backend } = target;
  const there = describeLambda(layer, { ...config, [madeByKey]: { line, keras, backend } });
  const missing = there.names.find(({ inLoader }) => !inLoader);
  return missing ? refused(`uses ${missing.name}, which a loader has only from your code; ${replace}`) : null;
}

function oneLine(source: string): string {
  const line = source.trim().replace(/\s*\n\s*/g, '; ');
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}

/** `python` as described (`3.6–3.7`, `3.11`, `3.5, 3.7`), `wanted` with or without its patch. */
function includesPython(python: string | null, wanted: string): boolean {
  const minor = Number(/^3\.(\d+)/.exec(wanted)?.[1] ?? Number.NaN);
  return (python ?? '').split(', ').some(part => {
    const [first, last = first] = part.split('–').map(text => Number(/^3\.(\d+)$/.exec(text)?.[1] ?? Number.NaN));
    return first !== undefined && last !== undefined && first <= minor && minor <= last;
  });
}
