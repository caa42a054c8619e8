/**
 * What every part of the reader needs to know about the file it is in: the source, the sizes of addresses, the limits,
 * where findings go, and the path of the object at hand. Damage is reported and thrown here, in one form.
 */

import { type Cursor, cursor } from '../../bytes/cursor.ts';
import { checkSignal, orAborted } from '../../bytes/range.ts';
import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
import type { Finding, Severity } from '../../findings/finding.ts';
import type { Hdf5Filter, Hdf5Limits } from './types.ts';

export interface Context {
  /** Cached: for metadata and small values. */
  readonly source: ByteSource;
  /** Uncached: for the data of datasets. */
  readonly data: ByteSource;
  /** Absolute offset that addresses in the file are relative to. */
  readonly base: number;
  /** Absolute offset of the root group's object header. */
  readonly rootOffset: number;
  /** File address of the superblock extension, where there is one. */
  readonly extension: number | null;
  readonly offsetSize: number;
  readonly lengthSize: number;
  readonly limits: Hdf5Limits;
  readonly filters: ReadonlyMap<number, Hdf5Filter>;
  readonly findings: Finding[];
  /** The same findings by code, place and path, so that each is told once. */
  readonly reported: Map<string, Finding>;
  /** Things of the file that many objects share, by absolute offset: heaps, shared message tables. */
  readonly shared: Map<string, Promise<unknown>>;
  /** Path of the object being read. */
  readonly path: string;
  /** The source and that path, for messages. */
  readonly label: string;
  readonly signal?: AbortSignal;
}

/** The same file, at another object or for another caller. */
export function within(context: Context, path: string, signal: AbortSignal | undefined = context.signal): Context {
  return path === context.path && signal === context.signal
    ? context
    : { ...context, path, signal, label: `${context.source.name} › ${path}` };
}

/** Told of what is damaged and left out, where the rest can still be read. Throws on errors that are no damage. */
export type Lost = (error: unknown) => void;

/**
 * The same place for one call with its own signal, which must not outlive that call. Throws `aborted` where the signal
 * already says so.
 */
export function during(context: Context, options: ReadOptions | undefined): Context {
  const signal = options?.signal;
  checkSignal(context.source.name, signal);
  return context.signal === signal ? context : { ...context, signal };
}

export interface Damage {
  /** Code of the finding, `hdf5-…`. */
  code: string;
  what: string;
  /** Absolute. */
  offset?: number;
  length?: number;
  facts?: Record<string, unknown>;
  cause?: unknown;
}

/** Adds a finding, once for each code, path and place. */
export function report(context: Context, severity: Severity, damage: Damage): Finding {
  const { code, what, offset, length, facts } = damage;
  const key = `${code} ${offset} ${context.path}`;
  const same = context.reported.get(key);
  if (same) return same;
  const finding: Finding = { code, severity, what, at: { path: context.path, offset, length }, facts };
  context.reported.set(key, finding);
  context.findings.push(finding);
  return finding;
}

/** Reports damage and gives the error to throw; its `cause` is the finding. */
export function damaged(context: Context, damage: Damage): LoadstoneError {
  const finding = report(context, 'error', damage);
  return new LoadstoneError('damaged', damage.what, {
    where: place(context, damage.offset),
    offset: damage.offset,
    do: 'Copy the file again from where it came.',
    cause: damage.cause ?? finding,
  });
}

/** Reports something the reader does not do and gives the error to throw. */
export function unsupported(context: Context, damage: Damage): LoadstoneError {
  const finding = report(context, 'warning', damage);
  return new LoadstoneError('unsupported', damage.what, {
    where: place(context, damage.offset),
    offset: damage.offset,
    cause: finding,
  });
}

function place(context: Context, offset: number | undefined): string {
  return offset === undefined ? context.label : `${context.label}, byte ${offset}`;
}

/**
 * The finding that a caught error stands for. Errors of the medium and aborts are no findings: they are thrown again.
 */
export function findingFrom(context: Context, error: unknown): Finding {
  if (!isLoadstoneError(error) || error.code === 'aborted' || error.code === 'io') throw error;
  const cause = error.cause as Partial<Finding> | undefined;
  if (cause?.code?.startsWith('hdf5-') && cause.at) return cause as Finding;
  return report(context, 'error', { code: 'hdf5-damaged', what: error.what, offset: error.offset });
}

/** Runs `parse` on bytes, so that a read past their end becomes damage of this object. */
export function parsing<T>(context: Context, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isLoadstoneError(error, 'damaged') || error.cause) throw error;
    throw damaged(context, { code: 'hdf5-cut-short', what: error.what, offset: error.offset });
  }
}

/** A cursor over bytes of this file that begin at absolute `offset`. */
export function cursorOver(context: Context, bytes: Uint8Array, offset: number): Cursor {
  return cursor(bytes, { at: offset, where: context.label });
}

/**
 * Reads `length` bytes of metadata at a file address. `what` names them in the error when the range leaves the file.
 */
export async function readMetadata(context: Context, address: number, length: number, what: string): Promise<Cursor> {
  const offset = context.base + address;
  if (length > context.limits.metadataBytes) {
    throw damaged(context, {
      code: 'hdf5-size',
      what: `${what} claims ${length} bytes, more than any real file has`,
      offset,
      length,
    });
  }
  checkInside(context, offset, length, what);
  const bytes = await context.source.read(offset, length, { signal: context.signal });
  return cursorOver(context, bytes, offset);
}

/** As `readMetadata`, but takes what there is where the file ends sooner. */
export async function readAtMost(context: Context, address: number, length: number, what: string): Promise<Cursor> {
  const available = context.source.size - (context.base + address);
  return readMetadata(context, address, Math.max(1, Math.min(length, available)), what);
}

/** Throws damage where the absolute range leaves the file. */
export function checkInside(context: Context, offset: number, length: number, what: string): void {
  const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (inside && offset + length <= context.source.size) return;
  throw damaged(context, {
    code: 'hdf5-outside-file',
    what: `${what} should lie at bytes ${offset} to ${offset + length}, but the file has ${context.source.size}`,
    offset,
    length,
    facts: { size: context.source.size },
  });
}

/** Checks a four-letter signature at the cursor. */
export function expectSignature(context: Context, at: Cursor, signature: string, what: string, code: string): void {
  const { offset, position, bytes } = at;
  let matches = 0;
  while (matches < 4 && bytes[position + matches] === signature.charCodeAt(matches)) matches += 1;
  if (matches === 4) {
    at.skip(4);
    return;
  }
  const found = String.fromCharCode(...bytes.subarray(position, position + 4));
  throw damaged(context, {
    code,
    what: `${what} should begin with “${signature}”, but has ${JSON.stringify(found)}`,
    offset,
    length: 4,
  });
}

/**
 * Computes once what many objects share; a failure is not kept. The work goes on when one who waits for it is stopped,
 * since others may wait too.
 */
export function shareOnce<T>(context: Context, key: string, make: (lasting: Context) => Promise<T>): Promise<T> {
  let made = context.shared.get(key) as Promise<T> | undefined;
  if (!made) {
    made = make(context.signal ? { ...context, signal: undefined } : context);
    context.shared.set(key, made);
    made.catch(() => context.shared.delete(key));
  }
  return orAborted(context.source.name, made, context.signal);
}
