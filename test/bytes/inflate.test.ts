/** Inflating and checksums, by Node and without it: the same bytes, limits and faults. */

import { deflateRawSync, deflateSync, crc32 as hostCrc32 } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { plainCrc32 } from '../../src/containers/zip/crc32.ts';

const text = new TextEncoder().encode('loadstone '.repeat(20_000));

async function inflater(host: boolean) {
  vi.resetModules();
  if (host) vi.doUnmock('../../src/bytes/host.ts');
  else vi.doMock('../../src/bytes/host.ts', () => ({ hostZlib: null }));
  return (await import('../../src/bytes/inflate.ts')).inflate;
}

describe.each([true, false])('inflate, with the host: %s', host => {
  it('undoes bare and wrapped streams', async () => {
    const inflate = await inflater(host);
    const bare = await inflate(deflateRawSync(text), text.length, false);
    const wrapped = await inflate(deflateSync(text), text.length, true);
    for (const { bytes, problem } of [bare, wrapped]) {
      expect(problem).toBeNull();
      expect(Buffer.compare(bytes, text)).toBe(0);
    }
  });

  it('keeps what fits and says that there is more', async () => {
    const inflate = await inflater(host);
    const { bytes, problem } = await inflate(deflateRawSync(text), 1000, false);
    expect(problem).toBe('it expands to more than 1000 bytes');
    expect(bytes).toEqual(text.subarray(0, 1000));
  });

  it('notices a wrong checksum and a stream that is cut off', async () => {
    const inflate = await inflater(host);
    const stream = new Uint8Array(deflateSync(text));
    const cut = await inflate(stream.subarray(0, stream.length - 200), text.length, true);
    expect(cut.problem).not.toBeNull();
    stream[stream.length - 1]! ^= 1;
    expect((await inflate(stream, text.length, true)).problem).toBe('its checksum does not match');
  });
});

it('computes the checksum of zip as Node does, at once and piece by piece', () => {
  expect(plainCrc32(text)).toBe(hostCrc32(text));
  expect(plainCrc32(text.subarray(500), plainCrc32(text.subarray(0, 500)))).toBe(hostCrc32(text));
});
