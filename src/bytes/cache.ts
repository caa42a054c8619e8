/**
 * A cache of blocks in front of a source, for metadata: many small reads become few. Reads that are wished for at the
 * same time are fetched together, neighbours in one range; a little is read ahead, more where reading goes on and on.
 * Large reads pass by and leave the cache as it is.
 */

import { planRanges } from './coalesce.ts';
import { checkRange, orAborted } from './range.ts';
import { type ByteSource, type ReadOptions, readRanges } from './source.ts';

export interface CacheOptions {
  /** Bytes of a block. Default 4096: metadata of one Keras layer lies in about 2 KB. */
  blockSize?: number;
  /** Most bytes kept; the blocks used longest ago go first. Default 32 MiB. */
  maxBytes?: number;
  /** Bytes read at the very beginning, where most formats keep what is read first. Default 64 KiB. */
  firstBytes?: number;
  /** Runs no further apart than this are fetched as one. Default 32 KiB. */
  gap?: number;
  /** Reads of more bytes than this pass by the cache. Default 256 KiB. */
  largest?: number;
}

/** Blocks read ahead at most, where one run follows the other. */
const greatestAhead = 64;

/** Turns of the microtask queue that a wish waits for others to join it: readers are a few awaits apart. */
const patience = 24;

interface Wish {
  block: number;
  settle: { resolve(bytes: Uint8Array): void; reject(error: unknown): void };
}

interface State {
  source: ByteSource;
  options: Required<CacheOptions>;
  /** Blocks by number, in the order of last use. A block being fetched stands here as a promise. */
  blocks: Map<number, Uint8Array | Promise<Uint8Array>>;
  bytes: number;
  wishes: Wish[];
  /** Where fetched runs ended, and how many blocks to read ahead if reading goes on there. */
  ends: Map<number, number>;
}

/** `source` behind a cache, in which each block is fetched once however many ask for it. Memory needs none. */
export function cachedSource(source: ByteSource, options: CacheOptions = {}): ByteSource {
  if (source.inMemory) return source;
  const { blockSize = 4096, maxBytes = 32 * 2 ** 20, firstBytes = 65536, gap = 32768, largest = 262144 } = options;
  const state: State = {
    source,
    options: { blockSize, maxBytes, firstBytes, gap, largest },
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
  readAhead(state);
  const wishes = state.wishes;
  state.wishes = [];
  const { blockSize, gap } = state.options;
  const size = state.source.size;
  const runs = planRanges(
    wishes.map(({ block, settle }) => {
      const offset = block * blockSize;
      return { offset, length: Math.min(blockSize, size - offset), block, settle };
    }),
    { gap, most: Math.max(state.options.largest, state.options.firstBytes) },
  );
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

/** Adds to the wishes what will probably be wished for next: the following blocks, twice as many each time. */
function readAhead(state: State): void {
  const { blockSize, firstBytes } = state.options;
  const last = Math.ceil(state.source.size / blockSize) - 1;
  const wished = state.wishes.map(({ block }) => block).sort((a, b) => a - b);
  for (const [index, block] of wished.entries()) {
    if (wished[index + 1] === block + 1) continue;
    const isFirst = block * blockSize < firstBytes && !state.ends.has(0);
    const known = state.ends.get(startOfRun(wished, index)) ?? state.ends.get(block);
    const ahead = isFirst ? Math.ceil(firstBytes / blockSize) - block - 1 : Math.min(greatestAhead, known ?? 1);
    if (isFirst) state.ends.set(0, 1);
    let next = block + 1;
    while (next <= Math.min(last, block + ahead) && !state.blocks.has(next)) {
      wish(state, next);
      next += 1;
    }
    state.ends.set(next, Math.max(1, ahead) * 2);
  }
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
