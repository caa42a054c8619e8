/** Opens any artefact: what it is is decided by its content, never by its name. */

import type { ByteSource } from '../bytes/source.ts';
import { isHdf5, openHdf5 } from '../containers/hdf5/index.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { customObjects, type GivenObjects } from '../layers/custom.ts';
import type { Artefact } from '../model/types.ts';
import { readKerasH5 } from './keras-h5/read.ts';
import type { Reading } from './reading.ts';

export interface OpenOptions {
  signal?: AbortSignal;
  /** The user's own layers and other objects, so that their weights are bound by name. */
  customObjects?: GivenObjects;
}

/** Opens the artefact in `source`. Throws `unknown-format` where it is none, `damaged` where nothing can be read. */
export async function openArtefact(source: ByteSource, options: OpenOptions = {}): Promise<Artefact> {
  const reading: Reading = {
    name: source.name,
    customObjects: customObjects(options.customObjects ?? []),
    signal: options.signal,
  };
  if (await isHdf5(source)) return readKerasH5(await openHdf5(source, options), reading);
  throw new LoadstoneError('unknown-format', 'it is no artefact of Keras', { where: source.name });
}
