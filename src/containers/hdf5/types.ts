/**
 * What the HDF5 reader hands out: a file, its groups and datasets, their attributes, and plain descriptions of how each
 * is stored. All offsets are absolute in the byte source that was opened (base address and user block added).
 */

import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import type { Finding } from '../../findings/finding.ts';
import type { DType } from '../../numbers/dtype.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import type { Hdf5Datatype } from './datatype-types.ts';

export type { Hdf5CompoundMember, Hdf5Datatype, Hdf5EnumMember } from './datatype-types.ts';

/** Bounds on what one file may ask of this program. Each has a default in `limits.ts`, with its reason. */
export interface Hdf5Limits {
  /** Links in one group. */
  links: number;
  /** Messages in one object header, continuations included. */
  messages: number;
  /** Bytes of metadata read at once: a heap's data segment, a B-tree node. */
  metadataBytes: number;
  /** Chunks of one dataset. */
  chunks: number;
  /** Bytes of one attribute's value or one dataset, once decoded. */
  valueBytes: number;
  /** Depth of nested structures: B-tree levels, nested datatypes, soft links on one path. */
  depth: number;
}

/** Undoes one filter of a chunk's pipeline. `limit` is the most bytes the result may have. */
export type Hdf5Filter = (
  bytes: Uint8Array,
  parameters: readonly number[],
  limit: number,
) => Uint8Array | Promise<Uint8Array>;

export interface Hdf5Options {
  signal?: AbortSignal;
  limits?: Partial<Hdf5Limits>;
  /** Filters by their registered number, in addition to deflate, shuffle, fletcher32 and lzf, or instead of them. */
  filters?: ReadonlyMap<number, Hdf5Filter>;
  /**
   * Taken instead of reading a superblock, for files whose beginning is lost: `objectAt` then opens what lies anywhere.
   */
  superblock?: Hdf5Superblock;
}

export interface Hdf5Superblock {
  version: number;
  /** Where the signature lies, which is also what addresses in the file are relative to. */
  baseOffset: number;
  /** The base address that the superblock states; differs from `baseOffset` where bytes were put in front of a file. */
  statedBase: number;
  offsetSize: number;
  lengthSize: number;
  /** End of the file as the superblock states it, absolute. More than the source's size: the file is truncated. */
  endOfFile: number;
  /** Offset of the root group's object header. */
  rootOffset: number;
  /** Consistency flags of versions 2 and 3 (bit 0: open for writing, bit 2: single writer, many readers). */
  flags: number;
}

export interface Hdf5File {
  readonly source: ByteSource;
  readonly superblock: Hdf5Superblock;
  readonly root: Hdf5Group;
  /** What was noticed so far; grows while more of the file is read. */
  readonly findings: readonly Finding[];
  /** The object at an absolute path, or null where a name on the way does not exist. Soft links are followed. */
  get(path: string, options?: ReadOptions): Promise<Hdf5Object | null>;
  /** The object whose header lies at `offset`, such as the target of an object reference. */
  objectAt(offset: number, path?: string, options?: ReadOptions): Promise<Hdf5Object>;
  /**
   * Reads the headers of everything below `path` (default: the root), level by level and many at a time, so that a
   * source with slow requests is asked seldom. Damage is met again, and reported, by whoever reads the object.
   */
  prefetch(path?: string, options?: ReadOptions): Promise<void>;
}

export type Hdf5Object = Hdf5Group | Hdf5Dataset | Hdf5NamedType;

/** What is common to whatever has an object header. */
export interface Hdf5ObjectBase {
  /** Path by which it was reached, `/` for the root. */
  readonly path: string;
  /** Offset of its object header. */
  readonly offset: number;
  /** The header's messages as they lie in the file, for diagnosis and salvage. */
  readonly messages: readonly Hdf5MessageFacts[];
  /** All attributes by name, in the file's order. One that cannot be read is left out, with a finding. */
  attributes(options?: ReadOptions): Promise<Map<string, Hdf5Attribute>>;
  /** One attribute; null where there is none of that name. Throws where it exists and cannot be read. */
  attribute(name: string, options?: ReadOptions): Promise<Hdf5Attribute | null>;
}

export interface Hdf5MessageFacts {
  /** Number of the message type in the HDF5 format specification, IV.A.2. */
  type: number;
  flags: number;
  offset: number;
  length: number;
}

export interface Hdf5Group extends Hdf5ObjectBase {
  readonly kind: 'group';
  /** Names of its links: in creation order where the group keeps it, else in byte order of the names. */
  names(options?: ReadOptions): Promise<string[]>;
  links(options?: ReadOptions): Promise<Hdf5Link[]>;
  /**
   * The object under a name, or at a path below this group (a leading `/` starts at the root); null where there is
   * none, and for external links, which are never followed. Throws `damaged` where it is there and cannot be read.
   */
  get(path: string, options?: ReadOptions): Promise<Hdf5Object | null>;
}

