/**
 * How loaders get at groups and datasets of a weights file. Keras 3 looks before it takes from 3.12.1 on: no links, no
 * data that lie elsewhere (`safe_get_h5_group`, `safe_get_h5_dataset` in saving/saving_lib.py).
 */

import { greatestPlausible, type RawDataset, type RawGroup, type RawNode } from '../../artefacts/raw/index.ts';
import { child, contains, readDataset } from '../h5py.ts';
import { evidence, raise } from '../python/exception.ts';
import { reprString } from '../python/repr.ts';
import { differs, type Run, since } from '../run.ts';

/** Whether weights by path are taken with care. */
export function storesSafely(run: Run): boolean {
  return (
    run.environment.line === 'keras3' &&
    (since(run, '3.12.1', '3.13') || since(run, '3.13.2', '3.14') || since(run, '3.14.1'))
  );
}

/** Whether HDF5 files of Keras 2's layout are. */
export function readsLegacySafely(run: Run): boolean {
  return run.environment.line === 'keras3' && (since(run, '3.12.2', '3.13') || since(run, '3.14.1'));
}

/** `group[name]` with care. */
export function safeChild(run: Run, group: RawGroup, name: string): RawNode {
  const parts = name.split('/').filter(Boolean);
  let node: RawNode = group;
  for (const [index, part] of parts.entries()) {
    if (node.kind !== 'group') return node;
    if (!contains(run, node, part))
      raiseMissing(name, index === parts.length - 1 ? part : parts.slice(0, -1).join('/'));
    const next: RawNode = node.children[part]!;
    if (next.kind === 'external-link' || next.kind === 'soft-link') refuseLink(next.kind, next.path);
    node = child(run, node, part);
  }
  if (node.kind === 'dataset') refuseElsewhere(node);
  return node;
}

function raiseMissing(name: string, key: string): never {
  raise('KeyError', reprString(key), {
    failure: 'weights-missing-in-file',
    evidence: evidence(`"${name}" does not exist in the file`, name),
  });
}

export function refuseLink(kind: 'soft-link' | 'external-link', path: string): never {
  raise('ValueError', `Not allowed: H5 file with ${kind === 'soft-link' ? 'SoftLink' : 'ExternalLink'}`, {
    failure: 'hdf5-external-link',
    evidence: evidence('a link stands where the weights should be', path),
  });
}

function refuseElsewhere({ external, virtual, path }: RawDataset): void {
  if (external.length === 0 && !virtual) return;
  const listed = external.map(({ name, offset, length }) => `('${name}', ${offset}, ${length})`).join(', ');
  const text = virtual
    ? 'Not allowed: H5 file with virtual Dataset'
    : `Not allowed: H5 file with external Dataset: [${listed}]`;
  raise('ValueError', text, elsewhere(external, path));
}

function elsewhere(external: RawDataset['external'], path: string) {
  const where = external.map(({ name }) => name).join(', ') || 'other datasets';
  return { failure: 'hdf5-external-storage', evidence: evidence(`the values lie not here but in ${where}`, path) };
}

/** Values on their way into a variable: any number is taken, and some make the model another one. */
export function takeValues(run: Run, dataset: RawDataset, variable: string): void {
  readDataset(run, dataset);
  const { external, path, values, shape } = dataset;
  const silent = (text: string, offset: number | null, failure: string) =>
    differs(run, failure, { text, where: path, offset });
  if (external.length > 0) {
    const { failure, evidence: seen } = elsewhere(external, path);
    return differs(run, failure, seen);
  }
  if (!values) return;
  const { nan, infinite, largest, count, zeros, implausibleAt } = values;
  if (largest > greatestPlausible) {
    const text = `a value of ${largest.toExponential(1)} among ${count}: bytes were overwritten`;
    return silent(text, implausibleAt, 'truncated-or-corrupt');
  }
  if (nan > 0) return silent(`${nan} of ${count} values are NaN`, implausibleAt, 'nan-weights');
  if (infinite > 0) return silent(`${infinite} of ${count} values are infinite`, implausibleAt, 'inf-weights');
  if (zeros === count && (shape?.length ?? 0) >= 2 && /kernel|embedding/.test(variable)) {
    silent(`all ${count} values are zero`, dataset.offset, 'zeroed-weights');
  }
}

/** A variable of another shape: text in its place, or a size that the file has no room for, is damage. */
export function shapeFailure(run: Run, { dtype, shape, length }: RawDataset): string {
  if (!/^(float|bfloat|int|uint|bool)/.test(dtype)) return 'truncated-or-corrupt';
  const values = (shape ?? []).reduce((product, size) => product * size, 1);
  const room = Math.max(run.raw.size, length) * 8;
  return values > room ? 'truncated-or-corrupt' : 'architecture-mismatch-shape';
}
