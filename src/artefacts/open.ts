/** Opens any artefact: what it is is decided by its content, never by its name. */

import { cachedSource } from '../bytes/cache.ts';
import { type Folder, subfolder } from '../bytes/folder.ts';
import type { ByteSource } from '../bytes/source.ts';
import { type Hdf5File, isHdf5, openHdf5 } from '../containers/hdf5/index.ts';
import { isZip, openZip } from '../containers/zip/index.ts';
import type { Finding } from '../findings/finding.ts';
import { customObjects, type GivenObjects } from '../layers/custom.ts';
import type { Artefact } from '../model/types.ts';
import { readArchitecture } from './architecture.ts';
import { readKeras0Weights } from './keras-h5/keras0.ts';
import { readKerasH5 } from './keras-h5/read.ts';
import { readKerasV3, readV3Weights } from './keras-v3/read.ts';
import type { Reading } from './reading.ts';
import { sniff, unknown } from './sniff.ts';
import { type ZipFolder, zipFolder } from './zip-folder.ts';

export interface OpenOptions {
  signal?: AbortSignal;
  /** The user's own layers and other objects, so that their weights are bound by name. */
  customObjects?: GivenObjects;
  /** The folder in which a file lies, for artefacts of several files (shards of weights, TensorFlow.js). */
  beside?: Folder;
}

/**
 * Opens the artefact in a file or a folder. Reads what describes it, no weights; those are read when asked for.
 * What is given is the artefact's from then on: closed with it, or at once where this throws.
 * Throws `unknown-format` where it is none, naming what it is, and `damaged` where nothing of it can be read.
 */
export async function openArtefact(given: ByteSource | Folder, options: OpenOptions = {}): Promise<Artefact> {
  const reading = readingOf(given.name, options);
  try {
    return await ('list' in given ? openFolder(given, reading) : openFile(given, reading));
  } catch (error) {
    await given.close?.();
    throw error;
  }
}

/**
 * Opens the checkpoint of that prefix in a folder: `weights` for `weights.index` and `weights.data-00000-of-00001`.
 * Throws `not-found` where there is none, `damaged` where its index cannot be read.
 */
export async function openCheckpoint(folder: Folder, prefix: string, options: OpenOptions = {}): Promise<Artefact> {
  const { readCheckpoint } = await import('./checkpoint/read.ts');
  return readCheckpoint(folder, prefix, readingOf(`${folder.name}/${prefix}`, options));
}

function readingOf(name: string, options: OpenOptions): Reading {
  return {
    name,
    customObjects: customObjects(options.customObjects ?? []),
    beside: options.beside ?? null,
    signal: options.signal,
  };
}

async function openFile(source: ByteSource, reading: Reading): Promise<Artefact> {
  const tensorflow = await openTensorFlowFile(source, reading);
  if (tensorflow) return tensorflow;
  const kind = await sniff(cachedSource(source), reading);
  if (kind === 'hdf5') return openHdf5Artefact(await openHdf5(source, reading), reading);
  if (kind === 'zip') return openArchive(source, reading);
  return readArchitecture(source, kind, reading);
}

/** One of the files that TensorFlow writes; null for the containers of Keras and for all else. */
async function openTensorFlowFile(source: ByteSource, reading: Reading): Promise<Artefact | null> {
  const cached = cachedSource(source);
  // An archive is looked for first: HDF5 may begin in many places, each of them a request.
  if (source.size === 0 || (await isZip(cached)) || (await isHdf5(cached))) return null;
  const { readTensorFlowFile } = await import('./tensorflow-file.ts');
  return readTensorFlowFile(source, reading);
}

/** A whole legacy model, legacy weights, or weights of the v3 layout; told by what lies at the root. */
async function openHdf5Artefact(file: Hdf5File, reading: Reading): Promise<Artefact> {
  const attributes = await file.root.attributes(reading);
  const names = await file.root.names(reading);
  const legacy = ['model_config', 'model_config0', 'layer_names', 'layer_names0'].some(name => attributes.has(name));
  if (legacy || names.includes('model_weights')) return readKerasH5(file, reading);
  if (attributes.has('nb_layers') || names.includes('layer_0') || names.includes('graph')) {
    const old = await readKeras0Weights(file, reading);
    if (old) return old;
  }
  const v3 = ['layers', '_layer_checkpoint_dependencies', 'vars', 'optimizer', '_functional'].some(name =>
    names.includes(name),
  );
  if (v3 || (await holdsVariables(file, names, reading))) return readV3Weights(file, reading);
  const held =
    names.length === 0
      ? 'nothing'
      : names
          .slice(0, 5)
          .map(name => `"${name}"`)
          .join(', ');
  throw unknown(
    file.source,
    `it is an HDF5 file that Keras did not write: it holds ${held}`,
    "Give the model; this is data, or another program's.",
  );
}

