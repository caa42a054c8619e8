/** The file's side of weights in the layered HDF5 layout: `layer_names`, each layer's group, `weight_names`, datasets. */

import type { RawAttribute, RawDataset, RawGroup, RawLink } from '../../artefacts/raw/index.ts';
import { attribute, type child, decode, h5Strings } from '../h5py.ts';
import { raise } from '../python/exception.ts';
import type { Run } from '../run.ts';

export interface SavedWeight {
  readonly name: string;
  /** A link into another file, whose content is not known, stands for a dataset that fits. */
  readonly dataset: RawDataset | RawLink;
}

/** Null for what lies in another file. */
export function shapeOf({ dataset }: SavedWeight): readonly number[] | null {
  return dataset.kind === 'dataset' ? (dataset.shape ?? []) : null;
}

export interface SavedLayer {
  readonly name: string;
  readonly weights: readonly SavedWeight[];
}

/** How this line reads names: whether it decodes what is text already, and what a missing attribute does. */
export interface NameReading {
  readonly alwaysDecode: boolean;
  readonly missing: (group: RawGroup, name: string) => string[];
  /** `group[name]` in this line's words. */
  readonly child: typeof child;
}

/** An array attribute, whole or split into `name0`, `name1`, … */
export function names(run: Run, group: RawGroup, name: string, reading: NameReading): string[] {
  const whole = attribute(run, group, name);
  if (whole) return strings(run, whole, name, reading);
  const parts: string[] = [];
  for (let index = 0; ; index += 1) {
    const part = group.attributes[`${name}${index}`];
    if (!part) break;
    parts.push(...strings(run, part, name, reading));
  }
  return parts.length > 0 ? parts : reading.missing(group, name);
}

function strings(run: Run, found: RawAttribute, name: string, reading: NameReading): string[] {
  return h5Strings(run, found).map(value => decode(run, value, reading.alwaysDecode, name));
}

/** Layers of the file that have weights, in the file's order. */
export function savedLayers(
  run: Run,
  group: RawGroup,
  reading: NameReading,
): { name: string; group: RawGroup; weightNames: string[] }[] {
  return names(run, group, 'layer_names', reading).flatMap(name => {
    const found = asGroup(run, reading.child(run, group, name), name);
    const weightNames = names(run, found, 'weight_names', reading);
    return weightNames.length > 0 ? [{ name, group: found, weightNames }] : [];
  });
}

export function asGroup(run: Run, node: ReturnType<typeof child>, name: string): RawGroup {
  if (node.kind === 'group') return node;
  if (node.kind === 'dataset') raise('AttributeError', "'Dataset' object has no attribute 'attrs'");
  void run;
  return { kind: 'group', path: name, attributes: {}, attributeProblem: null, children: {}, childProblem: null };
}

/** Opens the datasets of one layer. */
export function openWeights(
  run: Run,
  group: RawGroup,
  weightNames: readonly string[],
  reading: NameReading,
): SavedWeight[] {
  return weightNames.flatMap(name => {
    const found = reading.child(run, group, name);
    return found.kind === 'dataset' || found.kind === 'external-link' ? [{ name, dataset: found }] : [];
  });
}
