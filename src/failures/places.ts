/** The paths that loaders want where one beside or inside them was given: a checkpoint's prefix, a SavedModel's folder. */

import type { RawArtefact } from '../artefacts/raw/index.ts';

export interface Places {
  /** The prefix that a checkpoint's files share; null where there is none near. */
  readonly prefix: string | null;
  /** The folder that holds `saved_model.pb`, where that is another than what was given; else null. */
  readonly folder: string | null;
}

/** `artefact` is the path as it was given. */
export function placesIn(raw: RawArtefact, artefact: string): Places {
  return { prefix: prefixIn(raw, artefact), folder: folderIn(raw, artefact) };
}

function prefixIn({ checkpoint, presence, files }: RawArtefact, artefact: string): string | null {
  if (presence === 'missing') return checkpoint && artefact;
  const own = artefact.replace(oneOfCheckpoint, '');
  if (presence === 'file') return own === artefact ? null : own;
  const prefixes = files
    .filter(name => name.endsWith('.index') && !ofSavedModel.test(name))
    .map(name => name.replace(oneOfCheckpoint, ''));
  const last = prefixes.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return last === undefined ? null : joined(artefact, last);
}

/** Variables that a SavedModel keeps beside its graph: what is wanted there is the model's folder. */
const ofSavedModel = /(^|\/)variables\/variables\.index$/;

const oneOfCheckpoint = /\.(index|meta|data-\d+-of-\d+)$/;

function folderIn({ presence, files }: RawArtefact, artefact: string): string | null {
  if (/(^|[\\/])saved_model\.pb(txt)?$/.test(artefact)) return folderOf(artefact) || '.';
  if (presence !== 'folder') return null;
  const inner = files.map(name => /^(.+)\/saved_model\.pb(txt)?$/.exec(name)?.[1]).find(name => name !== undefined);
  return inner === undefined || files.includes('saved_model.pb') ? null : joined(artefact, inner);
}

function folderOf(path: string): string {
  return path.replace(/[^\\/]*$/, '').replace(/(.)[\\/]$/, '$1');
}

function joined(folder: string, name: string): string {
  return `${folder.replace(/[\\/]$/, '')}/${name}`;
}
