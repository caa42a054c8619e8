/**
 * What loaders read of an HDF5 file besides layers' weights: the model's own, and the optimizer's. That the optimizer
 * takes its values or not is only warned of; that they cannot be read stops the load. Facts: `load_model` and
 * `load_optimizer_weights_from_hdf5_group` of each line.
 */

import type { RawGroup } from '../../artefacts/raw/index.ts';
import { contains, readDataset } from '../h5py.ts';
import { since2 } from '../legacy/identifiers.ts';
import type { Run } from '../run.ts';
import { type NameReading, names } from './saved-layers.ts';

/** `top_level_model_weights`, which Keras knows from 2.7 on. */
export function loadTopLevel(run: Run, group: RawGroup, reading: NameReading): void {
  const { line } = run.environment;
  if (line === 'keras1' || line === 'keras2' || !since2(run, '2.7')) return;
  if (contains(run, group, 'top_level_model_weights')) readAll(run, group, 'top_level_model_weights', reading);
}

export function loadOptimizerWeights(run: Run, root: RawGroup, reading: NameReading): void {
  if (contains(run, root, 'optimizer_weights')) readAll(run, root, 'optimizer_weights', reading);
}

function readAll(run: Run, parent: RawGroup, name: string, reading: NameReading): void {
  const group = reading.child(run, parent, name);
  if (group.kind !== 'group') return;
  for (const weight of names(run, group, 'weight_names', reading)) {
    const found = reading.child(run, group, weight);
    if (found.kind === 'dataset') readDataset(run, found);
  }
}
