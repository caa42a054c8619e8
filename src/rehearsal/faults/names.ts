/** Names that ask for another loader than the content: Keras 3 chooses by the ending alone. */

import type { RawArtefact } from '../../artefacts/raw/index.ts';
import { compareVersions, plainVersion } from '../../eras/versions.ts';
import { storedBy } from '../stored.ts';
import { holdsKeras } from './content.ts';
import { type Fault, fault } from './types.ts';

export function oddName(raw: RawArtefact): Fault | null {
  const { path, presence, hdf5, zip } = raw;
  if (presence !== 'file' || path.includes('://')) return null;
  if (zip?.members.some(({ name }) => name === 'config.json')) return oddArchive(path);
  if (!hdf5?.root || !holdsKeras(hdf5.root) || /\.(h5|hdf5)$/.test(path)) return null;
  if (path.endsWith('.keras') && !writesArchives(raw)) return null;
  const text = 'the file is HDF5, and its name does not end in .h5: Keras 3 chooses by the name and refuses it';
  return fault('filename-extension-required', text, path, hdf5.base);
}

/** Before 2.13 `model.save('m.keras')` wrote HDF5, and loaders of that time look at the content. */
function writesArchives(raw: RawArtefact): boolean {
  const { keras } = storedBy(raw);
  return keras !== null && compareVersions(plainVersion(keras), '2.13') >= 0;
}

export function oddArchive(path: string): Fault | null {
  if (path.endsWith('.keras')) return null;
  if (path.endsWith('.weights.h5')) {
    const text = 'it is a whole .keras archive under the name of a weights file';
    return fault('zip-renamed-weights-h5', text, path, 0);
  }
  return fault('filename-extension-required', 'it is a .keras archive under another name', path, 0);
}
