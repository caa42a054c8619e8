/**
 * HDF5 files by ranges: opens a byte source, finds the superblock and hands out groups, datasets and attributes that
 * are read when asked for. Written from the HDF5 File Format Specification, versions 2 and 3.
 */

import { cachedSource } from '../../bytes/cache.ts';
import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import { type Context, findingFrom, within } from './context.ts';
import { standardFilters } from './filters/index.ts';
import { openGroup } from './group.ts';
import { defaultLimits } from './limits.ts';
import { messageTypes, type ObjectHeader } from './object-header.ts';
import { openObject } from './objects.ts';
import { prefetchBelow } from './prefetch.ts';
import { checkEnd, findSignature, notHdf5, readSuperblock, type SuperblockRead } from './superblock.ts';
import type { Hdf5File, Hdf5Group, Hdf5Options, Hdf5Superblock } from './types.ts';

export { joinedAttribute } from './joined-attribute.ts';
export type * from './types.ts';

/**
 * Opens an HDF5 file. Throws `unknown-format` where no signature is found, `damaged` where the superblock itself cannot
 * be read; damage below that is met, and added to the file's findings, when the damaged object is read.
 */
export async function openHdf5(source: ByteSource, options: Hdf5Options = {}): Promise<Hdf5File> {
  const cached = cachedSource(source);
  const unsized = newContext(cached, source, options);
  const superblock = options.superblock ? givenSuperblock(options.superblock) : await findSuperblock(unsized);
  const { offsetSize, lengthSize, rootOffset, baseOffset } = superblock.facts;
  const sized: Context = {
    ...unsized,
    base: baseOffset,
    offsetSize,
    lengthSize,
    rootOffset,
    extension: superblock.extension,
  };
  checkEnd(sized, superblock.facts);
  const root = await openRoot(sized, superblock);
  // What is read later has its own signals.
  const context: Context = { ...sized, signal: undefined };
  return {
    source,
    superblock: superblock.facts,
    root,
    findings: context.findings,
    get: async (path, read) => (path.replaceAll('/', '') === '' ? root : root.get(path, read)),
    objectAt: async (offset, path = `object at byte ${offset}`, read?: ReadOptions) =>
      openObject(within(context, path, read?.signal), offset),
    prefetch: async (path = '/', read) => prefetchBelow(within(context, path, read?.signal), root, path),
  };
}

function newContext(cached: ByteSource, source: ByteSource, options: Hdf5Options): Context {
  return {
    source: cached,
    data: source,
    base: 0,
    rootOffset: 0,
    extension: null,
    offsetSize: 8,
    lengthSize: 8,
    limits: { ...defaultLimits, ...options.limits },
    filters: options.filters ? new Map([...standardFilters, ...options.filters]) : standardFilters,
    findings: [],
    reported: new Map(),
    shared: new Map(),
    path: '/',
    label: `${source.name} › /`,
    signal: options.signal,
  };
}

async function findSuperblock(context: Context): Promise<SuperblockRead> {
  const base = await findSignature(context.source, { signal: context.signal });
  if (base === null) throw notHdf5(context.source);
  return readSuperblock(context, base);
}

function givenSuperblock(facts: Hdf5Superblock): SuperblockRead {
  return { facts, rootAddress: facts.rootOffset - facts.baseOffset, rootTable: null, extension: null };
}

/** The root group; where its header is lost, what the superblock remembers of it. */
async function openRoot(context: Context, superblock: SuperblockRead): Promise<Hdf5Group> {
  try {
    const root = await openObject(context, context.rootOffset);
    if (root.kind === 'group') return root;
  } catch (error) {
    findingFrom(context, error);
  }
  return openGroup(context, rememberedHeader(context, superblock));
}

/** A header made of the root's B-tree and heap as superblocks of versions 0 and 1 repeat them. */
function rememberedHeader(context: Context, { rootTable }: SuperblockRead): ObjectHeader {
  const header: ObjectHeader = { version: 1, offset: context.rootOffset, messages: [], flags: 0 };
  if (!rootTable) return header;
  const { offsetSize } = context;
  const data = new Uint8Array(2 * offsetSize);
  [rootTable.btree, rootTable.heap].forEach((address, index) => {
    for (let at = 0, rest = address; at < offsetSize; at += 1, rest = Math.floor(rest / 256)) {
      data[index * offsetSize + at] = rest % 256;
    }
  });
  header.messages.push({ type: messageTypes.symbolTable, flags: 0, offset: context.rootOffset, data });
  return header;
}

/** True where an HDF5 signature lies at 0, 512, 1024, 2048, … */
export async function isHdf5(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  return (await findSignature(source, options)) !== null;
}
