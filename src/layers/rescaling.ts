/** Rescaling: x · scale + offset, each a number or a list that broadcasts along the last axis. */

import type { TensorLike } from '../ops/types.ts';
import { defineLayer } from './define.ts';
import { type Field, json } from './fields.ts';

const numbers = (fallback: number): Field<TensorLike> => json(fallback) as Field<TensorLike>;

export default defineLayer({
  name: 'Rescaling',
  config: { scale: numbers(1), offset: numbers(0) },
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: ({ scale, offset }, _weights, [x], ops, { computeDtype }) =>
    ops.add(ops.multiply(ops.cast(x!, computeDtype), scale), offset),
});
