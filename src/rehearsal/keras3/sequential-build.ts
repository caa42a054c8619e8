/** A Sequential being built layer by layer in Keras 3: names that clash, inputs that come twice, shapes that do not fit. */

import type { Built } from '../built.ts';
import { raise } from '../python/exception.ts';
import type { PyDict } from '../python/values.ts';
import type { Run } from '../run.ts';

export function buildSequential(_run: Run, _config: PyDict, layers: readonly Built[]): void {
  const added = layers.at(-1)!;
  const same = layers.slice(0, -1).some(layer => layer.name === added.name && layer.name !== '');
  if (!same) return;
  raise('ValueError', `All layers added to a Sequential model should have unique names. Name '${added.name}' is already the name of a layer in this model. Update the \`name\` argument to pass a unique name.`, {
    failure: 'duplicate-names',
    evidence: { text: `two layers are named "${added.name}"`, where: added.where, offset: null },
  });
}
