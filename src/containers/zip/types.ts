/** What the zip reader hands out: members and where each lies, all offsets absolute in the source. */

import type { ByteSource } from '../../bytes/source.ts';
import type { Finding } from '../../findings/finding.ts';

export interface ZipMember {
  /** Name as stored, decoded as UTF-8 (or as CP437's ASCII part where the flag is not set). */
  readonly name: string;
  /** 0 stored, 8 deflate; others cannot be read here. */
  readonly method: number;
  readonly flags: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of the local header. */
  readonly headerOffset: number;
  readonly encrypted: boolean;
  readonly directory: boolean;
  /** `central`: listed in the central directory; `local`: found by walking the local headers of a broken archive. */
  readonly foundBy: 'central' | 'local';
}

export interface ZipFile {
  readonly source: ByteSource;
  /** In the order of the central directory; of several with one name all are listed, and the last one counts, as in Python. */
  readonly members: readonly ZipMember[];
  readonly comment: string;
  /** Offset of the first byte of the archive: above 0 where something was put in front of it. */
  readonly start: number;
  readonly findings: readonly Finding[];
}

/** Bounds on what an archive may ask of this program. */
export interface ZipLimits {
  /** Members listed. Keras writes one asset or array a member; SavedModels zipped by hand have some thousands. */
  members: number;
  /** Bytes of the central directory: 64 KB names for each member would be absurd, 256 bytes each are generous. */
  directoryBytes: number;
  /** Bytes of one inflated member, which is held in memory. */
  inflatedBytes: number;
}

export interface ZipOptions {
  signal?: AbortSignal;
  limits?: Partial<ZipLimits>;
}

export const zipLimits: ZipLimits = { members: 100_000, directoryBytes: 32 << 20, inflatedBytes: 2 ** 31 };

/** Deflate cannot do better than 1032 to 1 (zlib's own figure); a member that claims more is not what it says. */
export const maxDeflateRatio = 1032;
