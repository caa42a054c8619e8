/**
 * A cache of blocks in front of a source, for metadata: many small reads become few. Reads that are wished for at the
 * same time are fetched together, neighbours in one range; a little is read ahead, more where reading goes on and on,
 * and where every range is a request of its own. Large reads pass by and leave the cache as it is.
 */

import { planRanges } from './coalesce.ts';
import { checkRange, orAborted } from './range.ts';
import { type ByteSource, type ReadOptions, readRanges } from './source.ts';

export interface CacheOptions {
  /** Bytes of a block. Default 1024: metadata of one Keras layer lies in about 2 KB. */
  blockSize?: number;
  /** Most bytes kept; the blocks used longest ago go first. Default 32 MiB. */
  maxBytes?: number;
  /** Bytes read at the very beginning, where most formats keep what is read first. Default 64 KiB. */
  firstBytes?: number;
  /** What is fetched with what was wished for. Default: by what a range costs there. */
  reach?: Reach;
  /** Reads of more bytes than this pass by the cache. Default 256 KiB. */
  largest?: number;
}

export interface Reach {
  /** Bytes read ahead of a place that was not read near before; a little before it too, from a multiple of this on. */
  ahead: number;
  /** Bytes read ahead at most, where one run follows the other. */
  greatestAhead: number;
  /** Runs no further apart than this are fetched as one. */
  gap: number;
}

/** Where scattered ranges cost no more than one: a disk, a server that sends many at once. */
const near: Reach = { ahead: 1024, greatestAhead: 2 ** 16, gap: 2048 };

/** Where every range is a request of its own, which takes as long as some ten thousand bytes. */
const far: Reach = { ahead: 8192, greatestAhead: 2 ** 18, gap: 2 ** 16 };

/** From so many ranges on it is asked whether they may come together. */
const worthAsking = 4;

/** Turns of the microtask queue that a wish waits for others to join it: readers are a few awaits apart. */
const patience = 24;

interface Wish {
  block: number;
  settle: { resolve(bytes: Uint8Array): void; reject(error: unknown): void };
}

interface State {
  source: ByteSource;
  options: Required<Omit<CacheOptions, 'reach'>>;
  reach: Reach;
  /** It is not known yet whether the source joins ranges. */
  unsure: boolean;
  /** Blocks by number, in the order of last use. A block being fetched stands here as a promise. */
  blocks: Map<number, Uint8Array | Promise<Uint8Array>>;
  bytes: number;
  wishes: Wish[];
  /** Where fetched runs ended, and how many blocks to read ahead if reading goes on there. */
  ends: Map<number, number>;
}

/** Caches with the usual settings, one for each source: readers of different layers share what was read. */
const usual = new WeakMap<ByteSource, ByteSource>();

/** `source` behind a cache, in which each block is fetched once however many ask for it. Memory needs none. */
export function cachedSource(source: ByteSource, options?: CacheOptions): ByteSource {
  if (source.inMemory) return source;
  if (options) return newCache(source, options);
  const cache = usual.get(source) ?? newCache(source, {});
  usual.set(source, cache);
  usual.set(cache, cache);
  return cache;
}

function newCache(source: ByteSource, options: CacheOptions): ByteSource {
  const { blockSize = 1024, maxBytes = 32 * 2 ** 20, firstBytes = 65536, largest = 262144 } = options;
  const state: State = {
    source,
    options: { blockSize, maxBytes, firstBytes, largest },
    reach: options.reach ?? (source.joinsRanges ? far : near),
    unsure: options.reach === undefined && source.joinsRanges !== undefined,
    blocks: new Map(),
    bytes: 0,
    wishes: [],
    ends: new Map(),
  };
  return {
    ...source,
    async read(offset, length, read) {
      checkRange(source, offset, length, read);
      if (length === 0) return new Uint8Array(0);
      if (length > largest) return source.read(offset, length, read);
      return readBlocks(state, offset, length, read);
    },
    readRanges: undefined,
    joinsRanges: undefined,
  };
}

