/**
 * Raw facts of an artefact: what a loader would meet, in the order in which it meets it, before anything is understood.
 * No dialect is undone here and no numbers are read; damage is kept as facts, because loaders differ in what they say of it.
 */

import type { Finding } from '../../findings/finding.ts';

/** Damage met while reading, in the container reader's own terms. */
export interface RawProblem {
  /** Code of the container reader's finding, `hdf5-…`, `zip-…`. */
  readonly code: string;
  readonly what: string;
  readonly offset: number | null;
  readonly facts: { readonly [key: string]: unknown } | null;
}

export interface RawArtefact {
  /** Path as it was given; loaders repeat it in their messages. */
  readonly path: string;
  readonly presence: 'file' | 'folder' | 'missing';
  /** Bytes of the file; 0 for folders. */
  readonly size: number;
  /** First bytes of the file, at most 4096. */
  readonly head: Uint8Array;
  /** Null where no HDF5 signature lies at 0, 512, 1024, 2048, … */
  readonly hdf5: RawHdf5 | null;
  /** Null where there is no end record in the last 64 KB, by which Python's `zipfile.is_zipfile` decides. */
  readonly zip: RawZip | null;
  /** The file's bytes where it may be an architecture as text (up to some megabytes, no NUL); else null. */
  readonly text: Uint8Array | null;
  /** Folder: all files beneath, sorted. File or missing: files beside it whose names begin with its name. */
  readonly files: readonly string[];
  readonly savedModel: RawSavedModel | null;
  readonly checkpoint: RawCheckpoint | null;
  /** `config.json` and the weights of an unzipped `.keras` folder. */
  readonly unzipped: { readonly config: Uint8Array; readonly weights: RawHdf5 | null } | null;
  /** Names near a missing path, likeliest first. */
  readonly nearby: readonly string[];
  readonly findings: readonly Finding[];
}

export interface RawHdf5 {
  readonly size: number;
  /** What keeps libhdf5 from opening the file at all, or null. */
  readonly problem: RawProblem | null;
  readonly root: RawGroup | null;
  /** Ends of the file: as the superblock states it, relative to the signature's place. */
  readonly storedEnd: number | null;
  /** Offset of the signature. */
  readonly base: number;
}

export interface RawGroup {
  readonly kind: 'group';
  readonly path: string;
  readonly attributes: { readonly [name: string]: RawAttribute };
  /** Damage met while listing attributes. */
  readonly attributeProblem: RawProblem | null;
  readonly children: { readonly [name: string]: RawNode };
  /** Damage met while listing or opening children. */
  readonly childProblem: RawProblem | null;
}

export interface RawDataset {
  readonly kind: 'dataset';
  readonly path: string;
  readonly shape: readonly number[] | null;
  /** NumPy's name of the dtype; `string`, `object`, `opaque` … for what has none. */
  readonly dtype: string;
  /** Where its bytes lie in the source, when they lie plain. */
  readonly offset: number | null;
  readonly length: number;
  readonly external: readonly { readonly name: string; readonly offset: number; readonly length: number }[];
  readonly virtual: boolean;
  readonly problem: RawProblem | null;
  /** What the values look like, where they were looked at. */
  readonly values: RawValues | null;
}

/** What can be said of a dataset's numbers without a reference. */
export interface RawValues {
  readonly nan: number;
  readonly infinite: number;
  readonly count: number;
  readonly zeros: number;
  /** Greatest finite magnitude. */
  readonly largest: number;
  /** Offset of the first value that no trained weight has: NaN, infinite or beyond 1e8; counted from the data where that lies in chunks. */
  readonly implausibleAt: number | null;
}

export interface RawLink {
  readonly kind: 'soft-link' | 'external-link';
  readonly path: string;
  readonly target: string;
  /** External links: the file. */
  readonly file: string | null;
  /** External links: that file lies beside. */
  readonly present: boolean;
}

