/** Operations that Functional graphs use as layers, by the class name that configs give them. */

import type { AnyLayerDefinition } from '../define.ts';

const byName = new Map<string, AnyLayerDefinition>();

/** The operation of that class name (`NotEqual`, `GetItem`, `TFOpLambda`), or null. */
export function builtInOperation(className: string): AnyLayerDefinition | null {
  return byName.get(className) ?? null;
}
