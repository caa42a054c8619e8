/** Whether a model brings pictures of 0 to 255 to its own range, or takes them as they come. */

import type { Described } from '../../artefacts/describe-model.ts';
import type { Layer, Model, TensorSpec } from '../../model/types.ts';
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

export function scalesItself(model: Model, input: string): boolean {
  return firstLayers(model, input).some(scales);
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

/** Pictures as they come from a file, where nothing in a model with weights scales them: it was hardly trained on them. */
export function remarkRange(
  run: Run,
  { model, inferred }: Described,
  specs: readonly TensorSpec[],
  inputs: readonly GivenInput[],
): void {
  if (!inferred.layers.some(hasWeights)) return;
  for (const [index, { name, shape, dtype }] of specs.entries()) {
    const range = inputs[index]?.range;
    if (!range || shape.length !== 4 || !dtype.startsWith('float') || !isUsed(model, name)) continue;
    const greatest = Math.max(Math.abs(range[0]), Math.abs(range[1]));
    if (greatest <= greatestNormalised || greatest > 255) continue;
    const text = `input "${name}" has values up to ${Math.round(greatest)}, and nothing in the model scales them: it was likely trained on 0 to 1`;
    return differs(run, 'silent-wrong-predictions', { text, where: name, offset: null });
  }
}
