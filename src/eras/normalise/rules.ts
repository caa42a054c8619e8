/**
 * The form in which a dialect's table says how a class's stored arguments become today's. Rules are data; what a table
 * cannot say is a small function beside it.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import type { Era } from '../era.ts';

export interface ClassRule {
  /** Today's class name, where it changed. */
  readonly to?: string;
  /** Stored key → today's key. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Keys that say nothing today. */
  readonly drop?: readonly string[];
  /** Values by today's key, where words changed. */
  readonly words?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  /** Keys that the release did not write, with what it meant. */
  readonly absent?: JsonObject;
  /** What no table can say. Gets the config with the keys already renamed. */
  readonly adapt?: (config: JsonObject, context: RuleContext) => JsonObject;
}

export interface RuleContext {
  readonly era: Era;
  /** Whose meaning the words have: another Keras that reads the config as its own. The writer's when left out. */
  readonly means?: Era;
  /** Ordering of image axes for layers of Keras 1 that do not store theirs. */
  readonly ordering: 'channels_first' | 'channels_last';
}

export interface RuledClass {
  readonly className: string;
  readonly config: JsonObject;
}

/** Applies one rule. The stored config is not changed. */
export function applyRule(className: string, config: JsonObject, rule: ClassRule, context: RuleContext): RuledClass {
  const dropped = new Set(rule.drop);
  const renamed: { [key: string]: Json } = {};
  for (const [stored, value] of Object.entries(config)) {
    if (dropped.has(stored)) continue;
    const key = rule.rename?.[stored] ?? stored;
    // Where old and new name are both there, the new one was written by the later release and counts.
    if (key !== stored && key in config) continue;
    renamed[key] = (typeof value === 'string' ? rule.words?.[key]?.[value] : undefined) ?? value;
  }
  for (const [key, value] of Object.entries(rule.absent ?? {})) if (!(key in renamed)) renamed[key] = value;
  return { className: rule.to ?? className, config: rule.adapt ? rule.adapt(renamed, context) : renamed };
}
