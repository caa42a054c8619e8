/** Pooling over windows. */

import * as ops from '../../../ops/exports.ts';
import type { Lowering, LoweringTable } from '../define.ts';
import { unsupported } from '../define.ts';
import { dataFormatOf, paddingOf, spatial } from './convolution.ts';

const pool =
  (make: typeof ops.maxPool): Lowering =>
  node => {
    const padding = paddingOf(node);
    if (padding !== 'same' && padding !== 'valid') throw unsupported(node.where, `${node.op} with explicit padding`);
    return make(node.x(0), spatial(node.attributes.ints('ksize'), node), {
      strides: spatial(node.attributes.ints('strides'), node),
      padding,
      dataFormat: dataFormatOf(node),
    });
  };

export const pooling: LoweringTable = {
  MaxPool: pool(ops.maxPool),
  MaxPool3D: pool(ops.maxPool),
  AvgPool: pool(ops.averagePool),
  AvgPool3D: pool(ops.averagePool),
};
