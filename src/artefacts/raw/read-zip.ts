/**
 * A zip archive as Python's `zipfile` meets it: whether the end record is found, whether the central directory holds
 * together, which members can be read. Text members come along whole; the weights member is read as HDF5.
 */

import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import { crc32, openMember, openZip, readMember, type ZipFile, type ZipMember } from '../../containers/zip/index.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import { problemFrom, problemOf } from './problem.ts';
import { readRawHdf5 } from './read-hdf5.ts';
import type { RawHdf5, RawMember, RawProblem, RawZip } from './types.ts';

/** A config of this size would describe millions of layers. */
const maxText = 64 << 20;

/** Null where no end record is found: for Python that file is no zip archive at all. */
export async function readRawZip(source: ByteSource, options: ReadOptions = {}): Promise<RawZip | null> {
  let zip: ZipFile;
  try {
    zip = await openZip(source, options);
  } catch (error) {
    if (!isLoadstoneError(error) || error.code === 'io' || error.code === 'aborted') throw error;
    return null;
  }
  const ended = !zip.findings.some(finding => finding.code === 'zip-no-end');
  if (!ended) return null;
  const broken = zip.findings.find(finding => finding.code === 'zip-bad-directory' || finding.code === 'zip-bad-end');
  const members: RawMember[] = [];
  const texts: Record<string, Uint8Array> = Object.create(null);
  let weights: RawHdf5 | null = null;
  for (const member of zip.members) {
    const { text, problem, hdf5 } = await readOne(zip, member, options);
    if (text) texts[member.name] = text;
    else if (problem) delete texts[member.name];
    if (hdf5 && member.name === 'model.weights.h5') weights = hdf5;
    const { name, size, compressedSize, method, headerOffset } = member;
    members.push({ name, size, storedSize: compressedSize, method, offset: headerOffset, problem });
  }
  const behind = zip.findings.find(finding => finding.code === 'zip-trailing-bytes');
  const trailing = behind ? problemOf(behind) : null;
  return { problem: broken ? problemOf(broken) : null, trailing, members, texts, weights };
}

interface MemberRead {
  text: Uint8Array | null;
  problem: RawProblem | null;
  hdf5: RawHdf5 | null;
}

async function readOne(zip: ZipFile, member: ZipMember, options: ReadOptions): Promise<MemberRead> {
  const none: MemberRead = { text: null, problem: null, hdf5: null };
  try {
    if (member.name.endsWith('.json') && member.size <= maxText)
      return { ...none, text: await readMember(zip, member, options) };
    const bytes = await openMember(zip, member, options);
    const hdf5 = member.name.endsWith('.h5') ? await readRawHdf5(bytes, options) : null;
    const found = await checksum(bytes, options);
    if (found === member.crc32) return { ...none, hdf5 };
    const what = `the checksum of "${member.name}" does not match its bytes`;
    return { ...none, hdf5, problem: { code: 'zip-checksum', what, offset: member.headerOffset, facts: null } };
  } catch (error) {
    const problem = problemFrom(error);
    const code = /checksum/.test(problem.what)
      ? 'zip-checksum'
      : /header/.test(problem.what)
        ? 'zip-header'
        : 'zip-data';
    return { ...none, problem: { ...problem, code } };
  }
}

/** Two rooms serve for the whole of it: the next piece is read into one while the other is summed. */
async function checksum(source: ByteSource, options: ReadOptions): Promise<number> {
  const step = Math.min(1 << 20, source.size);
  const rooms = [new Uint8Array(step), new Uint8Array(step)];
  const read = (at: number) => {
    const piece = source.read(at, Math.min(step, source.size - at), { ...options, into: rooms[(at / step) % 2] });
    // Whoever awaits it hears of a failure; where nobody does any more, it is of no interest.
    piece.catch(() => {});
    return piece;
  };
  let crc = 0;
  let next = source.size > 0 ? read(0) : null;
  for (let at = step; next; at += step) {
    const piece: Uint8Array = await next;
    next = at < source.size ? read(at) : null;
    crc = crc32(piece, crc);
  }
  return crc;
}
