/** What is passed along while a model's config is written for a release. */

import type { Target } from '../../eras/write/target.ts';
import type { InferredLayer, InferredModel } from '../../layers/infer.ts';
import type { Layer, Model } from '../../model/types.ts';

/** Something that had to be said otherwise for the target; prediction is the same. */
export interface ConfigNote {
  readonly layer: string;
  readonly key: string;
  readonly what: string;
}

/** Why the target cannot hold a layer. */
export interface ConfigRefusal {
  readonly layer: string;
  readonly className: string;
  readonly key: string | null;
  readonly what: string;
}

export interface WriteContext {
  readonly target: Target;
  /** `h5`: attributes of a legacy file. `v3`: config.json of a `.keras` archive, or to_json of Keras 3. */
  readonly dialect: 'h5' | 'v3';
  readonly notes: ConfigNote[];
  readonly refusals: ConfigRefusal[];
}

/** The graph that is being written, with what was inferred of it. */
export interface GraphContext extends WriteContext {
  readonly model: Model;
  readonly inferred: InferredModel;
  readonly layers: ReadonlyMap<string, { readonly layer: Layer; readonly inferred: InferredLayer }>;
}

export function graphContext(model: Model, inferred: InferredModel, context: WriteContext): GraphContext {
  const pairs = model.layers.map((layer, index) => {
    return [layer.name, { layer, inferred: inferred.layers[index] as InferredLayer }] as const;
  });
  return { ...context, model, inferred, layers: new Map(pairs) };
}
