import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dataset, File, type Group, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memorySink } from '../../../src/bytes/sink.ts';
import {
  type DatasetNode,
  type GroupNode,
  type NumberType,
  writeHdf5,
} from '../../../src/containers/hdf5/writer/index.ts';
import { bytesOf } from '../../../src/numbers/dtype.ts';

let folder: string;

beforeAll(async () => {
  await ready;
  folder = mkdtempSync(join(tmpdir(), 'loadstone-writer-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function dataset(dtype: NumberType, shape: number[], bytes: Uint8Array): DatasetNode {
  return { kind: 'dataset', dtype, shape, chunks: () => [bytes.subarray(0, 3), bytes.subarray(3)] };
}

async function write(root: GroupNode): Promise<Uint8Array> {
  const sink = memorySink();
  await writeHdf5(root, sink);
  return sink.bytes();
}

/** Opens with libhdf5 (compiled to WebAssembly), the judge of what we write. */
function judge(bytes: Uint8Array): File {
  const path = join(folder, `${Math.random()}.h5`);
  writeFileSync(path, bytes);
  return new File(path, 'r');
}

const floats = new Float32Array([1, -2.5, 3e-9, 4, 5, 6]);

function group(members: Record<string, GroupNode | DatasetNode>, attributes: GroupNode['attributes'] = []): GroupNode {
  return { kind: 'group', members: new Map(Object.entries(members)), attributes };
}

describe('the HDF5 writer, judged by libhdf5', () => {
  it('writes groups, datasets and every kind of attribute', async () => {
    const long = 'ü'.repeat(100_000);
    const file = judge(
      await write(
        group(
          {
            model_weights: group({ dense: group({ 'kernel:0': dataset('float32', [2, 3], bytesOf(floats)) }) }, [
              { name: 'layer_names', value: { kind: 'fixed-texts', texts: ['dense', 'flatten_1'] } },
              { name: 'names', value: { kind: 'texts', texts: ['a', 'Ünï', ''] } },
              { name: 'none', value: { kind: 'numbers', dtype: 'float64', shape: [0], bytes: new Uint8Array(0) } },
            ]),
            step: dataset('int64', [], bytesOf(new BigInt64Array([-7n]))),
            empty: dataset('float32', [0, 4], new Uint8Array(0)),
          },
          [{ name: 'model_config', value: { kind: 'text', text: long } }],
        ),
      ),
    );
    expect(file.attrs.model_config?.value).toBe(long);
    const weights = file.get('model_weights') as Group;
    expect(weights.attrs.layer_names?.value).toEqual(['dense', 'flatten_1']);
    expect(weights.attrs.names?.value).toEqual(['a', 'Ünï', '']);
    expect(weights.attrs.none?.shape).toEqual([0]);
    const kernel = file.get('model_weights/dense/kernel:0') as Dataset;
    expect(kernel.shape).toEqual([2, 3]);
    expect(kernel.value).toEqual(floats);
    expect((file.get('step') as Dataset).value).toBe(-7n);
    expect((file.get('empty') as Dataset).shape).toEqual([0, 4]);
    file.close();
  });

  it.each<[NumberType, ArrayBufferView]>([
    ['float32', new Float32Array([1.5, -2])],
    ['float64', new Float64Array([1.5, -2])],
    ['int8', new Int8Array([1, -2])],
    ['int16', new Int16Array([1, -2])],
    ['int32', new Int32Array([1, -2])],
    ['int64', new BigInt64Array([1n, -2n])],
    ['uint8', new Uint8Array([1, 255])],
    ['uint16', new Uint16Array([1, 65535])],
    ['uint32', new Uint32Array([1, 4294967295])],
    ['uint64', new BigUint64Array([1n, 2n ** 64n - 1n])],
  ])('writes %s', async (dtype, values) => {
    const bytes = new Uint8Array(values.buffer);
    const file = judge(await write(group({ x: dataset(dtype, [2], bytes) })));
    expect((file.get('x') as Dataset).value).toEqual(values);
    file.close();
  });

  it('writes float16 and bool as h5py does', async () => {
    const half = bytesOf(new Uint16Array([0x3e00, 0xc000]));
    const file = judge(
      await write(group({ half: dataset('float16', [2], half), flags: dataset('bool', [3], Uint8Array.of(0, 1, 1)) })),
    );
    expect((file.get('half') as Dataset).metadata).toMatchObject({ type: 1, size: 2 });
    const { enum_type } = (file.get('flags') as Dataset).metadata;
    expect(enum_type?.members).toEqual({ FALSE: 0, TRUE: 1 });
    file.close();
  });

  it('holds more strings than one collection and more members than a small group', async () => {
    const texts = Array.from({ length: 70_000 }, (_, index) => `s${index}`);
    const members = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `layer_${index}`,
        group({ w: dataset('float32', [6], bytesOf(floats)) }),
      ]),
    );
    const parts = Array.from({ length: 20 }, (_, index) => ({
      name: `part${index}`,
      value: { kind: 'texts', texts: texts.slice(index * 3500, (index + 1) * 3500) } as const,
    }));
    const file = judge(await write(group(members, parts)));
    expect(file.keys().length).toBe(300);
    expect(parts.flatMap(({ name }) => file.attrs[name]?.value as string[])).toEqual(texts);
    expect((file.get('layer_299/w') as Dataset).value).toEqual(floats);
    file.close();
  });

  it('gives the same bytes every time, whatever the order of members', async () => {
    const a = dataset('float32', [6], bytesOf(floats));
    const first = await write(group({ a, b: a }));
    expect(await write(group({ b: a, a }))).toEqual(first);
  });

  it('refuses numbers that do not fill the shape', async () => {
    await expect(write(group({ x: dataset('float32', [7], bytesOf(floats)) }))).rejects.toMatchObject({
      code: 'damaged',
    });
  });

  it('refuses an attribute that HDF5 cannot hold', async () => {
    const texts = Array.from({ length: 10_000 }, () => 'x');
    const root = group({}, [{ name: 'names', value: { kind: 'texts', texts } }]);
    await expect(write(root)).rejects.toMatchObject({ code: 'unsupported' });
  });
});
