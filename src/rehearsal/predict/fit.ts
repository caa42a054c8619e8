/** What both newer callers ask: do shapes agree, and at which layer does a model built for one shape refuse another? */

import type { Described } from '../../artefacts/describe-model.ts';
import type { RawArtefact } from '../../artefacts/raw/index.ts';
import type { InferredLayer } from '../../layers/infer.ts';
import type { TensorSpec } from '../../model/types.ts';
import type { Shape } from '../../numbers/tensor.ts';
import { inferGiven } from '../infer-raw.ts';

/** The check of an `InputSpec` with a whole shape that may lack or have a last axis of one. */
export function agrees(wanted: Shape, given: Shape): boolean {
  const [left, right] = [squeezed(wanted), squeezed(given)];
  return left.every(
    (size, axis) => axis >= right.length || size === null || right[axis] === null || right[axis] === size,
  );
}

function squeezed(shape: Shape): Shape {
  return shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
}

/** The given shape after a missing last axis was added, or one too many taken away; null where neither mends the rank. */
export function adjusted(wanted: Shape, given: Shape): Shape | null {
  if (given.length === wanted.length) return given;
  if (given.length === wanted.length + 1 && given.at(-1) === 1) return given.slice(0, -1);
  return given.length === wanted.length - 1 && wanted.at(-1) === 1 ? [...given, 1] : null;
}

export interface Refusal {
  readonly layer: InferredLayer;
  /** The input that it gets; null where it is not known. */
  readonly given: Shape | null;
  /** Its check of the input refuses, before anything is computed. */
  readonly checked: boolean;
}

/** The first layer that cannot take what reaches it; null where all do. */
export function refusal(
  raw: RawArtefact,
  { inferred }: Described,
  specs: readonly TensorSpec[],
  shapes: readonly Shape[],
): Refusal | null {
  const given = inferGiven(raw, Object.fromEntries(specs.map((spec, index) => [spec.name, shapes[index]!])));
  if (!given) return null;
  for (const [index, layer] of inferred.layers.entries()) {
    const found = given.layers[index];
    if (found) {
      const refused = compare(layer, found);
      if (refused) return refused;
    }
  }
  return null;
}

/** Layers whose `InputSpec` tells a number of axes (`ndim`); others take any, or a least number. */
const needsItsRank =
  /^(SimpleRNN|GRU|LSTM|RNN|CuDNN\w+|Bidirectional|ConvLSTM\dD|\w*Conv\dD(Transpose)?|\w*Pooling\dD|UpSampling\dD|ZeroPadding\dD|Cropping\dD|SpatialDropout\dD|LocallyConnected\dD|RepeatVector)$/;

function compare(built: InferredLayer, given: InferredLayer): Refusal | null {
  const [wanted, found] = [built.calls[0], given.calls[0]];
  if (!wanted) return null;
  const input = found?.inputShapes[0] ?? null;
  const fits = !needsItsRank.test(built.className) || input?.length === wanted.inputShapes[0]?.length;
  if (found && fits && sameWeights(built, given)) return null;
  return { layer: built, given: input, checked: found !== null && found !== undefined };
}

/** Variables, own and of layers inside, have the same shapes for both inputs. */
function sameWeights(left: InferredLayer, right: InferredLayer): boolean {
  const shapes = (layer: InferredLayer) => JSON.stringify([...eachWeight(layer)]);
  return shapes(left) === shapes(right);
}

function* eachWeight(layer: InferredLayer): Generator<readonly number[] | null> {
  for (const { shape } of layer.weights) yield shape;
  for (const inner of Object.values(layer.sublayers).flat()) yield* eachWeight(inner as InferredLayer);
  for (const inner of layer.model?.layers ?? []) yield* eachWeight(inner);
}
