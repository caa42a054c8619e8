/**
 * Opens a zip archive by ranges: its end record, its central directory, nothing else. An archive whose directory is
 * missing or broken (a save that was cut off) is read by walking its local headers, with a finding that says so.
 */

import type { ByteSource } from '../../bytes/source.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { checkNames } from './names.ts';
import {
  type EndRecord,
  end64Length,
  endLength,
  findEnd,
  locatorLength,
  needsEnd64,
  read64,
  readCentral,
  readEnd,
  readEnd64,
  signatures,
  viewOf,
} from './records.ts';
import { type ZipFile, type ZipLimits, type ZipMember, type ZipOptions, zipLimits } from './types.ts';
import { walkLocalHeaders } from './walk.ts';

/** An end record without a comment, its zip64 kin, and the directory of a Keras file lie in the last 4 KB. */
const firstTail = 4096;
/** The longest comment and the records before it. */
const longestTail = 0xffff + endLength + locatorLength + end64Length;

interface Directory {
  members: ZipMember[];
  comment: string;
  start: number;
}

/** True where a local header or an empty archive's end record opens the source. */
export async function isZip(source: ByteSource): Promise<boolean> {
  if (source.size < 4) return false;
  const signature = viewOf(await source.read(0, 4)).getUint32(0, true);
  return signature === signatures.local || signature === signatures.end;
}

/** Opens the archive in `source`. Throws `damaged` where not a single member can be found. */
export async function openZip(source: ByteSource, options: ZipOptions = {}): Promise<ZipFile> {
  const limits = { ...zipLimits, ...options.limits };
  const findings: Finding[] = [];
  const directory = await readDirectory(source, limits, findings, options);
  const { members, comment, start } = directory ?? (await walked(source, limits, findings, options));
  if (members.length === 0) {
    throw new LoadstoneError('damaged', 'the zip archive holds no member that can be found', {
      where: source.name,
      do: 'Copy or download the file again.',
    });
  }
  findings.push(...checkNames(members));
  return { source, members, comment, start, findings };
}

async function walked(source: ByteSource, limits: ZipLimits, findings: Finding[], options: ZipOptions) {
  const { members, findings: met } = await walkLocalHeaders(source, { ...options, limits });
  findings.push(...met);
  return { members, comment: '', start: 0 };
}

/** The central directory's members; null, with a finding, where it is not there or cannot be trusted. */
async function readDirectory(
  source: ByteSource,
  limits: ZipLimits,
  findings: Finding[],
  options: ZipOptions,
): Promise<Directory | null> {
  const found = await findEndRecord(source, options);
  if (!found) {
    findings.push(broken(source, 'zip-no-end', 'the zip archive has no end record: it was cut off'));
    return null;
  }
  const { end, endOffset, after } = found;
  if (after > 0) {
    const what = `${after} bytes follow the end of the zip archive`;
    findings.push({
      code: 'zip-trailing-bytes',
      severity: 'info',
      what,
      at: { offset: source.size - after, length: after },
    });
  }
  // What was put in front of the archive shifts it as a whole, as Python's zipfile takes it.
  const start = endOffset - end.directorySize - end.directoryOffset;
  const inside = start >= 0 && end.directorySize <= limits.directoryBytes && end.count <= limits.members;
  if (!inside) {
    findings.push(
      broken(source, 'zip-bad-end', 'the end record of the zip archive states an impossible directory', endOffset),
    );
    return null;
  }
  const bytes = await source.read(start + end.directoryOffset, end.directorySize, options);
  const members = readMembers(bytes, start, end.count);
  if (members.length === end.count) return { members, comment: end.comment, start };
  const what = `the central directory of the zip archive lists ${members.length} members of the ${end.count} it should`;
  findings.push(broken(source, 'zip-bad-directory', what, start + end.directoryOffset));
  return null;
}

function readMembers(bytes: Uint8Array, start: number, count: number): ZipMember[] {
  const members: ZipMember[] = [];
  let at = 0;
  while (members.length < count) {
    const read = readCentral(bytes, at);
    if (!read) break;
    members.push({ ...read.member, headerOffset: read.member.headerOffset + start });
    at += read.length;
  }
  return members;
}

interface FoundEnd {
  end: EndRecord;
  /** Where the directory must end: the (zip64) end record's own offset. */
  endOffset: number;
  /** Bytes behind the end record and its comment. */
  after: number;
}

async function findEndRecord(source: ByteSource, options: ZipOptions): Promise<FoundEnd | null> {
  for (const wanted of [firstTail, longestTail]) {
    const length = Math.min(wanted, source.size);
    const base = source.size - length;
    const bytes = await source.read(base, length, options);
    const at = findEnd(bytes);
    if (at >= 0) {
      const end = readEnd(bytes, at);
      const commentLength = viewOf(bytes).getUint16(at + 20, true);
      return widened(source, { end, endOffset: base + at, after: length - at - endLength - commentLength }, options);
    }
    if (length === source.size) return null;
  }
  return null;
}

async function widened(source: ByteSource, found: FoundEnd, options: ZipOptions): Promise<FoundEnd> {
  if (!needsEnd64(found.end) || found.endOffset < locatorLength) return found;
  const locator = await source.read(found.endOffset - locatorLength, locatorLength, options);
  const view = viewOf(locator);
  if (view.getUint32(0, true) !== signatures.end64Locator) return found;
  const stated = read64(view, 8);
  // The stated place is wrong where bytes were put in front; then the record lies right before its locator.
  for (const offset of [stated, found.endOffset - locatorLength - end64Length]) {
    if (!(offset >= 0 && offset + end64Length <= source.size)) continue;
    const end = readEnd64(await source.read(offset, end64Length, options), found.end.comment);
    if (end) return { ...found, end, endOffset: offset };
  }
  return found;
}

function broken(source: ByteSource, code: string, what: string, offset = source.size): Finding {
  return { code, severity: 'error', what, at: { offset } };
}
