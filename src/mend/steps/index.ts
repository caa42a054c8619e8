/** All mends, in the order in which they are tried. */

import type { MendStep } from '../step.ts';
import { activations } from './activations.ts';
import { asOperations } from './as-operations.ts';
import { callArguments } from './call-arguments.ts';
import { channelsLast } from './channels-last.ts';
import { denseKernels } from './dense-kernels.ts';
import { halfPadding } from './half-padding.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { keras1Weights } from './keras1-weights.ts';
import { layerOrder } from './layer-order.ts';
import { missingLayers } from './missing-layers.ts';
import { names } from './names.ts';
import { oneFloat } from './one-float.ts';
import { outputsOfTheirOwn } from './outputs.ts';
import { plainKernels } from './plain-kernels.ts';
import { spectralNormalization } from './spectral-normalization.ts';
import { unbuilt } from './unbuilt.ts';

export const mendSteps: readonly MendStep[] = [
  names,
  outputsOfTheirOwn,
  unbuilt,
  oneFloat,
  spectralNormalization,
  plainKernels,
  missingLayers,
  halfPadding,
  callArguments,
  denseKernels,
  hardSigmoid,
  activations,
  channelsLast,
  asOperations,
  keras1Weights,
  layerOrder,
];
