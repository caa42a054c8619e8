/** What real Keras computed for an artefact of the corpus, and whether numbers agree with it as the contract says. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memorySource } from '../src/bytes/memory.ts';
import { readNpz } from '../src/containers/npy/index.ts';
import type { Artefact, Layer, Model } from '../src/model/types.ts';
import {
  bfloat16Tolerance,
  compareTensors,
  float16Tolerance,
  float32Tolerance,
  type Tolerance,
} from '../src/numbers/compare.ts';
import type { Tensor } from '../src/numbers/tensor.ts';

/** The arrays `in_0 …` or `out_0 …` of a case, in their order. */
export async function recorded(root: string, id: string, kind: 'in' | 'out'): Promise<Tensor[]> {
  const path = join(root, 'cases', id, `${kind}.npz`);
  const arrays = await readNpz(memorySource(await readFile(path), path));
  return Array.from(arrays.keys(), (_, at) => arrays.get(`${kind}_${at}`)!);
}

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

function* layersOf(model: Model): Generator<Layer> {
  for (const layer of model.layers) yield* withInner(layer);
}

function* withInner(layer: Layer): Generator<Layer> {
  yield layer;
  if (layer.model) yield* layersOf(layer.model);
  for (const inner of Object.values(layer.sublayers).flat() as Layer[]) yield* withInner(inner);
}
