/**
 * The one interface through which every byte of an artefact is read. Files, blobs, URLs and memory are small factories
 * beside this file; a cache, a counter or a slice is a function that wraps one source in another.
 */

export interface ReadOptions {
  signal?: AbortSignal;
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
  /**
   * Where these bytes lie plain on disk, if they do: lets a runtime map them instead of copying.
   * A slice answers with its base's file and its own offset added.
   */
  readonly file?: { readonly path: string; readonly offset: number };
  /** Releases what the source holds (a file handle). Reading afterwards throws. */
  close?(): Promise<void>;
}
