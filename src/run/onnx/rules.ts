/** The ONNX form of every operation that has one. What is not here runs on the host. */

import { binaryRules } from './binary.ts';
import { controlRules } from './control.ts';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { linearRules } from './linear.ts';
import type { Rule } from './lowering.ts';
import { normalizeRules } from './normalize.ts';
import { recurrentRules } from './recurrent.ts';
import { reduceRules } from './reduce.ts';
import { resampleRules } from './resample.ts';
import { shapeRules } from './shape.ts';

export const rules: { readonly [op: string]: Rule } = {
  ...elementwiseRules,
  ...binaryRules,
  ...reduceRules,
  ...shapeRules,
  ...linearRules,
  ...convolutionRules,
  ...resampleRules,
  ...normalizeRules,
  ...recurrentRules,
  ...controlRules,
};
