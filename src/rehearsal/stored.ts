/** Which Keras wrote an artefact, read from where each dialect keeps it. For evidence only: loaders do not ask. */

import type { RawArtefact, RawAttribute, RawGroup } from '../artefacts/raw/index.ts';
import { lineOfVersion, tensorflowOfKeras } from '../eras/era.ts';
import { type Release, releaseOf } from '../eras/signatures/index.ts';
import { plainVersion } from '../eras/versions.ts';

export interface Stored {
  readonly keras: string | null;
  readonly backend: string | null;
}

const decoder = new TextDecoder();

export function attributeText(found: RawAttribute | undefined): string | null {
  const value = found?.values?.[0];
  return value instanceof Uint8Array ? decoder.decode(value) : null;
}

export function storedBy(raw: RawArtefact): Stored {
  const root = raw.hdf5?.root;
  if (root) return fromGroup(root);
  const metadata = raw.zip?.texts['metadata.json'];
  if (raw.text) return fromJson(decoder.decode(raw.text));
  const version = metadata && /"keras_version":\s*"([^"]+)"/.exec(decoder.decode(metadata))?.[1];
  return { keras: version ?? null, backend: null };
}

/** `to_json` writes both behind the model. */
function fromJson(text: string): Stored {
  const keras = /"keras_version":\s*"(\d[^"]+)"/.exec(text)?.[1];
  const backend = /"backend":\s*"([^"]+)"/.exec(text)?.[1];
  return { keras: keras ?? null, backend: backend ?? null };
}

/** Names of weights in the layered HDF5 layout: those of the first layers that have any. */
export function weightNamesIn(raw: RawArtefact): readonly string[] {
  const root = raw.hdf5?.root;
  const inner = root?.children.model_weights;
  const group = inner?.kind === 'group' ? inner : root;
  if (!group) return [];
  return Object.values(group.children)
    .slice(0, mostGroups)
    .flatMap(node => (node.kind === 'group' ? (node.attributes.weight_names?.values ?? []) : []))
    .flatMap(value => (value instanceof Uint8Array ? [decoder.decode(value)] : []));
}

/** Groups asked for weights' names: enough to come past layers that have none. */
const mostGroups = 64;

function fromGroup(root: RawGroup): Stored {
  const weights = root.children.model_weights;
  const groups = weights?.kind === 'group' ? [root, weights] : [root];
  const text = (name: string) =>
    groups.map(group => attributeText(group.attributes[name])).find(found => found !== null) ?? null;
  const config = attributeText(root.attributes.model_config);
  const inConfig = config && /"keras_version":\s*"(\d[^"]+)"/.exec(config)?.[1];
  return { keras: text('keras_version') ?? inConfig ?? (config ? '1' : null), backend: text('backend') };
}

/** What the release that wrote the artefact exports; null where it does not say which. */
export function releaseThatWrote(raw: RawArtefact): Release | null {
  return releasesThatMayHaveWritten(raw)[0] ?? null;
}

/** tf.keras of several releases of TensorFlow gives one version: all that the artefact may mean, the oldest first. */
export function releasesThatMayHaveWritten(raw: RawArtefact): readonly Release[] {
  const { keras } = storedBy(raw);
  const line = keras === null ? null : lineOfVersion(keras);
  if (keras === null || line === null) return [];
  if (line !== 'tf.keras') return [releaseOf(line, plainVersion(keras))];
  const meant = tensorflowOfKeras(plainVersion(keras))?.match(/\d+\.\d+(?:\.\d+)?/g) ?? ['2.8'];
  return meant.map(version => releaseOf(line, version));
}
