/** All mends, in the order in which they are tried. */

import type { MendStep } from '../step.ts';
import { activations } from './activations.ts';
import { asOperations } from './as-operations.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { keras1Weights } from './keras1-weights.ts';
import { missingLayers } from './missing-layers.ts';
import { names } from './names.ts';
import { plainKernels } from './plain-kernels.ts';
import { spectralNormalization } from './spectral-normalization.ts';

export const mendSteps: readonly MendStep[] = [
  names,
  spectralNormalization,
  plainKernels,
  missingLayers,
  hardSigmoid,
  activations,
  asOperations,
  keras1Weights,
];
