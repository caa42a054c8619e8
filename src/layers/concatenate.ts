/** Concatenate: inputs one after the other along `axis`, which counts the batch axis. */

import type { Dim } from '../numbers/tensor.ts';
import { defineLayer } from './define.ts';
import { axis, oneOf } from './fields.ts';

export default defineLayer({
  name: 'Concatenate',
  config: { axis: axis(-1), maskRule: oneOf(['all', 'none', 'any'], 'any') },
  outputShape: ({ axis }, shapes) => {
    const rank = shapes[0]!.length;
    const along = axis < 0 ? axis + rank : axis;
    return shapes[0]!.map((size, at): Dim => {
      const sizes: Dim[] = shapes.map(shape => shape[at]!);
      if (at === along)
        return sizes.includes(null) ? null : (sizes as number[]).reduce((left, right) => left + right, 0);
      return sizes.find(found => found !== null) ?? size;
    });
  },
  // Missing masks count as all ones; one of fewer axes is spread over its input (keras/src/layers/merging/concatenate.py).
  mask: ({ axis, maskRule }, inputs, masks, ops) => {
    if (maskRule === 'none' || masks.every(mask => mask === null)) return null;
    const spread = inputs.map((input, index) => {
      const mask = masks[index];
      if (!mask) return ops.onesLike(input, { dtype: 'bool' });
      if (mask.shape.length === input.shape.length) return mask;
      return ops.broadcastTo(ops.expandDims(mask, -1), ops.shape(input));
    });
    const joined = ops.concatenate(spread, { axis });
    return maskRule === 'all' ? ops.all(joined, { axis: -1 }) : ops.any(joined, { axis: -1 });
  },
  call: ({ axis }, _weights, inputs, ops) => ops.concatenate(inputs, { axis }),
});