/** Subclassed models keep their layers by attribute: somewhere below is a group of variables. */
async function holdsVariables(file: Hdf5File, names: readonly string[], reading: Reading): Promise<boolean> {
  await file.prefetch('/', reading);
  const pending = names.map(name => ({ path: name, depth: 0 }));
  for (let next = pending.shift(), seen = 0; next && seen < 1000; next = pending.shift(), seen += 1) {
    const object = await file.get(`/${next.path}`, reading).catch(() => null);
    if (object?.kind !== 'group') continue;
    const inside = await object.names(reading).catch((): string[] => []);
    if (inside.includes('vars')) return true;
    if (next.depth < 8) pending.push(...inside.map(name => ({ path: `${next.path}/${name}`, depth: next.depth + 1 })));
  }
  return false;
}

async function openArchive(source: ByteSource, reading: Reading): Promise<Artefact> {
  // Directory and texts come through a cache; large weights bypass it, since their reader has one of its own.
  const zip = await openZip(cachedSource(source), reading);
  const names = zip.members.map(member => member.name);
  const folder = zipFolder(zip, source, reading);
  if (names.includes('config.json') || names.includes('model.weights.h5') || names.includes('metadata.json')) {
    return readKerasV3(folder, zip.findings, reading);
  }
  const nested = names.find(
    name => /\/config\.json$/.test(name) && names.includes(name.replace('config.json', 'model.weights.h5')),
  );
  if (nested !== undefined) return openNestedArchive(folder, nested.replace('/config.json', ''), zip.findings, reading);
  const graph = names.find(name => /(^|\/)saved_model\.pb$/.test(name));
  if (graph !== undefined)
    return openZippedSavedModel(folder, graph.replace(/\/?saved_model\.pb$/, ''), zip.findings, reading);
  if (names.some(name => /(^|\/)data\.pkl$/.test(name))) {
    throw unknown(source, 'it is a PyTorch checkpoint', 'Load it with torch.load; it holds no Keras model.');
  }
  if (names.every(name => name.endsWith('.npy'))) {
    throw unknown(source, 'it is an archive of NumPy arrays (.npz)', 'Give the model; this is data for it.');
  }
  const inner = names.find(name => /\.(h5|hdf5|keras)$/.test(name));
  const advice =
    inner === undefined
      ? 'Give the model; this archive holds none.'
      : `Unpack it first; the model seems to be "${inner}".`;
  throw unknown(source, 'it is a zip archive that Keras did not write', advice);
}

/** Someone packed the unzipped folder again, and the folder with it. */
async function openNestedArchive(
  folder: ZipFolder,
  path: string,
  met: readonly Finding[],
  reading: Reading,
): Promise<Artefact> {
  const inner = { ...subfolder(folder, path), findings: folder.findings, close: () => folder.close() };
  const what = `the model lies in the folder "${path}" of the archive, where Keras does not look: pack its contents without the folder`;
  const nested: Finding = { code: 'archive-nested-folder', severity: 'error', what, at: { path } };
  return readKerasV3(inner, [...met, nested], reading);
}

async function openZippedSavedModel(
  folder: Folder,
  path: string,
  met: readonly Finding[],
  reading: Reading,
): Promise<Artefact> {
  const { readSavedModel } = await import('./saved-model/read.ts');
  const artefact = await readSavedModel(subfolder(folder, path), reading);
  const what = 'the SavedModel is packed in an archive: unpack it before TensorFlow can load it';
  const packed: Finding = { code: 'saved-model-zipped', severity: 'warning', what, at: { path } };
  return { ...artefact, findings: [...met, packed, ...artefact.findings], close: () => folder.close() };
}

async function openFolder(folder: Folder, reading: Reading): Promise<Artefact> {
  if ((await folder.file('saved_model.pb')) || (await folder.file('variables/variables.index'))) {
    const { readSavedModel } = await import('./saved-model/read.ts');
    return readSavedModel(folder, reading);
  }
  if (await folder.file('config.json')) return readKerasV3(folder, [], reading);
  const model = await folder.file('model.json');
  if (model) return readArchitecture(model, 'json', { ...reading, beside: folder });
  const names = (await folder.list()) ?? [];
  const { latestPrefix, readCheckpoint } = await import('./checkpoint/read.ts');
  const prefix = (await latestPrefix(folder)) ?? onlyPrefix(names);
  // Without its index as well: what is missing is then said of it.
  if (prefix !== null && names.some(name => isPartOf(prefix, name))) return readCheckpoint(folder, prefix, reading);
  const inside =
    names.find(name => /(^|\/)saved_model\.pb$/.test(name)) ??
    names.find(name => /\.(h5|keras|hdf5|index)$/.test(name));
  const advice = inside === undefined ? 'Give the file or folder of a model.' : `It holds "${inside}": give that.`;
  throw unknown(folder, 'the folder is no artefact of Keras: no saved_model.pb and no config.json lies in it', advice);
}

const checkpointPart = /^([^/]+)\.(?:index|data-\d{5}-of-\d{5})$/;

function isPartOf(prefix: string, name: string): boolean {
  return checkpointPart.exec(name)?.[1] === prefix;
}

/** The prefix of the one checkpoint that lies right in a folder, whatever of it is there. */
function onlyPrefix(names: readonly string[]): string | null {
  const indexes = names.filter(name => name.endsWith('.index'));
  const parts = indexes.length > 0 ? indexes : names;
  const prefixes = new Set(parts.flatMap(name => checkpointPart.exec(name)?.[1] ?? []));
  return prefixes.size === 1 ? [...prefixes][0]! : null;
}
