/** Whether a model brings pictures of 0 to 255 to its own range, or takes them as they come. */

import type { Described } from '../../artefacts/describe-model.ts';
import type { Layer, Model, TensorSpec } from '../../model/types.ts';
import type { Shape } from '../../numbers/tensor.ts';
import { differs, type Run } from '../run.ts';
import { hasWeights } from '../weights/walk-paths.ts';
import type { GivenInput } from './given.ts';

/** Layers by which a model scales its input itself. */
const scaling = /^(Rescaling|Normalization|BatchNormalization|LayerNormalization|TextVectorization|Embedding|Lambda)$/;

/** Layers that hand values on as they are, or as pictures of the same range. */
const passing = /^(InputLayer|Dropout|Reshape|Permute|ZeroPadding2D|Random\w+|Resizing|CenterCrop|Cropping2D)$/;

/** False where a layer scales the input, and where all of them only hand it on. */
function isUsed(model: Model, input: string): boolean {
  const first = firstLayers(model, input);
  return !first.some(scales) && !first.every(passes);
}

function scales({ className, model }: Layer): boolean {
  return scaling.test(className) || (model?.layers.some(scales) ?? false);
}

/** A model inside that only augments hands on too. */
function passes({ className, model }: Layer): boolean {
  return model ? model.layers.every(passes) : passing.test(className);
}

/** What takes the input, and what takes it from layers that only hand it on. */
function firstLayers(model: Model, input: string, met: Set<string> = new Set()): readonly Layer[] {
  const takes = (layer: Layer) => JSON.stringify(layer.calls).includes(`"layer":${JSON.stringify(input)}`);
  const direct = model.layers.filter(layer => !met.has(layer.name) && takes(layer));
  for (const { name } of direct) met.add(name);
  return direct.flatMap(layer => (passes(layer) ? [layer, ...firstLayers(model, layer.name, met)] : [layer]));
}

/** Normalised pictures stay well below this, whatever mean and deviation they were brought to. */
const greatestNormalised = 50;

/** Pictures have four axes; without a channel axis they are told from sequences by being square. */
function isPicture(shape: Shape): boolean {
  const [, height, width] = shape;
  return shape.length === 4 || (shape.length === 3 && typeof height === 'number' && height >= 16 && height === width);
}

/**
 * The greatest value where pictures are given as they come from a file and nothing in the model scales them; null where
 * nothing is to be said.
 */
export function unscaledUpTo(
  model: Model,
  { name, shape, dtype }: TensorSpec,
  range: GivenInput['range'],
): number | null {
  if (!range || !isPicture(shape) || !dtype.startsWith('float') || !isUsed(model, name)) return null;
  const greatest = Math.max(Math.abs(range[0]), Math.abs(range[1]));
  return greatest > greatestNormalised && greatest <= 255 ? Math.round(greatest) : null;
}

/** What is told of such pictures: a model with weights was hardly trained on them. */
export function remarkRange(
  run: Run,
  { model, inferred }: Described,
  specs: readonly TensorSpec[],
  inputs: readonly GivenInput[],
): void {
  if (!inferred.layers.some(hasWeights)) return;
  for (const [index, spec] of specs.entries()) {
    const greatest = unscaledUpTo(model, spec, inputs[index]?.range ?? null);
    if (greatest === null) continue;
    const text = `input "${spec.name}" has values up to ${greatest}, and nothing in the model scales them: it was likely trained on 0 to 1`;
    return differs(run, 'silent-wrong-predictions', { text, where: spec.name, offset: null });
  }
}
