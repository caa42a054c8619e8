/** Archives whole and broken: made here by fflate and by hand, read by ranges. */

import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { countedSource } from '../../../src/bytes/count.ts';
import { memorySource } from '../../../src/bytes/memory.ts';
import {
  findMember,
  inflateRaw,
  isZip,
  memberRange,
  openMember,
  openZip,
  readMember,
} from '../../../src/containers/zip/index.ts';
import { LoadstoneError } from '../../../src/findings/errors.ts';

const text = (words: string) => new TextEncoder().encode(words);
const weights = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7) % 251);
const files = { 'config.json': text('{"a": 1}'), 'model.weights.h5': weights };
const stored = () => zipSync(files, { level: 0 });
const deflated = () => zipSync(files, { level: 9 });

const open = (bytes: Uint8Array) => openZip(memorySource(bytes));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    error => (error instanceof LoadstoneError ? error.code : String(error)),
  );
}

function patched(bytes: Uint8Array, offset: number, value: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(value, offset);
  return copy;
}

describe('openZip', () => {
  it('gives a stored member as a slice of the archive, at its offset', async () => {
    const bytes = stored();
    const zip = await open(bytes);
    const member = findMember(zip, 'model.weights.h5')!;
    const { offset, length } = await memberRange(zip, member);
    expect(bytes.subarray(offset, offset + length)).toEqual(weights);
    const source = await openMember(zip, member);
    expect(await source.read(100, 50)).toEqual(weights.subarray(100, 150));
    expect(zip.findings).toEqual([]);
  });

  it('inflates a deflated member on its first read', async () => {
    const zip = await open(deflated());
    const member = findMember(zip, 'model.weights.h5')!;
    expect(member.method).toBe(8);
    const source = await openMember(zip, member);
    expect(source.size).toBe(5000);
    expect(await source.read(4990, 10)).toEqual(weights.subarray(4990));
  });

  it('reads no more than the end and the headers of what is opened', async () => {
    const large = zipSync({ 'config.json': text('{}'), 'model.weights.h5': new Uint8Array(2 ** 20) }, { level: 0 });
    const source = countedSource({ ...memorySource(large), inMemory: undefined });
    const zip = await openZip(source);
    await openMember(zip, findMember(zip, 'model.weights.h5')!);
    expect(source.counts.bytes).toBeLessThan(5000);
    expect(source.counts.requests).toBeLessThan(5);
  });

  it('takes what was put in front of the archive, and tells what follows it', async () => {
    const framed = new Uint8Array([...text('#!/bin/sh\n'), ...stored(), ...text('more')]);
    const zip = await open(framed);
    expect(zip.start).toBe(10);
    expect(zip.findings.map(({ code }) => code)).toEqual(['zip-trailing-bytes']);
    expect(await readMember(zip, findMember(zip, 'config.json')!)).toEqual(files['config.json']);
  });

  it('finds the members of an archive that was cut off by their local headers', async () => {
    const zip = await open(stored().slice(0, -120));
    expect(zip.members.map(({ name, foundBy }) => [name, foundBy])).toEqual([
      ['config.json', 'local'],
      ['model.weights.h5', 'local'],
    ]);
    expect(zip.findings[0]!.code).toBe('zip-no-end');
    expect(await readMember(zip, findMember(zip, 'model.weights.h5')!)).toEqual(weights);
  });

  it('says how much of a member is missing', async () => {
    const zip = await open(stored().slice(0, 2000));
    expect(zip.findings.map(({ code }) => code)).toContain('zip-member-cut');
    expect(await codeOf(openMember(zip, findMember(zip, 'model.weights.h5')!))).toBe('damaged');
  });

  it('reads numbers beyond 32 bits from the zip64 records', async () => {
    const zip = await open(withZip64(stored()));
    expect(zip.members).toHaveLength(2);
    expect(await readMember(zip, findMember(zip, 'model.weights.h5')!)).toEqual(weights);
  });

  it('tells names that leave the archive, names used twice, and encryption', async () => {
    const zip = await open(zipSync({ '../evil': text('x'), a: text('1') }, { level: 0 }));
    expect(zip.findings.map(({ code }) => code)).toEqual(['zip-traversal']);
    const twice = zipSync({ aa: text('1'), ab: text('2') }, { level: 0 });
    const renamed = twice.map((byte, index) => (twice[index - 1] === 0x61 && byte === 0x62 ? 0x61 : byte));
    const both = await open(renamed);
    expect(both.findings.map(({ code }) => code)).toEqual(['zip-duplicate']);
    expect(
      new TextDecoder().decode(await readMember(both, findMember(both, 'aa')!).catch(() => new Uint8Array())),
    ).toBe('2');
    const locked = zipSync({ a: text('1') }, { level: 0 });
    const flag = locked.lastIndexOf(0x02, locked.length) && centralOffset(locked) + 8;
    const encrypted = await open(patched(locked, flag, [1]));
    expect(encrypted.findings[0]!.code).toBe('zip-encrypted');
    expect(await codeOf(openMember(encrypted, encrypted.members[0]!))).toBe('unsupported');
  });

  it('refuses a member that claims more than deflate can give', async () => {
    const bytes = deflated();
    const central = centralOffset(bytes);
    const claimed = patched(bytes, central + 24, [0, 0, 0, 0x70]);
    const zip = await open(claimed);
    expect(await codeOf(openMember(zip, zip.members[0]!))).toBe('limit');
  });

  it('notices bytes that were changed', async () => {
    const bytes = stored();
    const zip = await open(patched(bytes, 300, [bytes[300]! ^ 1]));
    const problems = await Promise.all(zip.members.map(member => codeOf(readMember(zip, member))));
    expect(problems).toContain('damaged');
  });

  it('keeps what came out of a broken stream', async () => {
    const { bytes, problem } = await inflateRaw(Uint8Array.of(0xff, 0xff, 0xff), 10);
    expect(bytes).toHaveLength(0);
    expect(problem).not.toBeNull();
  });

  it('tells an archive by its first bytes', async () => {
    expect(await isZip(memorySource(stored()))).toBe(true);
    expect(await isZip(memorySource(text('PKnothing')))).toBe(false);
    expect(await codeOf(open(text('PK\x03\x04 and then nothing that is a header')))).toBe('damaged');
  });
});

function endOffset(bytes: Uint8Array): number {
  return bytes.length - 22;
}

function centralOffset(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(endOffset(bytes) + 16, true);
}

/** The same archive with its end record's numbers moved to zip64 records (APPNOTE 4.3.14 and 4.3.15). */
function withZip64(bytes: Uint8Array): Uint8Array {
  const end = endOffset(bytes);
  const old = new DataView(bytes.buffer, bytes.byteOffset + end, 22);
  const extra = new Uint8Array(56 + 20);
  const view = new DataView(extra.buffer);
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, 44n, true);
  view.setBigUint64(24, BigInt(old.getUint16(8, true)), true);
  view.setBigUint64(32, BigInt(old.getUint16(10, true)), true);
  view.setBigUint64(40, BigInt(old.getUint32(12, true)), true);
  view.setBigUint64(48, BigInt(old.getUint32(16, true)), true);
  view.setUint32(56, 0x07064b50, true);
  view.setBigUint64(64, BigInt(end), true);
  const tail = bytes.slice(end);
  tail.fill(0xff, 8, 20);
  return new Uint8Array([...bytes.subarray(0, end), ...extra, ...tail]);
}
