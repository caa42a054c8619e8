import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/bytes/memory.ts';
import {
  type Hdf5Dataset,
  type Hdf5File,
  type Hdf5Group,
  type Hdf5Items,
  joinedAttribute,
  openHdf5,
} from '../../../src/containers/hdf5/index.ts';
import type { Tensor } from '../../../src/numbers/tensor.ts';
import { fixtureBytes, openFixture } from '../../support/hdf5-fixtures.ts';

async function dataset(file: Hdf5File, path: string): Promise<Hdf5Dataset> {
  const object = await file.get(path);
  if (object?.kind !== 'dataset') throw new Error(`${path} is no dataset`);
  return object;
}

async function tensor(file: Hdf5File, path: string): Promise<Tensor> {
  const value = await (await dataset(file, path)).read();
  if (value.dtype === null) throw new Error(`${path} has no dtype`);
  return value;
}

async function items(file: Hdf5File, path: string): Promise<Hdf5Items['items']> {
  const value = await (await dataset(file, path)).read();
  if (value.dtype !== null) throw new Error(`${path} is a tensor of ${value.dtype}`);
  return value.items;
}

async function group(file: Hdf5File, path: string): Promise<Hdf5Group> {
  const object = await file.get(path);
  if (object?.kind !== 'group') throw new Error(`${path} is no group`);
  return object;
}

