/** What a file lost and no copy can have: said by name before anything is written. */

import type { Layer, Model } from '../model/types.ts';
import { allLayers } from '../model/walk.ts';
import type { ConfigRefusal } from '../writers/config/context.ts';

/** Lookups that were adapted and saved in an HDF5 file of some releases, which holds no vocabulary. */
export function withoutVocabulary(model: Model): ConfigRefusal[] {
  return [...allLayers(model)].filter(lacksVocabulary).map(({ name, className }) => ({
    layer: name,
    className,
    key: 'vocabulary',
    what: 'its vocabulary is not in the file',
  }));
}

function lacksVocabulary({ className, config, assets, weights }: Layer): boolean {
  const lookup = /^((String|Integer)Lookup|TextVectorization)$/.test(className);
  return lookup && config.vocabulary == null && !assets['vocabulary.txt'] && weights.length === 0;
}
