/** Axes of HDF5 configs that Keras 3 drops (`model_from_config` of legacy/saving/saving_utils.py): layers take their default. */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import { type InferredModel, inferModel } from '../layers/infer.ts';
import type { Model } from '../model/types.ts';
import { describeRaw } from './infer-raw.ts';
import type { Run } from './run.ts';

/** The model as it is without what was dropped on the way. */
export function withoutLostAxes(model: Model, run: Pick<Run, 'lostAxes'>): Model {
  return without(model, new Set(run.lostAxes.map(({ where }) => where)));
}

function without(model: Model, lost: ReadonlySet<string>): Model {
  if (lost.size === 0) return model;
  const layers = model.layers.map(layer => {
    const inner = layer.model ? { ...layer, model: without(layer.model, lost) } : layer;
    if (!lost.has(layer.at.pointer ?? '')) return inner;
    const { axis: _axis, ...config } = inner.config;
    return { ...inner, config };
  });
  return { ...model, layers };
}

const kept = new WeakMap<RawArtefact, Map<string, InferredModel>>();

/** What the model that was really built needs of weights. */
export function inferBuilt(run: Run): InferredModel | null {
  const model = describeRaw(run.raw)?.model;
  if (run.lostAxes.length === 0 || run.inferred === null || !model) return run.inferred;
  const known = kept.get(run.raw) ?? new Map<string, InferredModel>();
  kept.set(run.raw, known);
  const key = JSON.stringify(run.lostAxes);
  if (!known.has(key)) known.set(key, inferModel(withoutLostAxes(model, run)));
  return known.get(key)!;
}
