/**
 * The one interface through which every byte of an artefact is read. Files, blobs, URLs and memory are small factories
 * beside this file; a cache, a counter or a slice is a function that wraps one source in another.
 */

export interface ReadOptions {
  signal?: AbortSignal;
  /** Room that a medium may fill and give back in place of new memory, when `length` fits: for large copies. */
  into?: Uint8Array;
}

/** A run of bytes. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** What a medium was asked so far. */
export interface ReadCounts {
  /** Times the medium was asked: batches of reads of a file, requests to a server. */
  requests: number;
  /** Bytes that were asked for. */
  bytes: number;
}

export interface ByteSource {
  /** What people call it: a path, a URL, a file's name. Used in messages only. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /**
   * Reads exactly `length` bytes from `offset`. The result may share memory with a cache: treat it as read-only.
   * Throws `LoadstoneError` `out-of-bounds` when the range leaves the source, `io` when the medium fails.
   */
  read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /** Reads several runs at once, where the medium does that better than one by one. Call it through `readRanges`. */
  readRanges?(ranges: readonly Range[], options?: ReadOptions): Promise<Uint8Array[]>;
  /**
   * Whether runs that lie apart come by one request, where that is a question (HTTP); it may ask the medium. Absent
   * where it does not matter.
   */
  joinsRanges?(): Promise<boolean>;
  /** What the medium was really asked, where that is not one request for each call (HTTP). */
  readonly counts?: Readonly<ReadCounts>;
  /** True where all bytes are in memory already, so that a cache would only cost. */
  readonly inMemory?: boolean;
  /**
   * Where these bytes lie plain on disk, if they do: lets a runtime map them instead of copying.
   * A slice answers with its base's file and its own offset added.
   */
  readonly file?: { readonly path: string; readonly offset: number };
  /** Releases what the source holds (a file handle). Reading afterwards throws. */
  close?(): Promise<void>;
}

/** Reads several runs at once from any source, in the order asked. */
export function readRanges(source: ByteSource, ranges: readonly Range[], options?: ReadOptions): Promise<Uint8Array[]> {
  if (source.readRanges) return source.readRanges(ranges, options);
  return Promise.all(ranges.map(({ offset, length }) => source.read(offset, length, options)));
}
