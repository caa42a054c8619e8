import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { File, type Group, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countedSource } from '../../../src/bytes/count.ts';
import { httpSource } from '../../../src/bytes/http.ts';
import { fileSource } from '../../../src/bytes/node/file.ts';
import type { ByteSource, ReadCounts } from '../../../src/bytes/source.ts';
import { openHdf5 } from '../../../src/containers/hdf5/index.ts';
import { walkAll } from '../../support/hdf5-walk.ts';
import { serveFile } from '../../support/range-server.ts';

const layers = 12;
const size = 160 * 1024;
let folder: string;
let path: string;

/** A file as Keras writes it: the metadata of each layer stand between the weights, so they are scattered. */
beforeAll(async () => {
  await ready;
  folder = mkdtempSync(join(tmpdir(), 'loadstone-cost-'));
  path = join(folder, 'scattered.h5');
  const file = new File(path, 'w');
  for (let layer = 0; layer < layers; layer += 1) {
    const group = file.create_group(`dense_${layer}`) as Group;
    group.create_attribute('weight_names', [`dense_${layer}/kernel:0`, `dense_${layer}/bias:0`]);
    const inner = group.create_group(`dense_${layer}`) as Group;
    inner.create_dataset({ name: 'kernel:0', data: new Float32Array(size / 4) });
    inner.create_dataset({ name: 'bias:0', data: new Float32Array(64) });
  }
  file.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads all names, attributes, shapes and dtypes. */
async function describeAll(source: ByteSource): Promise<ReadCounts> {
  const counted = countedSource(source);
  const file = await openHdf5(counted);
  await file.prefetch();
  let datasets = 0;
  for (const name of await file.root.names()) {
    const kernel = await file.get(`/${name}/${name}/kernel:0`);
    expect(kernel).toMatchObject({ kind: 'dataset', dtype: 'float32', shape: [size / 4] });
    expect((await (await file.get(name))?.attribute('weight_names'))?.value).toEqual([
      `${name}/kernel:0`,
      `${name}/bias:0`,
    ]);
    datasets += 1;
  }
  expect(datasets).toBe(layers);
  return counted.counts;
}

describe('what it costs to describe a file without reading its data', () => {
  it('is a few batches of reads on disk', async () => {
    const source = await fileSource(path);
    const { requests, bytes } = await describeAll(source);
    await source.close?.();
    expect(requests).toBeLessThan(10);
    expect(bytes).toBeLessThan(500_000);
  });

  it.each([
    ['multiple', 10],
    ['single', 2 * layers + 6],
  ] as const)('is a few requests over HTTP with %s ranges', async (ranges, most) => {
    const server = await serveFile(path, { ranges });
    try {
      const { requests, bytes } = await describeAll(await httpSource(server.url));
      expect(requests).toBe(server.requests());
      expect(requests).toBeLessThan(most);
      expect(bytes).toBeLessThan(500_000);
    } finally {
      await server.close();
    }
  });

  it('reads a dataset alone with one request more', async () => {
    const source = countedSource(await fileSource(path));
    const file = await openHdf5(source);
    const kernel = await file.get('/dense_3/dense_3/kernel:0');
    const before = { ...source.counts };
    if (kernel?.kind !== 'dataset') throw new Error('no dataset');
    expect((await kernel.read()).shape).toEqual([size / 4]);
    expect(source.counts).toEqual({ requests: before.requests + 1, bytes: before.bytes + size });
    await source.close?.();
  });

  it('reads everything once', async () => {
    const source = countedSource(await fileSource(path));
    const { errors } = await walkAll(await openHdf5(source));
    expect(errors).toEqual([]);
    expect(source.counts.bytes).toBeLessThan(source.size * 1.2);
    await source.close?.();
  });
});
