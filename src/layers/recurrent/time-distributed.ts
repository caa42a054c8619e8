/** TimeDistributed: a layer on every time step. All steps go through it at once, as so many samples. */

import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { layer, oneOf } from '../fields.ts';

export default defineLayer({
  name: 'TimeDistributed',
  config: {
    layer: layer(),
    /** Ours (see era-keys.ts): before Keras 3 the layer inside says what becomes of masks. */
    maskRule: oneOf(['pass', 'layer'], 'pass'),
  },
  callArguments: ['inputs', 'training', 'mask'],
  sublayers: ({ layer }) => ({ layer }),
  call({ maskRule }, _weights, inputs, ops, { sublayers, masks }) {
    const steps = inputs.map(x => mergeFirstTwo(x, ops));
    const mask = masks[0] ?? null;
    // A mask of (B, T) says nothing to the layer inside, one of (B, T, …) does.
    const inner = masks.map(one => (one !== null && one.shape.length > 2 ? mergeFirstTwo(one, ops) : null));
    const { outputs, masks: made } = sublayers.layer!.call(steps, { masks: inner });
    const back = (y: SymbolicTensor) => splitFirst(y, inputs[0]!, ops);
    const maskOf = (own: SymbolicTensor | null) => {
      if (maskRule === 'pass') return mask;
      if (own) return back(own);
      return mask && mask.shape.length > 2 ? ops.any(mask, { axis: axesFrom(2, mask.shape.length) }) : mask;
    };
    return { outputs: outputs.map(back), masks: outputs.map((_, at) => maskOf(made[at] ?? null)) };
  },
});

/** (B, T, …) to (B·T, …). */
function mergeFirstTwo(x: SymbolicTensor, ops: Ops): SymbolicTensor {
  const [batch, time, ...rest] = x.shape;
  const samples = batch !== null && time !== null ? batch! * time! : -1;
  return ops.reshape(x, [samples, ...ops.shape(x).slice(2, 2 + rest.length)]);
}

/** (B·T, …) back to (B, T, …) as in `x`. */
function splitFirst(y: SymbolicTensor, x: SymbolicTensor, ops: Ops): SymbolicTensor {
  const [batch, time] = ops.shape(x);
  return ops.reshape(y, [batch!, time!, ...ops.shape(y).slice(1)]);
}

function axesFrom(first: number, rank: number): readonly number[] {
  return Array.from({ length: rank - first }, (_, at) => first + at);
}
