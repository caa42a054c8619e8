/** What people name: files, folders, prefixes of checkpoints, URLs. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { loadModel } from '../../src/run.ts';
import { serveFile, serveFolder } from '../support/range-server.ts';
import { expected, tensorOf } from '../support/saved-models.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-open-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function model(start: string): string {
  const id = readdirSync(join(fixtures, 'models')).find(name => name.startsWith(start))!;
  const folder = join(fixtures, 'models', id);
  return join(folder, readdirSync(folder).find(name => name.startsWith('model'))!);
}

describe('openPath', () => {
  it('opens a file, and its weights stay where they lie in it', async () => {
    const path = model('act_hard_sigmoid--keras-3.3.3');
    const artefact = await openPath(path);
    const { plain } = artefact.tensors[0]!;
    expect(plain!.source.file?.path).toBe(path);
    const bytes = await readFile(path);
    const stored = bytes.subarray(plain!.source.file!.offset + plain!.offset).subarray(0, plain!.length);
    expect(new Uint8Array(stored)).toEqual(new Uint8Array(await plain!.source.read(plain!.offset, plain!.length)));
    await artefact.close();
  });

  it('opens a checkpoint by its prefix or any of its files', async () => {
    for (const name of ['dtypes', 'dtypes.index', 'dtypes.data-00000-of-00001']) {
      const artefact = await openPath(join(fixtures, 'checkpoints', name));
      expect(artefact.format).toBe('checkpoint');
      await artefact.close();
    }
  });

  it('opens a URL by ranges', async () => {
    const path = model('act_tanh--keras-2.2.4');
    const server = await serveFile(path, { ranges: 'single' });
    const artefact = await openPath(server.url);
    expect(artefact.findings).toEqual([]);
    expect(artefact.format).toBe('keras-h5');
    expect(server.requests()).toBeLessThan(8);
    await artefact.close();
    await server.close();
  });

  it('opens a SavedModel by the URL of its folder, reads little of it, and runs it', async () => {
    const server = await serveFolder(join(fixtures, 'saved-models'), { ranges: 'single' });
    for (const url of ['custom-layer-tf2.13', 'custom-layer-tf2.13/', 'custom-layer-tf2.13/saved_model.pb']) {
      const artefact = await openPath(`${server.url}${url}`);
      expect(artefact).toMatchObject({ format: 'saved-model', findings: [] });
      expect(artefact.model!.layers.length).toBe(4);
      const model = await loadModel(artefact);
      const kept = expected['custom-layer-tf2.13']!;
      const [output] = await model.predictAll(kept.inputs.map(tensorOf));
      output!.data.forEach((value, at) => {
        expect(Number(value)).toBeCloseTo(Number(kept.outputs[0]!.values[at]), 4);
      });
      await model.dispose();
    }
    expect(server.requests()).toBeLessThan(120);
    await expect(openPath(`${server.url}nothing`)).rejects.toMatchObject({ code: 'not-found' });
    await server.close();
  });

  it('opens a checkpoint by the URL of its prefix', async () => {
    const server = await serveFolder(join(fixtures, 'models', 'nested--tf-2.15.1--checkpoint'));
    for (const name of ['ckpt', 'ckpt.index']) {
      const artefact = await openPath(`${server.url}${name}`);
      expect(artefact).toMatchObject({ format: 'checkpoint', findings: [] });
      await artefact.close();
    }
    await server.close();
  });

  it('finds other parts of an artefact beside the file', async () => {
    const kernel = Float32Array.of(1, 2, 3, 4);
    const layers = [
      { class_name: 'Dense', config: { name: 'd', units: 2, use_bias: false, batch_input_shape: [null, 2] } },
    ];
    const weightsManifest = [
      { paths: ['shard.bin'], weights: [{ name: 'd/kernel', shape: [2, 2], dtype: 'float32' }] },
    ];
    const modelTopology = { keras_version: '2.8.0', model_config: { class_name: 'Sequential', config: { layers } } };
    writeFileSync(
      join(scratch, 'model.json'),
      JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }),
    );
    writeFileSync(join(scratch, 'shard.bin'), new Uint8Array(kernel.buffer));
    for (const path of [join(scratch, 'model.json'), scratch]) {
      const artefact = await openPath(path);
      expect(artefact).toMatchObject({ format: 'tfjs-layers', findings: [] });
      expect((await artefact.tensors[0]!.read()).data).toEqual(kernel);
      await artefact.close();
    }
  });

  it('says so where there is nothing', async () => {
    await expect(openPath(join(scratch, 'gone.h5'))).rejects.toMatchObject({ code: 'not-found' });
  });
});