describe.each(['types-earliest', 'types-v108', 'types-latest'])('values of %s', name => {
  it.each(['i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f4', 'f8'])('reads %s in both byte orders', async kind => {
    const file = await openFixture(name);
    const expected = kind.startsWith('u') ? [3, 0, 1, 2, 100, 127] : [-3, 0, 1, 2, 100, 127];
    for (const order of ['little', 'big']) {
      const { data, shape } = await tensor(file, `/numbers/${order}/${kind}`);
      expect(Array.from(data, Number)).toEqual(expected);
      expect(shape).toEqual([2, 3]);
    }
  });

  it('keeps half precision as bits, in both byte orders', async () => {
    const file = await openFixture(name);
    const expected = { dtype: 'float16', data: Uint16Array.of(0xc200, 0, 0x3c00, 0x4000, 0x5640, 0x57f0) };
    expect(await tensor(file, '/numbers/little/f2')).toMatchObject(expected);
    expect(await tensor(file, '/numbers/big/f2')).toMatchObject(expected);
  });

  it('computes numbers that no machine has', async () => {
    const file = await openFixture(name);
    expect(await tensor(file, '/odd_i17')).toMatchObject({
      dtype: 'int32',
      data: Int32Array.of(-65536, 65535, -1, 12),
    });
    expect(await tensor(file, '/odd_u5')).toMatchObject({ dtype: 'uint8', data: Uint8Array.of(31, 0, 17) });
    expect(await tensor(file, '/odd_i24')).toMatchObject({
      dtype: 'int32',
      data: Int32Array.of(-8388608, 8388607, -2),
    });
    expect(await tensor(file, '/odd_f24')).toMatchObject({ dtype: 'float64', data: Float64Array.of(1.5, -0.25, 3, 0) });
    expect(await tensor(file, '/numbers/long_double')).toMatchObject({
      dtype: 'float64',
      data: Float64Array.of(1.5, -3e-10, 2 ** 70, 0),
    });
  });

  it('knows bfloat16, booleans and complex numbers', async () => {
    const file = await openFixture(name);
    expect(await tensor(file, '/bf16')).toMatchObject({
      dtype: 'bfloat16',
      data: Uint16Array.of(0x3fc0, 0xbe80, 0x4040, 0x4380),
    });
    expect(await tensor(file, '/marked')).toEqual({
      dtype: 'bfloat16',
      shape: [2],
      data: Uint16Array.of(0x3fc0, 0xbe80),
    });
    expect((await dataset(file, '/unmarked')).dtype).toBeNull();
    expect(await (await dataset(file, '/unmarked')).readBytes()).toEqual(Uint8Array.of(0xc0, 0x3f, 0x80, 0xbe));
    expect(await tensor(file, '/bool')).toEqual({ dtype: 'bool', shape: [2, 2], data: Uint8Array.of(1, 0, 0, 1) });
    expect(await tensor(file, '/bool_scalar')).toEqual({ dtype: 'bool', shape: [], data: Uint8Array.of(1) });
    expect(await tensor(file, '/numbers/complex64')).toMatchObject({
      dtype: 'complex64',
      shape: [2],
      data: Float32Array.of(1, 2, -0, -3.5),
    });
    expect((await tensor(file, '/numbers/complex128')).shape).toEqual([2, 1]);
  });

  it('reads enumerations as their numbers, with the names beside them', async () => {
    const file = await openFixture(name);
    const enumeration = await dataset(file, '/enum');
    expect(enumeration.datatype).toMatchObject({
      class: 'enum',
      members: expect.arrayContaining([{ name: 'RED', value: 0 }]),
    });
    expect(await enumeration.read()).toMatchObject({ dtype: 'int16', data: Int16Array.of(0, 2, 1) });
    expect(await tensor(file, '/enum_big')).toMatchObject({ dtype: 'int64', data: BigInt64Array.of(-1n, 2n) });
    expect((await dataset(file, '/enum_big')).byteRange()).toBeNull();
  });

  it('decodes records, arrays, opaque bytes and sequences', async () => {
    const file = await openFixture(name);
    const [first, second] = (await items(file, '/compound')) as Record<string, unknown>[];
    expect(first).toMatchObject({ id: 1, name: 'one', point: { x: 0.5, y: -2 }, flag: true, text: 'eins' });
    expect(first!.vector).toEqual({ dtype: 'float64', shape: [3], data: Float64Array.of(1, 2, 3) });
    expect(second).toMatchObject({ id: 2, name: 'two', flag: false, text: 'zwei ü' });
    expect((await tensor(file, '/array')).shape).toEqual([4, 2, 3]);
    expect(await items(file, '/opaque')).toEqual([Uint8Array.of(97, 98, 99), Uint8Array.of(0, 1, 2)]);
    const sequences = (await items(file, '/variable')) as Tensor[];
    expect(sequences.map(sequence => Array.from(sequence.data as Int32Array))).toEqual([[1, 2, 3], [], [4]]);
  });

  it('reads texts of every kind', async () => {
    const file = await openFixture(name);
    expect((await tensor(file, '/text/fixed')).data).toEqual(['a', 'bcd', '', 'xyz12']);
    expect((await tensor(file, '/text/fixed_utf8')).data).toEqual(['ü', '日本']);
    expect((await tensor(file, '/text/variable')).data).toEqual(['a', 'längere Namen', '', '日本語🙂']);
    expect((await tensor(file, '/text/terminated')).data).toEqual(['abc', 'de']);
    expect((await tensor(file, '/text/spaces')).data).toEqual(['abc', 'de']);
    expect((await tensor(file, '/text/scalar')).data).toEqual(['ein Wort']);
  });

  it('keeps bytes that are no UTF-8, and says so', async () => {
    const file = await openFixture(name);
    const text = await group(file, '/text');
    const broken = await text.attribute('broken');
    expect(broken?.value).toBe('caf\udce9 \udcff ok');
    expect(broken?.rawStrings?.[0]).toEqual(Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x20, 0xff, 0x20, 0x6f, 0x6b));
    expect((await text.attribute('broken_list'))?.value).toEqual(['fine', '\udcc3(']);
    expect((await text.attribute('ünï'))?.value).toBe('Ünïcöde');
    expect(file.findings.map(finding => [finding.code, finding.at.path])).toContainEqual(['hdf5-text', '/text']);
  });

  it('follows references to objects', async () => {
    const file = await openFixture(name);
    const references = (await items(file, '/references/objects')) as { offset: number | null }[];
    expect(references[2]).toEqual({ reference: 'object', offset: null });
    const target = await file.objectAt(references[0]!.offset!);
    expect(target).toMatchObject({ kind: 'dataset', offset: (await file.get('/bool'))!.offset });
    const [region] = (await items(file, '/references/regions')) as { offset: number | null }[];
    expect(region).toEqual({ reference: 'region', offset: (await file.get('/numbers/little/i4'))!.offset });
  });

  it('reads committed datatypes, and what is made of them', async () => {
    const file = await openFixture(name);
    const point = await file.get('/types/point');
    expect(point).toMatchObject({ kind: 'datatype', datatype: { class: 'compound', size: 8 } });
    expect((await point!.attribute('unit'))?.value).toBe('m');
    expect(await items(file, '/references/committed')).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 0 },
    ]);
    expect((await (await group(file, '/references')).attribute('of_type'))?.value).toBe(3.5);
  });

  it('gives attributes as people think of them', async () => {
    const file = await openFixture(name);
    const attributes = await (await dataset(file, '/bool')).attributes();
    expect(attributes.get('empty')).toMatchObject({ shape: null, value: null, dtype: 'float32' });
    expect(attributes.get('no_names')?.value).toEqual({ dtype: 'float64', shape: [0], data: new Float64Array(0) });
    expect(attributes.get('matrix')?.value).toEqual({
      dtype: 'float32',
      shape: [2, 3],
      data: Float32Array.of(0, 1, 2, 3, 4, 5),
    });
    expect(attributes.get('like_bool_scalar')?.value).toBe(true);
    expect(attributes.get('like_text_variable')).toMatchObject({ shape: [2, 2], dtype: 'string' });
  });
});

