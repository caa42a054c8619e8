/** What the host computes, by operation. */

import { binaryKernels } from './binary.ts';
import { complexKernels } from './complex.ts';
import { convolutionKernels } from './convolution.ts';
import { detectionKernels } from './detection.ts';
import { elementwiseKernels } from './elementwise.ts';
import type { Kernels } from './kernel.ts';
import { linalgKernels } from './linalg.ts';
import { linearKernels } from './linear.ts';
import { movementKernels } from './movement.ts';
import { recurrentKernels } from './recurrent.ts';
import { reduceKernels } from './reduce.ts';
import { resampleKernels } from './resample.ts';
import { setKernels } from './sets.ts';
import { signalKernels } from './signal.ts';
import { stringKernels } from './strings.ts';
import { textKernels } from './text.ts';

export type { Kernel } from './kernel.ts';

export const kernels: Kernels = {
  ...elementwiseKernels,
  ...binaryKernels,
  ...movementKernels,
  ...reduceKernels,
  ...linearKernels,
  ...convolutionKernels,
  ...resampleKernels,
  ...recurrentKernels,
  ...linalgKernels,
  ...complexKernels,
  ...setKernels,
  ...detectionKernels,
  ...signalKernels,
  ...textKernels,
  ...stringKernels,
};
