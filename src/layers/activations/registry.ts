/** Every built-in activation function, by name and alias. */

import type { ActivationDefinition } from '../define.ts';
import gated from './gated.ts';
import linear from './linear.ts';
import rectified from './rectified.ts';
import shrinking from './shrinking.ts';
import sigmoids from './sigmoids.ts';
import smooth from './smooth.ts';
import softmaxes from './softmaxes.ts';

const files: readonly (readonly ActivationDefinition[])[] = [
  linear,
  rectified,
  smooth,
  sigmoids,
  gated,
  shrinking,
  softmaxes,
];

/** All built-in activations. */
export const builtInActivations: readonly ActivationDefinition[] = files.flat();

const byName = new Map<string, ActivationDefinition>();
for (const definition of builtInActivations) {
  for (const name of [definition.name, ...(definition.aliases ?? [])]) byName.set(name, definition);
}

/** The built-in activation of that name, or null. */
export function builtInActivation(name: string): ActivationDefinition | null {
  return byName.get(name) ?? null;
}