describe('groups', () => {
  it.each(['groups-earliest', 'groups-tracked', 'groups-latest'])('%s: paths, soft links and circles', async name => {
    const file = await openFixture(name);
    const direct = await file.get('/few/dataset');
    for (const path of ['/links/soft', 'links//hard', '/links/inside/up', '/links/inside/loop/./soft']) {
      expect((await file.get(path))?.offset, path).toBe(direct!.offset);
    }
    expect(await (await group(file, '/links')).get('/few/dataset')).toMatchObject({ offset: direct!.offset });
    expect(await tensor(file, '/links/relative')).toMatchObject({ data: BigInt64Array.of(5n) });
    expect(await file.get('/links/dangling')).toBeNull();
    expect(await file.get('/links/circle_a')).toBeNull();
    expect(await file.get('/links/external')).toBeNull();
    expect(await file.get('/few/dataset/deeper')).toBeNull();
    const links = await (await group(file, '/links')).links();
    expect(links.find(link => link.name === 'external')).toMatchObject({ file: 'other.h5', target: '/secret' });
  });

  it('keeps the order in which links and attributes were made, where the file does', async () => {
    expect(await (await group(await openFixture('groups-latest'), '/ordered')).names()).toEqual(['c', 'a', 'b']);
    expect(await (await group(await openFixture('groups-earliest'), '/ordered')).names()).toEqual(['a', 'b', 'c']);
    const ordered = await group(await openFixture('attribute-heaps'), '/ordered');
    expect([...(await ordered.attributes()).keys()].slice(0, 3)).toEqual(['n39', 'n38', 'n37']);
  });

  it('joins attributes that were split', async () => {
    const pieces = await group(await openFixture('groups-earliest'), '/pieces');
    const names = (await joinedAttribute(pieces, 'layer_names')) as string[];
    expect(names).toHaveLength(300);
    expect(names[299]).toBe('layer_299');
    expect(await joinedAttribute(pieces, 'nothing')).toBeNull();
  });

  it('lists thousands of dense links', async () => {
    const wide = await group(await openFixture('many-links'), '/wide');
    const names = await wide.names();
    expect(names).toHaveLength(6000);
    expect(names[4321]!.startsWith('soft_04321_')).toBe(true);
  });
});

