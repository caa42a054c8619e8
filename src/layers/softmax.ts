/**
 * Softmax over one axis or several at once. A mask takes a large number off the scores it hides; newer releases make
 * their shares 0 besides, which tells only where everything is hidden.
 */

import { defineLayer } from './define.ts';
import { axes, oneOf } from './fields.ts';

/** What Keras takes off hidden scores: less in float16, which holds no 1e9. */
const hidden = { float16: 3e4, other: 1e9 };

export default defineLayer({
  name: 'Softmax',
  config: { axis: axes(-1), maskRule: oneOf(['none', 'add', 'zero'], 'zero') },
  callArguments: ['inputs', 'mask'],
  mask: 'pass',
  outputShape: (_config, [x]) => x!,
  call: ({ axis, maskRule }, _weights, [x], ops, { masks }) => {
    const options = { axis: axis.length === 1 ? axis[0]! : axis };
    const mask = masks[0];
    if (!mask || maskRule === 'none') return ops.softmax(x!, options);
    const kept = ops.cast(mask, x!.dtype);
    const large = x!.dtype === 'float16' ? hidden.float16 : hidden.other;
    const shares = ops.softmax(ops.subtract(x!, ops.multiply(ops.subtract(1, kept), large)), options);
    return maskRule === 'zero' ? ops.multiply(shares, kept) : shares;
  },
});
