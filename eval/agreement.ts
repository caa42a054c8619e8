/** Whether numbers agree with what real Keras recorded, as the contract says. Runs in browsers too. */

import type { Artefact, Layer, Model } from '../src/model/types.ts';
import {
  bfloat16Tolerance,
  compareTensors,
  float16Tolerance,
  float32Tolerance,
  type Tolerance,
} from '../src/numbers/compare.ts';
import type { Tensor } from '../src/numbers/tensor.ts';

/** Null where they agree, else a sentence. */
export function disagreement(found: readonly Tensor[], expected: readonly Tensor[], artefact: Artefact): string | null {
  if (found.length !== expected.length) return `${found.length} outputs, expected ${expected.length}`;
  const tolerance = toleranceOf(artefact);
  for (const [at, tensor] of found.entries()) {
    const { same, why } = compareTensors(tensor, expected[at]!, tolerance);
    if (!same) return `output ${at}: ${why}`;
  }
  return null;
}

/** The contract's tolerance follows from the coarsest arithmetic of any layer. */
function toleranceOf({ model }: Artefact): Tolerance {
  const policies = model ? [...layersOf(model)].map(layer => layer.dtype) : [];
  const coarse = (test: RegExp) => policies.some(policy => test.test(policy.name) || test.test(policy.compute));
  if (coarse(/bfloat16|int8|int4|float8/)) return bfloat16Tolerance;
  return coarse(/float16/) ? float16Tolerance : float32Tolerance;
}

/** All layers of a model, those of models and layers inside it too. */
export function* layersOf(model: Model): Generator<Layer> {
  for (const layer of model.layers) yield* withInner(layer);
}

function* withInner(layer: Layer): Generator<Layer> {
  yield layer;
  if (layer.model) yield* layersOf(layer.model);
  for (const inner of Object.values(layer.sublayers).flat() as Layer[]) yield* withInner(inner);
}