/** An object that cannot be opened. */
export interface RawDamaged {
  readonly kind: 'damaged';
  readonly path: string;
  readonly problem: RawProblem;
}

export type RawNode = RawGroup | RawDataset | RawLink | RawDamaged;

export interface RawAttribute {
  /** Strings as stored bytes, numbers as numbers; null for values of other kinds and for what cannot be read. */
  readonly values: readonly (Uint8Array | number)[] | null;
  readonly scalar: boolean;
  /** Variable-length strings: h5py hands them out as `str`, fixed ones as bytes. */
  readonly variable: boolean;
  readonly utf8: boolean;
  readonly problem: RawProblem | null;
  readonly offset: number;
}

export interface RawZip {
  /** What makes `zipfile.ZipFile(path)` raise, or null. */
  readonly problem: RawProblem | null;
  /** Bytes behind the end record, which nobody minds. */
  readonly trailing: RawProblem | null;
  readonly members: readonly RawMember[];
  /** Bytes of small text members (`config.json`, `metadata.json`), by name; of several with one name the last. */
  readonly texts: { readonly [name: string]: Uint8Array };
  readonly weights: RawHdf5 | null;
}

export interface RawMember {
  readonly name: string;
  readonly size: number;
  readonly storedSize: number;
  readonly method: number;
  readonly offset: number;
  /** What makes reading it raise, or null. */
  readonly problem: RawProblem | null;
}

export interface RawSavedModel {
  /** `saved_model.pb` or `saved_model.pbtxt`; null where neither is there. */
  readonly file: string | null;
  readonly size: number;
  /** First bytes of the file. */
  readonly head: Uint8Array;
  /** Where the protobuf cannot be parsed. */
  readonly problem: RawProblem | null;
  readonly metaGraphs: number;
  readonly tensorflow: string | null;
  /** Op types that graph and functions use, each with the attributes it carries. */
  readonly ops: { readonly [op: string]: readonly string[] };
  /** Null where the MetaGraph has no object graph. */
  readonly nodes: readonly RawSavedNode[] | null;
  /** `keras_metadata.pb`: null where there is none. */
  readonly metadata: {
    readonly problem: RawProblem | null;
    readonly size: number;
    readonly nodes: readonly RawKerasNode[];
  } | null;
  readonly variables: RawCheckpoint | null;
  /** Names of concrete functions in the object graph. */
  readonly functions: number;
}

export interface RawSavedNode {
  readonly kind: string;
  /** User objects: `_tf_keras_layer`, …; else empty. */
  readonly identifier: string;
  readonly metadata: string;
  readonly children: readonly { readonly id: number; readonly name: string }[];
  readonly shape: readonly number[] | null;
  readonly dtype: number | null;
}

export interface RawKerasNode {
  readonly id: number;
  readonly path: string;
  readonly identifier: string;
  readonly metadata: string;
}

export interface RawCheckpoint {
  /** Path of the prefix inside the folder or beside the file. */
  readonly prefix: string;
  /** Null: there is no index file. */
  readonly index: { readonly size: number; readonly problem: RawProblem | null; readonly pointer: boolean } | null;
  readonly entries: readonly RawCheckpointEntry[];
  /** `pointer`: what lies there is a Git LFS pointer. */
  readonly shards: readonly { readonly name: string; readonly size: number | null; readonly pointer: boolean }[];
  /** Attribute names and keys of the object graph, where it has one. */
  readonly objects: readonly RawTrackable[] | null;
}

export interface RawCheckpointEntry {
  readonly key: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly shard: number;
  readonly offset: number;
  readonly length: number;
  /** Stored checksum that its bytes do not have; null where they fit or were not looked at. */
  readonly problem: RawProblem | null;
}

export interface RawTrackable {
  readonly children: readonly { readonly id: number; readonly name: string }[];
  readonly attributes: readonly { readonly name: string; readonly fullName: string; readonly key: string }[];
  readonly slots: readonly { readonly variable: number; readonly name: string; readonly slot: number }[];
}
