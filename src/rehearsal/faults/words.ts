/** Arguments in a config that the release which wrote it does not have: somebody edited it. */

import type { RawArtefact } from '../../artefacts/raw/index.ts';
import { lineOfVersion } from '../../eras/era.ts';
import { firstToTake } from '../../eras/signatures/arguments.ts';
import type { Release } from '../../eras/signatures/index.ts';
import { compareVersions } from '../../eras/versions.ts';
import type { Line } from '../../model/types.ts';
import { parsedConfig } from '../infer-raw.ts';
import { releasesThatMayHaveWritten, storedBy } from '../stored.ts';
import { type Fault, fault } from './types.ts';
import { eachObject } from './walk.ts';

/** Read by all loaders, whether or not a constructor names them. */
export const everywhere: ReadonlySet<string> = new Set([
  'batch_input_shape',
  'batch_shape',
  'input_shape',
  'input_dtype',
  'name',
  'trainable',
  'weights',
  'dtype',
  'quantization_config',
]);

export function foreignKey(raw: RawArtefact): Fault | null {
  const writers = releasesThatMayHaveWritten(raw);
  const line = lineOfVersion(storedBy(raw).keras ?? '');
  // Constructors of Keras 1 leave much to their bases.
  if (writers.length === 0 || line === null || line === 'keras1') return null;
  for (const { className, config, where, isLayer } of eachObject(parsedConfig(raw))) {
    if (!isLayer) continue;
    const key = Object.keys(config).find(name => writers.every(release => isForeignTo(release, line, className, name)));
    if (key === undefined) continue;
    const text = `${className} has an argument "${key}", which the Keras that wrote the file (${storedBy(raw).keras}) does not know`;
    return fault('unknown-config-key', text, where);
  }
  return null;
}

/**
 * True where another release takes that argument, and none of this line up to this one does. What no release takes may
 * still be written: some classes store more than their constructors ask for.
 */
export function isForeignTo(writer: Release, line: Line, className: string, key: string): boolean {
  if (everywhere.has(key) || !writer.classAt('layers', className)?.parameters) return false;
  const first = firstToTake(className, key);
  const own = first.get(line === 'tf_keras' ? 'tf.keras' : line);
  if (first.size === 0 || (own !== undefined && compareVersions(own, writer.version) <= 0)) return false;
  const { inherited } = writer.classAt('layers', className)!;
  return ![...inherited, ...(writer.baseKeywords('layer') ?? [])].includes(key);
}
