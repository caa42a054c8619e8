/** A step that brings the stored weights of one layer to today's layout. Each has a name and says in words what it did. */

import type { JsonObject, TensorRef } from '../../model/types.ts';
import type { Era } from '../era.ts';

/** The weights of one layer by variable name. */
export type LayerWeights = { readonly [variable: string]: TensorRef };

export interface LayoutTarget {
  /** Today's class name. */
  readonly className: string;
  readonly config: JsonObject;
  /** What the layer needs, where it is known. */
  readonly shapes: { readonly [variable: string]: readonly number[] | null };
}

export interface LayoutStep {
  /** Stable id, kebab-case. */
  readonly name: string;
  /** The weights changed, or null where the step has nothing to do. */
  apply(weights: LayerWeights, target: LayoutTarget, era: Era): LayerWeights | null;
}

/** Number of spatial axes of a convolution by its class; 0 for other layers. */
export function spatialRank(className: string): number {
  const match = /^(?:Conv|SeparableConv|DepthwiseConv|ConvLSTM)([123])D(?:Transpose)?$/.exec(className);
  return match ? Number(match[1]) : 0;
}
