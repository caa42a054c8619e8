/** Weights in other precisions than the model computes in, where the config says nothing of it. */

import type { RawArtefact } from '../../artefacts/raw/index.ts';
import { configText } from '../infer-raw.ts';
import { type Fault, fault } from './types.ts';
import { eachDataset } from './walk.ts';

export function otherPrecision(raw: RawArtefact): Fault | null {
  const root = raw.hdf5?.root ?? raw.zip?.weights?.root;
  if (!root || /float(?:16|64)|int8/.test(configText(raw) ?? '')) return null;
  const weights = root.children.model_weights ?? root;
  const datasets = [...eachDataset(weights)].filter(
    ({ dtype, path }) => dtype.startsWith('float') && !/^\/?(optimizer|metrics)/.test(path),
  );
  const plain = datasets.some(({ dtype }) => dtype === 'float32');
  const odd = datasets.find(({ dtype }) => dtype === 'float16' || (plain && dtype === 'float64'));
  if (!odd) return null;
  const text = plain
    ? `one variable is stored in ${odd.dtype}, the others in float32: the file was written over`
    : 'the weights are stored in float16, and the model computes in float32: they were rounded';
  return fault('silent-wrong-predictions', text, odd.path, odd.offset);
}
