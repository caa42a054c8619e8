import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobSource } from '../../src/bytes/blob.ts';
import { countedSource } from '../../src/bytes/count.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { fileSource } from '../../src/bytes/node/file.ts';
import { sliceSource } from '../../src/bytes/slice.ts';
import { type ByteSource, readRanges } from '../../src/bytes/source.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadstone-bytes-'));
  path = join(folder, 'bytes.bin');
  writeFileSync(path, bytes);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kinds: Record<string, () => Promise<ByteSource>> = {
  memory: async () => memorySource(bytes),
  blob: async () => blobSource(new Blob([bytes.slice(0, 300), bytes.slice(300)])),
  file: () => fileSource(path),
  slice: async () => {
    const around = new Uint8Array(1200);
    around.set(bytes, 100);
    return sliceSource(memorySource(around), 100, 1000);
  },
  counted: async () => countedSource(memorySource(bytes)),
};

describe.each(Object.keys(kinds))('a source of kind %s', kind => {
  it('reads any range within its size', async () => {
    const source = await kinds[kind]!();
    expect(source.size).toBe(1000);
    expect(await source.read(0, 1000)).toEqual(bytes);
    expect(await source.read(250, 7)).toEqual(bytes.slice(250, 257));
    expect(await source.read(1000, 0)).toEqual(new Uint8Array(0));
    expect(
      await readRanges(source, [
        { offset: 990, length: 10 },
        { offset: 0, length: 1 },
      ]),
    ).toEqual([bytes.slice(990), bytes.slice(0, 1)]);
    await source.close?.();
  });

  it('refuses what lies outside, by name and offset', async () => {
    const source = await kinds[kind]!();
    for (const [offset, length] of [
      [999, 2],
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [Number.NaN, 1],
      [2 ** 60, 1],
    ] as const) {
      await expect(source.read(offset, length)).rejects.toMatchObject({ code: 'out-of-bounds', where: source.name });
    }
    await source.close?.();
  });

  it('stops when it is told to', async () => {
    const source = await kinds[kind]!();
    await expect(source.read(0, 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await source.close?.();
  });
});

describe('a file', () => {
  it('says what is wrong with a path', async () => {
    await expect(fileSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(fileSource(folder)).rejects.toMatchObject({
      code: 'bad-input',
      what: expect.stringContaining('folder'),
    });
  });

  it('tells where its bytes lie on disk, in slices of slices too', async () => {
    const source = await fileSource(path);
    expect(source.file).toEqual({ path, offset: 0 });
    const inner = sliceSource(sliceSource(source, 100, 500), 20, 30, 'inner');
    expect(inner).toMatchObject({ name: 'inner', size: 30, file: { path, offset: 120 } });
    expect(await inner.read(0, 3)).toEqual(bytes.slice(120, 123));
    await inner.close?.();
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'io' });
  });

  it('notices that it became shorter', async () => {
    const other = join(folder, 'shrinking.bin');
    writeFileSync(other, bytes);
    const source = await fileSource(other);
    truncateSync(other, 10);
    await expect(source.read(0, 100)).rejects.toMatchObject({ code: 'io', offset: 10 });
    await source.close?.();
  });
});

describe('a slice', () => {
  it('cannot leave its source', () => {
    expect(() => sliceSource(memorySource(bytes), 990, 11)).toThrowError(
      expect.objectContaining({ code: 'out-of-bounds' }),
    );
  });
});

describe('a count', () => {
  it('counts runs read at once as one request', async () => {
    const source = countedSource(memorySource(bytes));
    await source.read(0, 10);
    await readRanges(source, [
      { offset: 0, length: 5 },
      { offset: 50, length: 6 },
    ]);
    expect(source.counts).toEqual({ requests: 2, bytes: 21 });
  });
});