export type Hdf5Link =
  | { kind: 'hard'; name: string /** Offset of the target's object header. */; offset: number; creationOrder?: number }
  | { kind: 'soft'; name: string; target: string; creationOrder?: number }
  | { kind: 'external'; name: string; file: string; target: string; creationOrder?: number }
  | { kind: 'user'; name: string; type: number; creationOrder?: number };

export interface Hdf5NamedType extends Hdf5ObjectBase {
  readonly kind: 'datatype';
  readonly datatype: Hdf5Datatype;
}

export type Hdf5ChunkIndexKind = 'btree1' | 'single' | 'implicit' | 'fixed-array' | 'extensible-array' | 'btree2';

export type Hdf5Layout =
  | { kind: 'compact'; offset: number; length: number }
  /** `offset` is null where no space was ever allocated: every element has the fill value. */
  | { kind: 'contiguous'; offset: number | null; length: number }
  | {
      kind: 'chunked';
      chunkShape: readonly number[];
      index: Hdf5ChunkIndexKind /** Of the index. */;
      offset: number | null;
    }
  | { kind: 'external'; files: readonly Hdf5ExternalFile[] }
  | { kind: 'virtual' };

export interface Hdf5ExternalFile {
  name: string;
  offset: number;
  length: number;
}

export interface Hdf5FilterFacts {
  id: number;
  /** Name in the file, or the registered one. */
  name: string;
  parameters: readonly number[];
  optional: boolean;
}

export interface Hdf5Chunk {
  /** Coordinates of the chunk's first element. */
  start: readonly number[];
  offset: number;
  /** Stored bytes, after the filters. */
  length: number;
  /** Bit n set: filter n of the pipeline was not applied. */
  filterMask: number;
}

export interface Hdf5Dataset extends Hdf5ObjectBase {
  readonly kind: 'dataset';
  /** Sizes of the axes, `[]` for a scalar, null for a null space. */
  readonly shape: readonly number[] | null;
  /** Greatest sizes; null in it where an axis is unlimited. */
  readonly maxShape: readonly (number | null)[] | null;
  readonly datatype: Hdf5Datatype;
  /** The dtype that `read` gives, or null where no dtype says it (compound, opaque, references, …). */
  readonly dtype: DType | null;
  readonly layout: Hdf5Layout;
  readonly filters: readonly Hdf5FilterFacts[];
  /** Bytes of the fill value in the file's datatype; null stands for zeros. */
  readonly fillValue: Uint8Array | null;
  /** Bytes of all elements as the file's datatype has them (a variable-length element counts as its descriptor). */
  readonly byteLength: number;
  /** Where all elements lie plain, little-endian, first to last, in the source; null where they do not. */
  byteRange(): { offset: number; length: number } | null;
  /** Where each stored chunk lies; empty for other layouts. */
  chunks(options?: ReadOptions): Promise<Hdf5Chunk[]>;
  /** Elements in row-major order, as the file's datatype has them: filters undone, byte order untouched. */
  readBytes(options?: ReadOptions): Promise<Uint8Array>;
  /** The values: a tensor where a dtype says it, else a list of decoded items. */
  read(options?: ReadOptions): Promise<Tensor | Hdf5Items>;
}

/** Values that no dtype describes, decoded one by one in row-major order. */
export interface Hdf5Items {
  readonly dtype: null;
  readonly shape: readonly number[];
  readonly datatype: Hdf5Datatype;
  readonly items: readonly Hdf5Item[];
}

/** One decoded element: a compound is a record, a sequence or array a list, opaque bytes are bytes. */
export type Hdf5Item =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | Hdf5Reference
  | Tensor
  | readonly Hdf5Item[]
  | { readonly [member: string]: Hdf5Item }
  | null;

export interface Hdf5Reference {
  readonly reference: 'object' | 'region' | 'attribute';
  /** Offset of the header of the object referred to; null for a null or unresolved reference. */
  readonly offset: number | null;
}

/**
 * An attribute's value as people think of it: a scalar string or number, a list of strings, a tensor for the rest;
 * null for a null space.
 */
export type Hdf5AttributeValue = string | number | bigint | boolean | string[] | Tensor | Hdf5Items | null;

export interface Hdf5Attribute {
  readonly name: string;
  readonly shape: readonly number[] | null;
  readonly datatype: Hdf5Datatype;
  readonly dtype: DType | null;
  readonly value: Hdf5AttributeValue;
  /** Offset of the attribute message or of its heap object. */
  readonly offset: number;
  /** Where the raw value lies; for variable-length strings this is where their descriptors lie. */
  readonly valueOffset: number;
  readonly valueLength: number;
  /** The bytes of a string value as stored, where its text is not valid UTF-8. */
  readonly rawStrings?: readonly Uint8Array[];
}
