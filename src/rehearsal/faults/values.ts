/** Weights that no training gives, in whatever layer they lie: loaders take any number, and some layers' code is unknown. */

import { greatestPlausible, type RawArtefact } from '../../artefacts/raw/index.ts';
import { type Fault, fault } from './types.ts';
import { eachDataset, weightsRoot } from './walk.ts';

export function implausibleValues(raw: RawArtefact): Fault | null {
  const root = weightsRoot(raw);
  for (const { path, dtype, values, external } of root ? eachDataset(root) : []) {
    if (/^\/?(optimizer|metrics)/.test(path) || external.length > 0) continue;
    if (dtype === 'string' && /kernel|bias|gamma|beta|embeddings|\/vars\/\d+$/.test(path)) {
      return fault('truncated-or-corrupt', 'text lies where the numbers of a weight should be', path);
    }
    if (!values) continue;
    const { nan, infinite, largest, count, implausibleAt } = values;
    if (largest > greatestPlausible) {
      const text = `a value of ${largest.toExponential(1)} among ${count}: bytes were overwritten`;
      return fault('truncated-or-corrupt', text, path, implausibleAt);
    }
    if (nan > 0) return fault('nan-weights', `${nan} of ${count} values are NaN`, path, implausibleAt);
    if (infinite > 0) return fault('inf-weights', `${infinite} of ${count} values are infinite`, path, implausibleAt);
  }
  return null;
}
