import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/bytes/memory.ts';
import { isHdf5, openHdf5 } from '../../../src/containers/hdf5/index.ts';
import { isLoadstoneError } from '../../../src/findings/errors.ts';
import { fixtureBytes, openFixture } from '../../support/hdf5-fixtures.ts';
import { walkAll } from '../../support/hdf5-walk.ts';

/** Small files that between them have every structure. */
const victims = [
  'spaces-earliest',
  'spaces-latest',
  'shared-messages',
  'types-earliest',
  'types-latest',
  'filtered-links',
  'elsewhere',
  'swmr',
];

/** Opens and reads all of it. Only errors of ours may come; returns whether anything was wrong. */
async function survive(bytes: Uint8Array): Promise<boolean> {
  try {
    const file = await openHdf5(memorySource(bytes, 'fuzzed'));
    await file.prefetch();
    const { errors } = await walkAll(file);
    for (const { error } of errors) if (!isLoadstoneError(error)) throw error;
    expect(file.findings.length).toBeLessThan(5000);
    return errors.length > 0 || file.findings.length > 0;
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return true;
  }
}

describe('a damaged file', () => {
  it.each(victims)(
    '%s: bytes changed anywhere end in findings, never in a crash',
    async name => {
      const whole = fixtureBytes(name);
      const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async changes => {
          const bytes = whole.slice();
          for (const { at, value } of changes) bytes[at] = value;
          await survive(bytes);
        }),
        { numRuns: 120 },
      );
    },
    60_000,
  );

  it.each(victims)(
    '%s: cut off anywhere it says so',
    async name => {
      const whole = fixtureBytes(name);
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length - 1), async length => {
          expect(await survive(whole.slice(0, length))).toBe(true);
        }),
        { numRuns: 40 },
      );
    },
    60_000,
  );

  it.each(['chunks-v110', 'many-chunks-v110', 'groups-latest', 'attribute-heaps'])(
    '%s: damaged indexes and heaps end in findings',
    async name => {
      const whole = fixtureBytes(name);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 20, maxLength: 60 }),
          async changes => {
            const bytes = whole.slice();
            for (const [at, value] of changes) bytes[at] = value;
            await survive(bytes);
          },
        ),
        { numRuns: 4 },
      );
    },
    120_000,
  );

  it('cut off still gives what is left, and names what is not', async () => {
    const whole = fixtureBytes('groups-earliest');
    const size = Math.floor(whole.length * 0.8);
    const file = await openHdf5(memorySource(whole.slice(0, size), 'half.h5'));
    expect(file.findings[0]).toMatchObject({ code: 'hdf5-truncated', facts: { storedEnd: whole.length, size } });
    const { objects, errors } = await walkAll(file);
    expect(objects.length).toBeGreaterThan(200);
    expect(errors.length).toBeGreaterThan(0);
    for (const { error } of errors) {
      expect(error).toMatchObject({
        tag: 'LoadstoneError',
        where: expect.stringContaining('half.h5 › /'),
        offset: expect.any(Number),
      });
    }
  });

  it('that lost its root header is read by what the superblock remembers', async () => {
    const bytes = fixtureBytes('spaces-earliest');
    bytes[96] = 99;
    const file = await openHdf5(memorySource(bytes, 'headless'));
    expect(await file.root.names()).toContain('compact');
    expect(file.findings).toMatchObject([
      { code: 'hdf5-object-header-version', at: { path: '/', offset: 96 }, facts: { version: 99 } },
    ]);
  });

  it('that lost its beginning still opens at any object', async () => {
    const whole = fixtureBytes('spaces-earliest');
    const sound = await openHdf5(memorySource(whole.slice(), 'sound'));
    const compact = (await sound.get('/compact'))!;
    whole.fill(0, 0, 1000);
    await expect(openHdf5(memorySource(whole, 'headless'))).rejects.toMatchObject({ code: 'unknown-format' });
    const file = await openHdf5(memorySource(whole, 'headless'), { superblock: sound.superblock });
    expect(file.findings[0]).toMatchObject({ code: 'hdf5-object-header-version' });
    expect(await file.objectAt(compact.offset)).toMatchObject({ kind: 'dataset', shape: [2, 4], dtype: 'float64' });
  });

  it('tells a name that libhdf5 would not find from one that is not there', async () => {
    const bytes = fixtureBytes('spaces-earliest');
    const at = Buffer.from(bytes).indexOf('empty\0');
    bytes[at] = 'z'.charCodeAt(0);
    const file = await openHdf5(memorySource(bytes, 'renamed'));
    expect(await file.root.names()).toContain('zmpty');
    expect(file.findings).toMatchObject([
      { code: 'hdf5-link-lookup', facts: { names: expect.arrayContaining(['zmpty']) } },
    ]);
    expect(await file.get('/empty')).toBeNull();
  });

  it('notices changed bytes of newer structures by their checksums', async () => {
    const bytes = fixtureBytes('spaces-latest');
    const header = Buffer.from(bytes).indexOf('OHDR');
    bytes[header + 10]! ^= 1;
    const file = await openHdf5(memorySource(bytes, 'flipped'));
    await walkAll(file);
    expect(file.findings.map(finding => finding.code)).toContain('hdf5-checksum');
  });

  it('verifies fletcher32 and the checksum of deflate', async () => {
    for (const path of ['/fletcher32/fixed', '/gzip/fixed']) {
      const bytes = fixtureBytes('chunks-v110');
      const sound = await openHdf5(memorySource(bytes.slice(), 'sound'));
      const dataset = await sound.get(path);
      if (dataset?.kind !== 'dataset') throw new Error('no dataset');
      const [chunk] = await dataset.chunks();
      bytes[chunk!.offset + chunk!.length - 2]! ^= 0x10;
      const damaged = await (await openHdf5(memorySource(bytes, 'damaged'))).get(path);
      if (damaged?.kind !== 'dataset') throw new Error('no dataset');
      await expect(damaged.read()).rejects.toMatchObject({ code: 'damaged', offset: chunk!.offset });
    }
  });

  it('that declares what nobody can hold is refused before anything is made of it', async () => {
    const bytes = fixtureBytes('chunks-earliest');
    const file = await openHdf5(memorySource(bytes, 'limits'), { limits: { valueBytes: 100 } });
    const dataset = await file.get('/plain/fixed');
    if (dataset?.kind !== 'dataset') throw new Error('no dataset');
    await expect(dataset.read()).rejects.toMatchObject({ code: 'limit' });
  });

  it('that is none is told from one', async () => {
    for (const text of ['', '<!DOCTYPE html>', 'version https://git-lfs.github.com/spec/v1\n']) {
      const source = memorySource(new TextEncoder().encode(text), 'model.h5');
      expect(await isHdf5(source)).toBe(false);
      await expect(openHdf5(source)).rejects.toMatchObject({ code: 'unknown-format' });
    }
    expect(await isHdf5(memorySource(fixtureBytes('prefixed')))).toBe(true);
  });

  it('stops when it is told to', async () => {
    const file = await openFixture('groups-latest');
    const signal = AbortSignal.abort();
    await expect(file.root.names({ signal })).rejects.toMatchObject({ code: 'aborted' });
    await expect(file.get('/many', { signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(await file.root.names()).toContain('many');
  });
});
