/** Pipeline: layers one after another, as preprocessing is written down (Keras 3.8 on). */

import { defineLayer } from '../define.ts';
import { layer, list } from '../fields.ts';

export default defineLayer({
  name: 'Pipeline',
  config: { layers: list(layer()) },
  callArguments: ['inputs', 'training', 'mask'],
  sublayers: ({ layers }) => ({ layers }),
  call: (_config, _weights, inputs, _ops, { sublayerLists, masks }) =>
    sublayerLists.layers!.reduce(({ outputs, masks }, one) => one.call(outputs, { masks }), { outputs: inputs, masks }),
});
