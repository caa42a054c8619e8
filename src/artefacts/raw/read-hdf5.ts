/**
 * The metadata tree of an HDF5 file as plain facts: every group, attribute and dataset description that Keras's loaders
 * walk over, with damage kept in place instead of thrown, and what the weights' values look like.
 */

import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import {
  type Hdf5Attribute,
  type Hdf5Dataset,
  type Hdf5File,
  type Hdf5Group,
  type Hdf5Link,
  openHdf5,
} from '../../containers/hdf5/index.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { problemFrom, problemOf } from './problem.ts';
import { readValues, valuesBudget } from './read-values.ts';
import type { RawAttribute, RawDataset, RawGroup, RawHdf5, RawNode, RawProblem } from './types.ts';

/** Keras nests weight groups some ten deep; a tree deeper than this is a loop or an attack. */
const maxDepth = 64;
/** Objects looked at in one file. The largest Keras models have some ten thousand weights. */
const maxObjects = 200_000;

interface Reading {
  readonly file: Hdf5File;
  readonly options: ReadOptions;
  readonly siblings: readonly string[];
  /** How many more objects, and bytes of values, are looked at. */
  objects: number;
  bytes: number;
}

/** Damage of an object header that libhdf5 does not read past; our own reader keeps what it could read. */
function isHeaderDamage({ severity, code }: Finding): boolean {
  return severity === 'error' && code !== 'hdf5-truncated' && code !== 'hdf5-link-lookup';
}

/** What was found wrong while something was read. */
function problemSince(reading: Reading, before: number): RawProblem | null {
  const found = reading.file.findings.slice(before).find(isHeaderDamage);
  return found ? problemOf(found) : null;
}

/** Why libhdf5 does not find a name that is there: the order of names is damaged, or a name on the way is. */
function hiddenSince({ file }: Reading, before: number): (name: string) => RawProblem | null {
  const found = file.findings.slice(before).find(({ code }) => code === 'hdf5-link-lookup');
  const { names = [], lost = [] } = (found?.facts ?? {}) as { names?: readonly string[]; lost?: readonly string[] };
  return name => {
    if (!found || !names.includes(name)) return null;
    const problem = problemOf(found);
    return lost.includes(name) ? { ...problem, code: 'hdf5-local-heap-offset' } : problem;
  };
}

/** Null where the source has no HDF5 signature. `siblings`: files beside it, which external links may lead into. */
export async function readRawHdf5(
  source: ByteSource,
  options: ReadOptions = {},
  siblings: readonly string[] = [],
): Promise<RawHdf5 | null> {
  const none = { size: source.size, root: null, storedEnd: null, base: 0 };
  try {
    const file = await openHdf5(source, options);
    const { superblock } = file;
    const truncated = file.findings.find(finding => finding.code === 'hdf5-truncated');
    const reading: Reading = { file, siblings, objects: maxObjects, bytes: valuesBudget, options };
    const damagedRoot = file.findings.find(isHeaderDamage);
    const root = await readGroup(file.root, 0, reading);
    const base = superblock.baseOffset;
    const storedEnd = superblock.endOfFile - base;
    const damaged = file.findings.find(finding => finding.code === 'hdf5-checksum' && finding.at.offset === base);
    const problem = truncated ?? damaged ?? damagedRoot;
    return { size: source.size, problem: problem ? problemOf(problem) : null, root, storedEnd, base };
  } catch (error) {
    if (isLoadstoneError(error, 'unknown-format')) return null;
    return { ...none, problem: problemFrom(error) };
  }
}

async function readGroup(group: Hdf5Group, depth: number, reading: Reading): Promise<RawGroup> {
  const { attributes, attributeProblem } = await readAttributes(group, reading);
  const children: Record<string, RawNode> = Object.create(null);
  let childProblem: RawProblem | null = null;
  try {
    const before = reading.file.findings.length;
    const links = await group.links(reading.options);
    childProblem = problemSince(reading, before);
    const hidden = hiddenSince(reading, before);
    for (const link of links) {
      reading.objects -= 1;
      if (depth >= maxDepth || reading.objects <= 0) break;
      const problem = hidden(link.name);
      children[link.name] = problem
        ? { kind: 'damaged', path: pathOf(group, link), problem }
        : await readLink(group, link, depth, reading);
    }
  } catch (error) {
    childProblem = problemFrom(error);
  }
  return { kind: 'group', path: group.path, attributes, attributeProblem, children, childProblem };
}

/** Attributes that loaders ask for by name, to tell those that are there and cannot be read. */
const asked = ['model_config', 'training_config', 'keras_version', 'backend', 'layer_names', 'weight_names'];

async function readAttributes(
  group: Hdf5Group,
  { file, options }: Reading,
): Promise<Pick<RawGroup, 'attributes' | 'attributeProblem'>> {
  const attributes: Record<string, RawAttribute> = Object.create(null);
  const before = file.findings.length;
  try {
    for (const [name, attribute] of await group.attributes(options)) attributes[name] = readAttribute(attribute);
  } catch (error) {
    return { attributes, attributeProblem: problemFrom(error) };
  }
  const met = file.findings.slice(before).filter(isHeaderDamage);
  if (met.length === 0) return { attributes, attributeProblem: null };
  for (const name of asked) {
    const problem = attributes[name] ? null : await attributeProblemOf(group, name, options);
    if (problem)
      attributes[name] = {
        values: null,
        scalar: true,
        variable: true,
        utf8: true,
        problem,
        offset: problem.offset ?? 0,
      };
  }
  const header = met.find(({ code }) => !code.startsWith('hdf5-global-heap') && code !== 'hdf5-outside-file');
  return { attributes, attributeProblem: header ? problemOf(header) : null };
}

/** Why an attribute that is there cannot be read. */
async function attributeProblemOf(group: Hdf5Group, name: string, options: ReadOptions): Promise<RawProblem | null> {
  try {
    await group.attribute(name, options);
    return null;
  } catch (error) {
    return problemFrom(error);
  }
}

function pathOf(group: Hdf5Group, link: Hdf5Link): string {
  return `${group.path === '/' ? '' : group.path}/${link.name}`;
}

async function readLink(group: Hdf5Group, link: Hdf5Link, depth: number, reading: Reading): Promise<RawNode> {
  const path = pathOf(group, link);
  if (link.kind === 'soft') return { kind: 'soft-link', path, target: link.target, file: null, present: false };
  if (link.kind === 'external') {
    const present = reading.siblings.includes(link.file);
    return { kind: 'external-link', path, target: link.target, file: link.file, present };
  }
  try {
    const before = reading.file.findings.length;
    const object = await group.get(link.name.includes('/') ? path : link.name, reading.options);
    const problem = problemSince(reading, before);
    if (problem) return { kind: 'damaged', path, problem };
    if (object?.kind === 'group') return await readGroup(object, depth + 1, reading);
    if (object?.kind === 'dataset')
      return { ...readDataset(object), ...(await readValues(object, reading, reading.options)) };
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
    external: layout.kind === 'external' ? layout.files : [],
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
