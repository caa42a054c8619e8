import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryFolder } from '../../../src/bytes/folder.ts';
import { nodeFolder } from '../../../src/bytes/node/folder.ts';
import { encode } from '../../../src/containers/protobuf/message.ts';
import { openBundle } from '../../../src/containers/table/bundle.ts';
import { crc32c, maskCrc } from '../../../src/containers/table/crc32c.ts';
import { BundleEntryProto, BundleHeaderProto } from '../../../src/containers/table/schema.ts';
import { readBundleTensor } from '../../../src/containers/table/tensor.ts';
import { isV1Checkpoint, openV1Checkpoint, readV1Tensor } from '../../../src/containers/table/v1.ts';
import { isLoadstoneError } from '../../../src/findings/errors.ts';
import type { Tensor } from '../../../src/numbers/tensor.ts';
import { tableBytes } from '../../support/table.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'checkpoints');
type Expected = Record<string, Record<string, { shape: number[]; dtype: string; values: (number | string)[] }>>;
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Expected;

const floatBits: Record<string, (bits: number) => number> = {
  float16: bits => miniFloat(bits, 5, 10, 15),
  bfloat16: bits => miniFloat(bits, 8, 7, 127),
  float8_e5m2: bits => miniFloat(bits, 5, 2, 15),
  float8_e4m3fn: bits => miniFloat(bits, 4, 3, 7),
};