describe('storage', () => {
  it('tells where plain data lie, behind a user block too', async () => {
    for (const name of ['spaces-earliest', 'userblock-latest', 'prefixed', 'superblock-1', 'small-addresses']) {
      const bytes = fixtureBytes(name);
      const file = await openHdf5(memorySource(bytes, name));
      for (const path of ['/compact', '/deep', '/scalar']) {
        const { offset, length } = (await dataset(file, path)).byteRange()!;
        expect(bytes.slice(offset, offset + length), `${name} ${path}`).toEqual(
          await (await dataset(file, path)).readBytes(),
        );
      }
    }
  });

  it('fills what was never written', async () => {
    const file = await openFixture('spaces-latest');
    expect((await tensor(file, '/unwritten_filled')).data).toEqual(new Float32Array(6).fill(1.25));
    expect((await tensor(file, '/unwritten_big')).data).toEqual(new Int32Array(5).fill(-2));
    expect((await tensor(file, '/unwritten')).data).toEqual(new Float32Array(6));
    expect((await dataset(file, '/unwritten')).byteRange()).toBeNull();
    expect(await dataset(file, '/null')).toMatchObject({ shape: null, byteLength: 0 });
    expect((await tensor(file, '/null')).data).toHaveLength(0);
  });

  it('undoes LZF, which libhdf5 alone does not', async () => {
    for (const name of ['chunks-earliest', 'chunks-latest']) {
      const file = await openFixture(name);
      for (const kind of ['fixed', 'single', 'growing', 'growing_second', 'growing_both', 'bounded', 'wide']) {
        expect(await tensor(file, `/lzf/${kind}`)).toEqual(await tensor(file, `/plain/${kind}`));
      }
      expect((await tensor(file, '/lzf/zeros')).data).toEqual(new Float64Array(3600));
      expect(new Set((await tensor(file, '/lzf/random')).data as Uint8Array).size).toBeGreaterThan(200);
    }
  });

  it('names every index of chunks', async () => {
    const file = await openFixture('chunks-latest');
    const kinds: Record<string, string> = {
      '/plain/fixed': 'fixed-array',
      '/plain/single': 'single',
      '/plain/growing': 'extensible-array',
      '/plain/growing_both': 'btree2',
      '/implicit': 'implicit',
    };
    for (const [path, index] of Object.entries(kinds)) {
      const chunked = await dataset(file, path);
      expect(chunked.layout, path).toMatchObject({ kind: 'chunked', index });
      expect(await chunked.chunks(), path).toHaveLength(path === '/plain/single' ? 1 : 9);
    }
    const old = await dataset(await openFixture('chunks-earliest'), '/plain/fixed');
    expect(old.layout).toMatchObject({ kind: 'chunked', index: 'btree1', chunkShape: [3, 4] });
  });

  it('reads an extensible array of pages, of which few were ever written', async () => {
    const growing = await dataset(await openFixture('paged-chunks'), '/growing');
    expect(await growing.chunks()).toHaveLength(30);
    const expected = new Uint8Array(140_000).fill(1).fill(7, 135_500, 135_520).fill(8, 139_990);
    expect(Buffer.compare(await growing.readBytes(), expected)).toBe(0);
  });

  it('says which filter it does not have, and takes one from the caller', async () => {
    const without = await dataset(await openFixture('chunks-earliest'), '/scaleoffset');
    await expect(without.read()).rejects.toMatchObject({
      code: 'unsupported',
      what: expect.stringContaining('scaleoffset'),
    });
    const seen: (readonly number[])[] = [];
    const filters = new Map([
      [
        6,
        (bytes: Uint8Array, parameters: readonly number[]) => {
          seen.push(parameters);
          return new Uint8Array(48).fill(bytes.length > 0 ? 1 : 0);
        },
      ],
    ]);
    const given = await dataset(await openFixture('chunks-earliest', { filters }), '/scaleoffset');
    expect(await given.readBytes()).toEqual(new Uint8Array(7 * 11 * 4).fill(1));
    expect(seen.length).toBe(9);
  });

  it('tells of data in other files, and never reads them', async () => {
    const file = await openFixture('elsewhere');
    expect((await dataset(file, '/external')).layout).toEqual({
      kind: 'external',
      files: [
        { name: 'weights.bin', offset: 0, length: 8 },
        { name: 'more.bin', offset: 16, length: 8 },
      ],
    });
    await expect((await dataset(file, '/external')).read()).rejects.toMatchObject({ code: 'unsupported' });
    await expect((await dataset(file, '/virtual')).read()).rejects.toMatchObject({ code: 'unsupported' });
    expect(file.findings.map(finding => finding.code).sort()).toEqual([
      'hdf5-external-storage',
      'hdf5-virtual-dataset',
    ]);
    expect((await tensor(file, '/here')).data).toEqual(Float64Array.of(0, 1, 2, 3));
  });

  it('tells the facts of the superblock', async () => {
    const versions: Record<string, number> = {
      'spaces-earliest': 0,
      'superblock-1': 1,
      'shared-messages': 2,
      'types-latest': 3,
      swmr: 3,
    };
    for (const [name, version] of Object.entries(versions)) {
      expect((await openFixture(name)).superblock, name).toMatchObject({ version, baseOffset: 0 });
    }
    expect((await openFixture('userblock')).superblock).toMatchObject({ baseOffset: 512, statedBase: 512 });
    expect((await openFixture('prefixed')).superblock).toMatchObject({ baseOffset: 1024, statedBase: 0 });
    expect((await openFixture('small-addresses')).superblock).toMatchObject({ offsetSize: 4, lengthSize: 4 });
  });
});
