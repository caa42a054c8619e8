/** Weights that are all zero though the optimizer has moved them: something wrote over them after the training. */

import type { RawArtefact } from '../../artefacts/raw/index.ts';
import { type Fault, fault } from './types.ts';
import { eachDataset } from './walk.ts';

export function zeroedAfterTraining({ hdf5 }: RawArtefact): Fault | null {
  const { model_weights: weights, optimizer_weights: state } = hdf5?.root?.children ?? {};
  if (!weights || !state) return null;
  const moved = [...eachDataset(state)]
    .filter(({ values }) => values !== null && values.zeros < values.count)
    .map(({ path }) => `_${joined(path)}_`);
  for (const { path, values, offset } of eachDataset(weights)) {
    if (!values || values.count < 2 || values.zeros < values.count) continue;

    const [, ...own] = path.replace(/^\/?model_weights\//, '').split('/');
    const name = joined(own.join('/'));
    if (!moved.some(slot => slot.includes(`_${name}_`))) continue;
    const text = `all ${values.count} values are zero, and the optimizer's state says that they were trained`;
    return fault('zeroed-weights', text, path, offset);
  }
  return null;
}

/** Names of variables as optimizers build those of their slots from them. */
function joined(path: string): string {
  return path.replace(/:\d+$/, '').replaceAll('/', '_').replace(/^_/, '');
}
