/**
 * Vocabularies that lie as assets in a `.keras` archive. With the weights of `tf_idf` Keras 3 reads them only from 3.14 on.
 * Facts: `load_assets` and `set_vocabulary` in layers/preprocessing/index_lookup.py of Keras 3.0 to 3.15.
 */

import type { InferredModel } from '../../layers/infer.ts';
import { evidence, raise } from '../python/exception.ts';
import { type Run, since } from '../run.ts';

const lookups = /^(StringLookup|IntegerLookup|TextVectorization)$/;

export function loadAssets(run: Run, model: InferredModel): void {
  if (run.environment.line !== 'keras3' || since(run, '3.14')) return;
  const layer = model.layers.find(
    ({ className, config }) =>
      lookups.test(className) && config.output_mode === 'tf_idf' && (config.vocabulary ?? null) === null,
  );
  if (!layer || !run.raw.zip?.members.some(({ name }) => name.endsWith('vocabulary.txt'))) return;
  const held = layer.className === 'TextVectorization' ? [', <StringLookup name=string_lookup, built=False>'] : [];
  const printed = `<${layer.className} name=${layer.name}, built=True>`;
  raise(
    'ValueError',
    `A total of ${1 + held.length} objects could not be loaded. Example error message for object ${printed}:\n\nobject of type 'bool' has no len()\n\nList of objects that could not be loaded:\n[${printed}${held.join('')}]`,
    {
      failure: 'lookup-table-preprocessing-state',
      evidence: evidence(
        `"${layer.name}" was adapted with tf_idf, whose vocabulary Keras 3 cannot read from an archive before 3.14`,
        layer.name,
      ),
      suppose: `assets:${layer.name}`,
    },
  );
}
