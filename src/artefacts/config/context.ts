/** What is passed along while a config is read into a model. */

import type { ByteSource } from '../../bytes/source.ts';
import type { Era } from '../../eras/era.ts';
import type { RuleContext } from '../../eras/normalise/rules.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Json, JsonObject } from '../../model/types.ts';

export interface ConfigContext extends RuleContext {
  readonly era: Era;
  /** Path of the config in its container: `config.json`, `/` for an attribute of the root. */
  readonly path: string;
  readonly findings: Finding[];
  /** Models within models so far. */
  readonly depth: number;
}

/** Models within models that are followed. */
export const maxModelDepth = 40;

export const noAssets: { readonly [name: string]: ByteSource } = {};

/** Adds a finding at a place in the config. */
export function noteConfig(
  context: ConfigContext,
  code: string,
  what: string,
  pointer: string,
  facts?: Record<string, unknown>,
): void {
  context.findings.push({ code, severity: 'error', what, at: { path: context.path, pointer }, facts });
}

/** A layer's name from its entry or its config; the class's where there is none. */
export function nameOf(entry: JsonObject, config: JsonObject, fallback: string): string {
  for (const name of [entry.name, config.name]) if (typeof name === 'string') return name;
  return fallback;
}

/** The models held as values in `layers`, with their pointers. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
