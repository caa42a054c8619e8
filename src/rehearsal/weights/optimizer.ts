/**
 * What loaders read of an HDF5 file besides layers' weights: the model's own, and the optimizer's. That the optimizer
 * takes its values or not is only warned of; that they cannot be read stops the load. Facts: `load_model` and
 * `load_optimizer_weights_from_hdf5_group` of each line.
 */

import type { RawGroup } from '../../artefacts/raw/index.ts';
import { contains, find, readDataset } from '../h5py.ts';
import { configText } from '../infer-raw.ts';
import { since2 } from '../legacy/identifiers.ts';
import { evidence, exception, type PythonException } from '../python/exception.ts';
import { jsonLoads } from '../python/json.ts';
import { reprShape } from '../python/repr.ts';
import { isDict } from '../python/values.ts';
import { compiles, type Run, since } from '../run.ts';
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

/**
 * What Keras 3 says of an archive's optimizer whose variables it takes in another order: Nadam has its running product
 * behind the moments from 3.10 on, and before them until then. Null where they fit, or are not asked for; other
 * numbers of variables are only warned of.
 */
export function misplacedOptimizer(run: Run, root: RawGroup): PythonException | null {
  if (run.environment.line !== 'keras3' || !compiles(run) || !isNadam(run)) return null;
  const vars = find(root, 'optimizer/vars');
  if (vars?.kind !== 'group') return null;
  const shapes = Object.keys(vars.children).map((_, index) => {
    const stored = vars.children[String(index)];
    return stored?.kind === 'dataset' ? (stored.shape ?? []) : [];
  });
  const [, , third = [], fourth = []] = shapes;
  const first = third.length === 0;
  if (shapes.length < 4 || first === !since(run, '3.10') || fourth.length === 0) return null;
  const [needed, found] = first ? [fourth, third] : [[], third];
  const text = `The shape of the target variable and the shape of the target value in \`variable.assign(value)\` must match. variable.shape=${reprShape(needed)}, Received: value.shape=${reprShape(found)}.`;
  const printed = '<keras.src.optimizers.nadam.Nadam object at 0x7f0000000000>';
  return exception(
    'ValueError',
    `A total of 1 objects could not be loaded. Example error message for object ${printed}:\n\n${text}\n\nList of objects that could not be loaded:\n[${printed}]`,
    {
      failure: 'optimizer-state-mismatch',
      evidence: evidence('Nadam keeps its variables in another order from Keras 3.10 on', '/optimizer/vars'),
      suppose: 'optimizer-order',
    },
  );
}

function isNadam(run: Run): boolean {
  const config = jsonLoads(configText(run.raw) ?? 'null');
  const compiled = isDict(config) ? config.compile_config : null;
  const optimizer = isDict(compiled) ? compiled.optimizer : null;
  return isDict(optimizer) && optimizer.class_name === 'Nadam';
}

function readAll(run: Run, parent: RawGroup, name: string, reading: NameReading): void {
  const group = reading.child(run, parent, name);
  if (group.kind !== 'group') return;
  for (const weight of names(run, group, 'weight_names', reading)) {
    const found = reading.child(run, group, weight);
    if (found.kind === 'dataset') readDataset(run, found);
  }
}
