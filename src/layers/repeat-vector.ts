/** RepeatVector: (batch, features) to (batch, n, features). */

import { defineLayer } from './define.ts';
import { int } from './fields.ts';

export default defineLayer({
  name: 'RepeatVector',
  config: { n: int() },
  outputShape: ({ n }, [x]) => [x![0]!, n, x![1]!],
  call: ({ n }, _weights, [x], ops) => ops.tile(ops.expandDims(x!, 1), [1, n, 1]),
});
