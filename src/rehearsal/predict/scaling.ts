/** Whether a model brings pictures of 0 to 255 to its own range, or takes them as they come. */

import type { Layer, Model, TensorSpec } from '../../model/types.ts';
import { differs, type Run } from '../run.ts';
import type { GivenInput } from './given.ts';

/** Layers by which a model scales its input itself. */
const scaling = /^(Rescaling|Normalization|BatchNormalization|LayerNormalization|TextVectorization|Embedding|Lambda)$/;

export function scalesItself(model: Model, input: string): boolean {
  return firstLayers(model, input).some(({ className }) => scaling.test(className));
}

/** What takes the input, layers that do nothing aside. */
function firstLayers(model: Model, input: string): readonly Layer[] {
  const takes = (layer: Layer, name: string) => JSON.stringify(layer.calls).includes(`"layer":${JSON.stringify(name)}`);
  const direct = model.layers.filter(layer => takes(layer, input));
  const passing = /^(Dropout|Reshape|Permute|ZeroPadding2D|Random\w+|Resizing|Cropping2D)$/;
  return direct.flatMap(layer =>
    passing.test(layer.className) ? [layer, ...model.layers.filter(next => takes(next, layer.name))] : [layer],
  );
}

/** Pictures as they come from a file, in whole numbers, where nothing scales them: the training hardly had them so. */
export function remarkRange(run: Run, model: Model, specs: readonly TensorSpec[], inputs: readonly GivenInput[]): void {
  for (const [index, { name, shape, dtype }] of specs.entries()) {
    const given = inputs[index];
    if (!given?.whole || !given.range || shape.length !== 4 || !dtype.startsWith('float')) continue;
    if (given.range[1] <= 1.5 || given.range[1] > 255 || scalesItself(model, name)) continue;
    const text = `input "${name}" holds whole numbers up to ${given.range[1]}, and nothing in the model scales them: it was likely trained on 0 to 1`;
    return differs(run, 'silent-wrong-predictions', { text, where: name, offset: null });
  }
}
