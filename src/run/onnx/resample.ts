/** ONNX forms of resampling. */

import type { Shape } from '../../numbers/tensor.ts';
import { layoutOf } from './layout.ts';
import type { Rule } from './lowering.ts';

/** ONNX's names for which places correspond, and for which cell is the nearest: TensorFlow takes the floor. */
const places = {
  middle: { coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' },
  corner: { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
} as const;

const resample: Rule = (node, lowering) => {
  const [x, ...dynamic] = node.inputs;
  const { sizes, mode, place, channelsFirst } = node.attributes as {
    sizes: Shape;
    mode: 'nearest' | 'linear';
    place: 'middle' | 'corner';
    channelsFirst: boolean;
  };
  const layout = layoutOf(lowering, x!);
  const rank = x!.shape.length;
  const first = channelsFirst ? 2 : 1;
  const axes = sizes.map((_, axis) => layout.axis(first + axis, rank));
  const made = lowering.emit(
    'Resize',
    [layout.value(x!), null, null, lowering.sizes(sizes, dynamic)],
    { mode, axes, ...places[place] },
    { typed: [0] },
  );
  return [layout.result(made)];
};

export const resampleRules: { readonly [op: string]: Rule } = { resample };