async function readBlocks(state: State, offset: number, length: number, read?: ReadOptions): Promise<Uint8Array> {
  const { blockSize } = state.options;
  const first = Math.floor(offset / blockSize);
  const last = Math.floor((offset + length - 1) / blockSize);
  const found: (Uint8Array | Promise<Uint8Array>)[] = [];
  for (let block = first; block <= last; block += 1) found.push(blockOf(state, block));
  const start = offset - first * blockSize;
  const only = found[0]!;
  if (found.length === 1 && only instanceof Uint8Array) return only.subarray(start, start + length);
  const blocks = await orAborted(state.source.name, Promise.all(found), read?.signal);
  if (blocks.length === 1) return blocks[0]!.subarray(start, start + length);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const [index, block] of blocks.entries()) {
    const part = block.subarray(index === 0 ? start : 0, (index === 0 ? start : 0) + length - at);
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function blockOf(state: State, block: number): Uint8Array | Promise<Uint8Array> {
  const known = state.blocks.get(block);
  if (known) {
    if (known instanceof Uint8Array) keep(state, block, known);
    return known;
  }
  if (state.wishes.length === 0) gather(state);
  return wish(state, block);
}

function wish(state: State, block: number): Promise<Uint8Array> {
  const promise = new Promise<Uint8Array>((resolve, reject) => {
    state.wishes.push({ block, settle: { resolve, reject } });
  });
  // Whoever asked awaits it; a block that was only read ahead must not fail the process.
  promise.catch(() => {});
  state.blocks.set(block, promise);
  return promise;
}

/** Lets other readers add their wishes, then fetches all of them. */
async function gather(state: State): Promise<void> {
  for (let turn = 0; turn < patience; turn += 1) await undefined;
  if (state.unsure && planned(state, near.gap).length >= worthAsking) {
    state.unsure = false;
    if (await state.source.joinsRanges!().catch(() => false)) state.reach = near;
  }
  readAhead(state);
  const runs = planned(state, state.reach.gap);
  const wishes = state.wishes;
  state.wishes = [];
  try {
    const fetched = await readRanges(state.source, runs);
    for (const [index, run] of runs.entries()) store(state, run, fetched[index]!);
  } catch (error) {
    for (const { block, settle } of wishes) {
      state.blocks.delete(block);
      settle.reject(error);
    }
  }
}

/** The runs to fetch for what is wished for. */
function planned({ source, options, wishes }: State, gap: number) {
  const { blockSize, largest, firstBytes } = options;
  const parts = wishes.map(({ block, settle }) => {
    const offset = block * blockSize;
    return { offset, length: Math.min(blockSize, source.size - offset), block, settle };
  });
  return planRanges(parts, { gap, most: Math.max(largest, firstBytes) });
}

/** Adds to the wishes what will probably be wished for next: the following blocks, twice as many each time. */
function readAhead(state: State): void {
  const { blockSize, firstBytes } = state.options;
  const usualAhead = Math.ceil(state.reach.ahead / blockSize);
  const greatest = Math.ceil(state.reach.greatestAhead / blockSize);
  const last = Math.ceil(state.source.size / blockSize) - 1;
  const wished = state.wishes.map(({ block }) => block).sort((a, b) => a - b);
  for (const [index, block] of wished.entries()) {
    if (wished[index - 1] !== block - 1) readBefore(state, block, usualAhead);
    if (wished[index + 1] === block + 1) continue;
    const isFirst = block * blockSize < firstBytes && !state.ends.has(0);
    const known = state.ends.get(startOfRun(wished, index)) ?? state.ends.get(block);
    const ahead = isFirst ? Math.ceil(firstBytes / blockSize) - block - 1 : Math.min(greatest, known ?? usualAhead);
    if (isFirst) state.ends.set(0, 1);
    let next = block + 1;
    while (next <= Math.min(last, block + ahead) && !state.blocks.has(next)) {
      wish(state, next);
      next += 1;
    }
    state.ends.set(next, Math.max(1, ahead) * 2);
  }
}

/** What lies before a place belongs to it as often as what follows: headers point back. */
function readBefore(state: State, block: number, step: number): void {
  const start = block - (block % step);
  for (let before = block - 1; before >= start && !state.blocks.has(before); before -= 1) wish(state, before);
}

/** First block of the run of wishes that ends at `index`. */
function startOfRun(wished: readonly number[], index: number): number {
  let start = index;
  while (start > 0 && wished[start - 1] === wished[start]! - 1) start -= 1;
  return wished[start]!;
}

interface Run {
  offset: number;
  parts: readonly { offset: number; length: number; block: number; settle: Wish['settle'] }[];
}

function store(state: State, run: Run, bytes: Uint8Array): void {
  for (const { offset, length, block, settle } of run.parts) {
    const from = offset - run.offset;
    const part = bytes.subarray(from, from + length);
    keep(state, block, part);
    settle.resolve(part);
  }
}

/** Puts a block last in the order of use, and drops the first ones where there are too many. */
function keep(state: State, block: number, bytes: Uint8Array): void {
  const before = state.blocks.get(block);
  if (!(before instanceof Uint8Array)) state.bytes += bytes.length;
  state.blocks.delete(block);
  state.blocks.set(block, bytes);
  if (state.bytes <= state.options.maxBytes) return;
  for (const [oldest, held] of state.blocks) {
    if (state.bytes <= state.options.maxBytes) break;
    if (!(held instanceof Uint8Array) || oldest === block) continue;
    state.blocks.delete(oldest);
    state.bytes -= held.length;
  }
}
