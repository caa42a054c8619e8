/** What stands at a path at which no file stands, or in a folder without a model: the parts of a checkpoint, or nothing. */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import { type Evidence, evidence } from './python/exception.ts';

interface Told {
  readonly failure: string;
  readonly evidence: Evidence;
}

/** For a path at which nothing lies: the prefix of a checkpoint, whole or not, the start of one's name, or no file at all. */
export function missingPath(raw: RawArtefact): Told {
  const { path, files } = raw;
  const name = path.split(/[\\/]/).pop() ?? path;
  const prefixes = prefixesOf(files);
  if (prefixes.includes(name)) return toldOf(raw, name, 'it is the prefix of a TensorFlow checkpoint');
  const [other] = prefixes;
  if (other === undefined)
    return { failure: 'file-not-found-path', evidence: evidence('there is nothing at that path', path) };
  const text = `there is no ${name}.index; ${other}.index lies beside it, whose prefix is ${other}`;
  return { failure: 'wrong-path', evidence: evidence(text, path) };
}

/** For a folder that holds a checkpoint and no model; null for any other. */
export function folderOfCheckpoint(raw: RawArtefact): Told | null {
  const [prefix] = raw.presence === 'folder' && !raw.savedModel ? prefixesOf(raw.files) : [];
  return prefix === undefined ? null : toldOf(raw, prefix, `the folder holds a TensorFlow checkpoint, ${prefix}`);
}

/** What files share that are named as those of a checkpoint are. */
function prefixesOf(files: readonly string[]): string[] {
  const parts = files.flatMap(name => /^([^/]+)\.(?:index|data-\d{5}-of-\d{5})$/.exec(name)?.[1] ?? []);
  return [...new Set(parts)];
}

/** What is missing of a checkpoint; where nothing is, that it is one. */
function toldOf({ files, checkpoint, path }: RawArtefact, prefix: string, isOne: string): Told {
  const missing = (text: string) => ({ failure: 'checkpoint-missing-files', evidence: evidence(text, path) });
  if (!files.includes(`${prefix}.index`)) return missing(`${prefix}.index is missing: it says where each value lies`);
  const lost = checkpoint?.shards.find(({ size }) => size === null)?.name;
  if (lost !== undefined) return missing(`${lost} is missing: it holds the values`);
  if (!files.some(name => name.startsWith(`${prefix}.data-`)))
    return missing(`${prefix}.data-00000-of-00001 is missing: it holds the values`);
  return { failure: 'checkpoint-wrong-name', evidence: evidence(`${isOne}, which has no architecture`, path) };
}
