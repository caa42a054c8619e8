/** Reshape: another shape for all axes but the first; one size may be -1 (or null) and is then found. */

import type { Dim, Shape } from '../numbers/tensor.ts';
import { defineLayer } from './define.ts';
import { int, list, nullable } from './fields.ts';

function found(target: readonly number[], sizes: Shape): Dim[] {
  const known = target.filter(size => size !== -1).reduce((left, right) => left * right, 1);
  const total = sizes.includes(null) ? null : (sizes as number[]).reduce((left, right) => left * right, 1);
  return target.map(size => (size !== -1 ? size : total === null || known === 0 ? null : total / known));
}

export default defineLayer({
  name: 'Reshape',
  config: { targetShape: list(nullable(int())) },
  outputShape: ({ targetShape }, [x]) => [
    x![0]!,
    ...found(
      targetShape.map(size => size ?? -1),
      x!.slice(1),
    ),
  ],
  call: ({ targetShape }, _weights, [x], ops) => {
    const target = found(
      targetShape.map(size => size ?? -1),
      x!.shape.slice(1),
    ).map(size => size ?? -1);
    return ops.reshape(x!, [ops.shape(x!)[0]!, ...target]);
  },
});
