/**
 * A Sequential whose config tells no input shape: its layers have no variables when the weights arrive. Facts: `add` and
 * `from_config` of engine/sequential.py in the tags, `_maybe_rebuild` of Keras 3's models/sequential.py.
 */

import { type Built, isModel } from './built.ts';
import { isDict, isList, type PyDict, type PyValue } from './python/values.ts';
import { type Run, remark, since } from './run.ts';

/** Notes the layers of the outermost model that stay without variables; models inside have their own. */
export function noteUnbuilt(run: Run, config: PyDict, layers: readonly Built[], where: string): void {
  if (where !== '' || layers.length === 0 || isList(config.build_input_shape)) return;
  if (takesNested(run) ? knowsInput(layers[0]!) : namesInput(layers[0]!)) return;
  for (const layer of layers) if (!isModel(layer)) run.unbuilt.add(layer.name);
}

/**
 * `.keras` files note on each layer with which shapes it was built (`build_config`): a Sequential none of whose layers
 * has that was saved before it ever saw an input, holds no weights, and loads as unbuilt as it was.
 */
export function noteNeverBuilt(run: Run, items: readonly PyValue[], layers: readonly Built[], where: string): void {
  const built = items.some(item => isDict(item) && isDict(item.build_config));
  if (layers.length === 0 || built || knowsInput(layers[0]!)) return;
  const unbuilt = layers.filter(layer => !isModel(layer));
  for (const { name } of unbuilt) run.unbuilt.add(name);
  if (where !== '' || unbuilt.length === 0) return;
  const text = 'no layer was ever built: it was saved before it saw an input, and holds no weights';
  remark(run, 'unbuilt-model', { text, where: '/config/layers', offset: null });
}

/** Keras 3 asks a model that stands first for its inputs from 3.5 on; loaders before Keras 3 always did. */
function takesNested(run: Run): boolean {
  return run.environment.line !== 'keras3' || since(run, '3.5');
}

function namesInput({ className, config }: Built): boolean {
  if (className === 'InputLayer') return true;
  return ['batch_input_shape', 'batch_shape', 'input_shape'].some(key => isList(config[key]));
}

function knowsInput(layer: Built): boolean {
  if (namesInput(layer)) return true;
  return layer.layers?.[0] !== undefined && knowsInput(layer.layers[0]);
}
