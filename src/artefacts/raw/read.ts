/** Gathers an artefact's raw facts from a file, a folder, or the want of both. */

import type { Folder } from '../../bytes/folder.ts';
import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import { readRawCheckpoint } from './read-checkpoint.ts';
import { readRawHdf5 } from './read-hdf5.ts';
import { readRawSavedModel } from './read-saved-model.ts';
import { readRawZip } from './read-zip.ts';
import type { RawArtefact } from './types.ts';

/** Where an artefact is to be found. `beside` answers for the files next to it (checkpoint shards, sidecars). */
export type RawPlace =
  | { readonly kind: 'file'; readonly path: string; readonly source: ByteSource; readonly beside?: Folder }
  | { readonly kind: 'folder'; readonly path: string; readonly folder: Folder }
  | { readonly kind: 'missing'; readonly path: string; readonly beside?: Folder; readonly nearby?: readonly string[] };

/** Architectures as text are some hundred kilobytes; beyond this it is no architecture. */
const maxText = 64 << 20;

/** Enough to see what stands before or in place of a signature. */
const headSize = 4096;

/** Reads the facts. Throws only errors of the medium and aborts. */
export async function readRawArtefact(place: RawPlace, options: ReadOptions = {}): Promise<RawArtefact> {
  const none: RawArtefact = {
    path: place.path,
    presence: place.kind,
    size: 0,
    head: new Uint8Array(0),
    hdf5: null,
    zip: null,
    text: null,
    files: [],
    savedModel: null,
    checkpoint: null,
    unzipped: null,
    nearby: [],
    findings: [],
  };
  if (place.kind === 'missing') {
    const files = await prefixed(place.beside, place.path);
    const prefix = place.path.split(/[\\/]/).pop() ?? '';
    const checkpoint = place.beside && files.length > 0 ? await readRawCheckpoint(place.beside, prefix, options) : null;
    return { ...none, files, checkpoint, nearby: place.nearby ?? [] };
  }
  if (place.kind === 'folder') return { ...none, ...(await readFolder(place.folder, options)) };
  const { source } = place;
  const head = await source.read(0, Math.min(headSize, source.size), options);
  const hdf5 = await readRawHdf5(source, options, (await place.beside?.list()) ?? []);
  // A member of an archive may lie where a user block would put HDF5's signature: then the file is both.
  const zip = hdf5?.base === 0 ? null : await readRawZip(source, options);
  const plain = !hdf5 && !zip && source.size <= maxText;
  const text = plain && !head.includes(0) ? await source.read(0, source.size, options) : null;
  return { ...none, size: source.size, head, hdf5, zip, text, files: await prefixed(place.beside, place.path) };
}

async function prefixed(folder: Folder | undefined, path: string): Promise<readonly string[]> {
  const base = path.split(/[\\/]/).pop() ?? '';
  const names = (await folder?.list()) ?? [];
  return names.filter(name => !name.includes('/') && name.startsWith(base));
}

/** What a folder of a saved model may hold: asked for one by one where the medium lists nothing (a URL). */
const usualFiles = [
  'saved_model.pb',
  'saved_model.pbtxt',
  'keras_metadata.pb',
  'fingerprint.pb',
  'variables/variables.index',
  'variables/variables.data-00000-of-00001',
  'config.json',
  'metadata.json',
  'model.weights.h5',
];

async function probed(folder: Folder): Promise<string[]> {
  const found = await Promise.all(usualFiles.map(name => folder.file(name)));
  return usualFiles.filter((_, index) => found[index] !== null);
}

async function readFolder(folder: Folder, options: ReadOptions): Promise<Partial<RawArtefact>> {
  const files = (await folder.list()) ?? (await probed(folder));
  const savedModel = await readRawSavedModel(folder, files, options);
  const config = files.includes('config.json') ? await folder.file('config.json') : null;
  if (!config) return { files, savedModel };
  const weights = await folder.file('model.weights.h5');
  const bytes = await config.read(0, Math.min(config.size, maxText), options);
  return {
    files,
    savedModel,
    unzipped: { config: bytes, weights: weights ? await readRawHdf5(weights, options) : null },
  };
}
