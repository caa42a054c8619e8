/** Walks over raw facts: the groups and datasets of HDF5, the objects of a config. */

import type { RawArtefact, RawDataset, RawGroup, RawLink, RawNode } from '../../artefacts/raw/index.ts';
import type { Json } from '../../model/types.ts';

/** The root of the weights, whichever file holds it. */
export function weightsRoot({ hdf5, zip, unzipped }: RawArtefact): RawGroup | null {
  return hdf5?.root ?? zip?.weights?.root ?? unzipped?.weights?.root ?? null;
}

export function* eachDataset(node: RawNode): Generator<RawDataset> {
  if (node.kind === 'dataset') yield node;
  else if (node.kind === 'group') for (const child of Object.values(node.children)) yield* eachDataset(child);
}

export function* eachLink(node: RawNode): Generator<RawLink> {
  if (node.kind === 'soft-link' || node.kind === 'external-link') yield node;
  else if (node.kind === 'group') for (const child of Object.values(node.children)) yield* eachLink(child);
}

/** `{class_name, config}` somewhere in a config. */
export interface ConfigObject {
  readonly className: string;
  readonly config: { readonly [key: string]: Json };
  /** Pointer into the config. */
  readonly where: string;
  /** It stands in a model's list of layers. */
  readonly isLayer: boolean;
}

export function* eachObject(value: Json, where = '', isLayer = false): Generator<ConfigObject> {
  if (Array.isArray(value)) {
    const layers = where.endsWith('/layers');
    for (const [index, item] of value.entries()) yield* eachObject(item, `${where}/${index}`, layers);
  } else if (typeof value === 'object' && value !== null) {
    const { class_name: className, config } = value as { readonly [key: string]: Json };
    if (typeof className === 'string' && isObject(config)) yield { className, config, where, isLayer };
    for (const [key, item] of Object.entries(value)) yield* eachObject(item as Json, `${where}/${key}`);
  }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