function miniFloat(bits: number, exponentBits: number, mantissaBits: number, bias: number): number {
  const mantissa = bits & ((1 << mantissaBits) - 1);
  const exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
  if (exponent === 0) return mantissa * 2 ** (1 - bias - mantissaBits);
  return (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}

function values({ dtype, data }: Tensor): (number | string)[] {
  const convert = floatBits[dtype];
  if (convert) return Array.from(data as Uint16Array, convert);
  return Array.from(data as ArrayLike<number | bigint | string>, it => (typeof it === 'bigint' ? String(it) : it));
}

async function filesOf(prefix: string): Promise<Record<string, Uint8Array>> {
  const names = readdirSync(fixtures).filter(name => name === prefix || name.startsWith(`${prefix}.`));
  return Object.fromEntries(names.map(name => [name, new Uint8Array(readFileSync(join(fixtures, name)))]));
}

describe('checkpoints of the second format', () => {
  it.each(['dtypes', 'sliced'])('reads every tensor of "%s" as TensorFlow wrote it', async prefix => {
    const folder = await nodeFolder(fixtures);
    const bundle = await openBundle(folder, prefix);
    expect([...bundle.entries.keys()].sort()).toEqual(Object.keys(expected[prefix]!).sort());
    for (const [key, entry] of bundle.entries) {
      const tensor = await readBundleTensor(bundle, entry);
      const want = expected[prefix]![key]!;
      expect(tensor.shape).toEqual(want.shape);
      expect(values(tensor), key).toEqual(want.values);
      if (tensor.dtype !== 'string') expect(tensor.dtype).toBe(want.dtype);
    }
    await folder.close();
  });

  it('says which shard is missing only when a tensor is read', async () => {
    const { 'sliced.index': index } = await filesOf('sliced');
    const bundle = await openBundle(memoryFolder({ 'sliced.index': index! }), 'sliced');
    const entry = bundle.entries.get('embedding')!;
    await expect(readBundleTensor(bundle, entry)).rejects.toThrow('there is no sliced.data-00000-of-00001');
  });

  it('says that the index is missing', async () => {
    await expect(openBundle(memoryFolder({}), 'ckpt')).rejects.toThrow('there is no ckpt.index');
  });

  it('reads snappy blocks and big-endian numbers', async () => {
    const data = new Uint8Array([0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0]);
    const entry = { dtype: 1, shape: { dim: [{ size: 2 }] }, size: 8, crc32c: maskCrc(crc32c(data)) };
    const index = tableBytes(
      [
        [new Uint8Array(), encode(BundleHeaderProto, { numShards: 1, endianness: 1 })],
        [new TextEncoder().encode('w'), encode(BundleEntryProto, entry)],
      ],
      { snappy: true },
    );
    const bundle = await openBundle(memoryFolder({ 'c.index': index, 'c.data-00000-of-00001': data }), 'c');
    expect(await readBundleTensor(bundle, bundle.entries.get('w')!)).toEqual({
      dtype: 'float32',
      shape: [2],
      data: new Float32Array([1, -2]),
    });
  });

  it('refuses an entry whose size and shape disagree, before reading a shard', async () => {
    const index = tableBytes([
      [new Uint8Array(), encode(BundleHeaderProto, { numShards: 1 })],
      [
        new TextEncoder().encode('w'),
        encode(BundleEntryProto, { dtype: 1, shape: { dim: [{ size: 2 ** 40 }] }, size: 8 }),
      ],
    ]);
    await expect(openBundle(memoryFolder({ 'c.index': index }), 'c')).rejects.toThrow(
      /takes 4398046511104 bytes, not 8/,
    );
  });

  it.each(['dtypes', 'sliced'])('reads right or refuses "%s" after every truncation and bit flip', async prefix => {
    const files = await filesOf(prefix);
    const want = expected[prefix]!;
    for (const name of Object.keys(files)) {
      const whole = files[name]!;
      for (let length = 0; length < whole.length; length += 7)
        await attempt({ ...files, [name]: whole.slice(0, length) }, prefix, want);
      // Every byte, each with another of its bits.
      for (let bit = 0; bit < whole.length * 8; bit += 9) {
        const flipped = whole.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        await attempt({ ...files, [name]: flipped }, prefix, want);
      }
    }
  });
});

/** Reads all; what can be read must be right, and what cannot must be refused by name and offset. */
async function attempt(files: Record<string, Uint8Array>, prefix: string, want: Expected[string]): Promise<void> {
  const check = (error: unknown) => {
    if (!isLoadstoneError(error)) throw error;
    expect(error.offset).toBeTypeOf('number');
    expect(error.where).toContain(prefix);
  };
  let bundle: Awaited<ReturnType<typeof openBundle>>;
  try {
    bundle = await openBundle(memoryFolder(files), prefix);
  } catch (error) {
    return check(error);
  }
  for (const [key, entry] of bundle.entries) {
    try {
      const tensor = await readBundleTensor(bundle, entry);
      expect(values(tensor)).toEqual(want[key]?.values);
    } catch (error) {
      check(error);
    }
  }
}

describe('checkpoints of the first format', () => {
  it.each(['v1', 'v1-sliced'])('reads every tensor of "%s"', async name => {
    const folder = await nodeFolder(fixtures);
    expect(await isV1Checkpoint((await folder.file(name))!)).toBe(true);
    expect(await isV1Checkpoint((await folder.file('dtypes.index'))!)).toBe(false);
    const checkpoint = await openV1Checkpoint(folder, name);
    const want = expected[name.replace('v1-', '')]!;
    expect([...checkpoint.entries.keys()].sort()).toEqual(Object.keys(want).sort());
    for (const [key, entry] of checkpoint.entries) {
      expect(values(await readV1Tensor(checkpoint, entry))).toEqual(want[key]!.values);
    }
    await folder.close();
  });

  it('reads right or refuses after every truncation and bit flip', async () => {
    const { 'v1-sliced': whole } = await filesOf('v1-sliced');
    const want = expected.sliced!;
    const read = async (bytes: Uint8Array) => {
      try {
        const checkpoint = await openV1Checkpoint(memoryFolder({ c: bytes }), 'c');
        for (const [key, entry] of checkpoint.entries) {
          expect(values(await readV1Tensor(checkpoint, entry))).toEqual(want[key]!.values);
        }
      } catch (error) {
        if (!isLoadstoneError(error)) throw error;
        expect(error.where).toContain('c');
      }
    };
    for (let length = 0; length < whole!.length; length += 3) await read(whole!.slice(0, length));
    for (let bit = 0; bit < whole!.length * 8; bit++) {
      const flipped = whole!.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await read(flipped);
    }
  });
});

describe('tables', () => {
  it('checks CRC-32C as published', () => {
    // RFC 3720, B.4: 32 bytes of zeros, and the ascending run.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(
      crc32c(
        Uint8Array.from({ length: 22 }, (_, i) => i + 10),
        crc32c(Uint8Array.from({ length: 10 }, (_, i) => i)),
      ),
    ).toBe(0x46dd794e);
  });

  it('finds any key in tables of any shape, snappy or not', async () => {
    const bytes = fc.uint8Array({ maxLength: 12 });
    const keys = fc.uniqueArray(bytes, { minLength: 1, maxLength: 20, selector: key => key.join() });
    await fc.assert(
      fc.asyncProperty(keys, fc.boolean(), fc.integer({ min: 1, max: 5 }), async (given, snappy, perBlock) => {
        const { openTable, compareKeys } = await import('../../../src/containers/table/table.ts');
        const { memorySource } = await import('../../../src/bytes/memory.ts');
        const sorted = [...given].sort(compareKeys);
        const table = await openTable(
          memorySource(
            tableBytes(
              sorted.map(key => [key, key]),
              { snappy, perBlock },
            ),
          ),
        );
        for (const key of sorted) expect((await table.get(key))?.value).toEqual(key);
        expect(await table.get(new Uint8Array(13).fill(7))).toBeNull();
        const read: Uint8Array[] = [];
        for await (const entry of table.entries()) read.push(entry.value);
        expect(read).toEqual(sorted);
      }),
      { numRuns: 60 },
    );
  });
});
