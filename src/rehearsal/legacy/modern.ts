/** Placeholder for the modern deserialiser of tf.keras 2.12 and later; see `tf-v3/`. */

import type { PyDict } from '../python/values.ts';
import type { Run } from '../run.ts';
import type { Space } from './registry.ts';

export function deserializeModern(_run: Run, _space: Space, _identifier: PyDict, _where: string): void {}
