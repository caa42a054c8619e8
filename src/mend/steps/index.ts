/** All mends, in the order in which they are tried. */

import type { MendStep } from '../step.ts';
import { asOperations } from './as-operations.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { keras1Weights } from './keras1-weights.ts';
import { missingLayers } from './missing-layers.ts';
import { names } from './names.ts';

export const mendSteps: readonly MendStep[] = [names, missingLayers, asOperations, hardSigmoid, keras1Weights];
