/** Words within Keras 3 that changed from one release to another, under the newest names. */

import type { ClassRule } from './rules.ts';

const rules: Readonly<Record<string, ClassRule>> = {
  // Registered under the alias from the start; the Python class is GroupedQueryAttention.
  GroupQueryAttention: { to: 'GroupedQueryAttention' },
  LeakyReLU: { rename: { alpha: 'negative_slope' } },
  InputLayer: { rename: { batch_input_shape: 'batch_shape' } },
};

const none: ClassRule = {};

export function keras3Rule(className: string): ClassRule {
  return rules[className] ?? none;
}
