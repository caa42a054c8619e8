import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheOptions, cachedSource } from '../../src/bytes/cache.ts';
import { planRanges } from '../../src/bytes/coalesce.ts';
import { countedSource } from '../../src/bytes/count.ts';
import type { ByteSource } from '../../src/bytes/source.ts';

/** A source that is not in memory, as far as a cache can tell, and keeps a list of what it was asked. */
function slow(size: number): ByteSource & { asked: string[]; fail: boolean } {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 251);
  const source = {
    name: 'slow',
    size,
    asked: [] as string[],
    fail: false,
    async read(offset: number, length: number) {
      source.asked.push(`${offset}+${length}`);
      await new Promise(resolve => setTimeout(resolve, 1));
      if (source.fail) throw new Error('the medium fails');
      return bytes.slice(offset, offset + length);
    },
  };
  return source;
}

const reach = { ahead: 16, greatestAhead: 1024, gap: 0 };
const small: CacheOptions = { blockSize: 16, firstBytes: 16, reach, largest: 200, maxBytes: 400 };

describe('a cache', () => {
  it('gives the same bytes as its source, whatever is read', async () => {
    const range = fc.tuple(fc.nat(2000), fc.nat(300));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(range, { maxLength: 6 }), { maxLength: 6 }), async rounds => {
        const source = slow(2300);
        const cached = cachedSource(source, small);
        for (const round of rounds) {
          const read = await Promise.all(round.map(([offset, length]) => cached.read(offset, length)));
          const expected = await Promise.all(round.map(([offset, length]) => source.read(offset, length)));
          expect(read).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('fetches each block once, and what is wished for together at once', async () => {
    const source = slow(10_000);
    const cached = cachedSource(source, small);
    await Promise.all([cached.read(100, 4), cached.read(105, 4), cached.read(5000, 2)]);
    expect(source.asked).toEqual(['96+32', '4992+32']);
    await cached.read(98, 10);
    expect(source.asked).toHaveLength(2);
  });

  it('joins neighbours over a gap', async () => {
    const source = slow(10_000);
    await Promise.all(
      [0, 200, 400].map(offset =>
        cachedSource(source, { ...small, reach: { ...reach, gap: 500 }, largest: 1000 }).read(offset, 1),
      ),
    );
    expect(source.asked).toHaveLength(3);
    const one = slow(10_000);
    const cached = cachedSource(one, { ...small, reach: { ...reach, gap: 500 }, largest: 1000 });
    await Promise.all([1000, 1200, 1400].map(offset => cached.read(offset, 1)));
    expect(one.asked).toEqual(['992+432']);
  });

  it('reads further ahead where reading goes on', async () => {
    const source = slow(100_000);
    const cached = cachedSource(source, { ...small, largest: 5000, maxBytes: 100_000 });
    for (let offset = 1000; offset < 20_000; offset += 10) await cached.read(offset, 10);
    expect(source.asked.length).toBeLessThan(30);
  });

  it('lets large reads pass by', async () => {
    const source = slow(10_000);
    const cached = cachedSource(source, small);
    await cached.read(3, 1000);
    await cached.read(3, 1000);
    expect(source.asked).toEqual(['3+1000', '3+1000']);
  });

  it('keeps no more than it may', async () => {
    const source = slow(10_000);
    const cached = cachedSource(source, small);
    for (let offset = 0; offset < 9000; offset += 320) await cached.read(offset, 1);
    const before = source.asked.length;
    await cached.read(0, 1);
    expect(source.asked.length).toBe(before + 1);
  });

  it('forgets failures', async () => {
    const source = slow(1000);
    const cached = cachedSource(source, small);
    source.fail = true;
    await expect(cached.read(0, 20)).rejects.toThrow('the medium fails');
    source.fail = false;
    expect(await cached.read(0, 20)).toHaveLength(20);
  });

  it('lets one reader stop while others go on', async () => {
    const source = slow(1000);
    const cached = cachedSource(source, small);
    const controller = new AbortController();
    const stopped = cached.read(0, 20, { signal: controller.signal });
    const going = cached.read(0, 20);
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
    expect(await going).toHaveLength(20);
  });

  it('can be counted beneath', async () => {
    const counted = countedSource(slow(1000));
    const cached = cachedSource(counted, small);
    await Promise.all([cached.read(0, 1), cached.read(500, 1), cached.read(900, 1)]);
    expect(counted.counts).toEqual({ requests: 1, bytes: 16 + 32 + 32 });
  });
});

describe('planned ranges', () => {
  const wish = fc.record({ offset: fc.nat(500), length: fc.nat(50) });

  it('cover every wish, once', () => {
    fc.assert(
      fc.property(
        fc.array(wish, { maxLength: 20 }),
        fc.nat(30),
        fc.integer({ min: 1, max: 200 }),
        (wishes, gap, most) => {
          const ranges = planRanges(wishes, { gap, most });
          expect(ranges.flatMap(range => range.parts)).toHaveLength(wishes.length);
          for (const { offset, length, parts } of ranges) {
            for (const part of parts) {
              expect(part.offset).toBeGreaterThanOrEqual(offset);
              expect(part.offset + part.length).toBeLessThanOrEqual(offset + length);
            }
            expect(length).toBeLessThanOrEqual(Math.max(most, 50));
          }
        },
      ),
    );
  });
});
