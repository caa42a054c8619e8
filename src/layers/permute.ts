/** Permute: axes in another order, counted from 1; the batch axis stays. */

import { defineLayer } from './define.ts';
import { axes } from './fields.ts';

export default defineLayer({
  name: 'Permute',
  config: { dims: axes() },
  outputShape: ({ dims }, [x]) => [x![0]!, ...dims.map(axis => x![axis]!)],
  call: ({ dims }, _weights, [x], ops) => ops.transpose(x!, { axes: [0, ...dims] }),
});
