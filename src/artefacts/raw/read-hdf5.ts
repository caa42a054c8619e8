/**
 * The metadata tree of an HDF5 file as plain facts: every group, attribute and dataset description that Keras's loaders
 * walk over, with damage kept in place instead of thrown. Reads no dataset's values.
 */

import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import {
  type Hdf5Attribute,
  type Hdf5Dataset,
  type Hdf5Group,
  type Hdf5Link,
  openHdf5,
} from '../../containers/hdf5/index.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { RawAttribute, RawDataset, RawGroup, RawHdf5, RawNode, RawProblem } from './types.ts';

/** Keras nests weight groups some ten deep; a tree deeper than this is a loop or an attack. */
const maxDepth = 64;
/** Objects looked at in one file. The largest Keras models have some ten thousand weights. */
const maxObjects = 200_000;

/** Null where the source has no HDF5 signature. */
export async function readRawHdf5(source: ByteSource, options: ReadOptions = {}): Promise<RawHdf5 | null> {
  const none = { size: source.size, root: null, storedEnd: null, base: 0 };
  try {
    const file = await openHdf5(source, options);
    const { superblock } = file;
    const truncated = file.findings.find(finding => finding.code === 'hdf5-truncated');
    const budget = { objects: maxObjects };
    const root = await readGroup(file.root, 0, budget, options);
    const base = superblock.baseOffset;
    const storedEnd = superblock.endOfFile - base;
    const damaged = file.findings.find(finding => finding.code === 'hdf5-checksum' && finding.at.offset === base);
    const problem = truncated ?? damaged;
    return { size: source.size, problem: problem ? problemOf(problem) : null, root, storedEnd, base };
  } catch (error) {
    if (isLoadstoneError(error, 'unknown-format')) return null;
    return { ...none, problem: problemFrom(error) };
  }
}

/** The fact that a caught error stands for. Errors of the medium and aborts are thrown again. */
export function problemFrom(error: unknown): RawProblem {
  if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
  const finding = error.cause as Partial<Finding> | undefined;
  if (finding?.code && finding.at) return problemOf(finding as Finding);
  return { code: error.code, what: error.what, offset: error.offset ?? null, facts: null };
}

export function problemOf(finding: Finding): RawProblem {
  return { code: finding.code, what: finding.what, offset: finding.at.offset ?? null, facts: finding.facts ?? null };
}

async function readGroup(
  group: Hdf5Group,
  depth: number,
  budget: { objects: number },
  options: ReadOptions,
): Promise<RawGroup> {
  const attributes: Record<string, RawAttribute> = Object.create(null);
  let attributeProblem: RawProblem | null = null;
  try {
    for (const [name, attribute] of await group.attributes(options)) attributes[name] = readAttribute(attribute);
  } catch (error) {
    attributeProblem = problemFrom(error);
  }
  const children: Record<string, RawNode> = Object.create(null);
  let childProblem: RawProblem | null = null;
  try {
    for (const link of await group.links(options)) {
      budget.objects -= 1;
      if (depth < maxDepth && budget.objects > 0)
        children[link.name] = await readLink(group, link, depth, budget, options);
    }
  } catch (error) {
    childProblem = problemFrom(error);
  }
  return { kind: 'group', path: group.path, attributes, attributeProblem, children, childProblem };
}

async function readLink(
  group: Hdf5Group,
  link: Hdf5Link,
  depth: number,
  budget: { objects: number },
  options: ReadOptions,
): Promise<RawNode> {
  const path = `${group.path === '/' ? '' : group.path}/${link.name}`;
  if (link.kind === 'soft') return { kind: 'soft-link', path, target: link.target, file: null };
  if (link.kind === 'external') return { kind: 'external-link', path, target: link.target, file: link.file };
  try {
    const object = await group.get(link.name.includes('/') ? path : link.name, options);
    if (object?.kind === 'group') return await readGroup(object, depth + 1, budget, options);
    if (object?.kind === 'dataset') return readDataset(object);
    return {
      kind: 'damaged',
      path,
      problem: { code: 'hdf5-not-an-object', what: 'it is neither group nor dataset', offset: null, facts: null },
    };
  } catch (error) {
    return { kind: 'damaged', path, problem: problemFrom(error) };
  }
}

function readDataset(dataset: Hdf5Dataset): RawDataset {
  const plain = dataset.byteRange();
  const { layout, datatype } = dataset;
  return {
    kind: 'dataset',
    path: dataset.path,
    shape: dataset.shape,
    dtype: dataset.dtype ?? datatype.class,
    offset: plain?.offset ?? null,
    length: dataset.byteLength,
    external: layout.kind === 'external' ? layout.files.map(file => file.name) : [],
    virtual: layout.kind === 'virtual',
    problem: null,
    values: null,
  };
}

const encoder = new TextEncoder();

function readAttribute(attribute: Hdf5Attribute): RawAttribute {
  const { value, rawStrings, datatype, offset } = attribute;
  const variable = datatype.class === 'variable-string';
  const utf8 = 'charset' in datatype && datatype.charset === 'utf-8';
  const facts = { variable, utf8, offset, problem: null };
  if (rawStrings) return { ...facts, values: rawStrings, scalar: !Array.isArray(value) };
  if (typeof value === 'string') return { ...facts, values: [encoder.encode(value)], scalar: true };
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return { ...facts, values: [Number(value)], scalar: true };
  if (Array.isArray(value)) return { ...facts, values: value.map(text => encoder.encode(text)), scalar: false };
  const empty = attribute.shape?.includes(0) ?? false;
  return { ...facts, values: empty ? [] : null, scalar: attribute.shape?.length === 0 };
}
