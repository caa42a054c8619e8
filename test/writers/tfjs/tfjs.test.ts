/** TensorFlow.js layers models: what is written gives the recorded numbers when read back, quantised or not. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../../src/artefacts/node/open-path.ts';
import { openArtefact } from '../../../src/artefacts/open.ts';
import { memoryFolder } from '../../../src/bytes/folder.ts';
import { memorySource } from '../../../src/bytes/memory.ts';
import { type MemorySink, memorySink } from '../../../src/bytes/sink.ts';
import { readNpz } from '../../../src/containers/npy/index.ts';
import { convertTfjs } from '../../../src/mend/convert-tfjs.ts';
import { compareTensors, float32Tolerance } from '../../../src/numbers/compare.ts';
import type { Tensor } from '../../../src/numbers/tensor.ts';
import { loadModel } from '../../../src/run.ts';
import type { Quantization } from '../../../src/writers/tfjs/files.ts';

const models = join(import.meta.dirname, '..', '..', 'fixtures', 'models');
const keras3 = 'mnist_cnn--keras-3.3.3+tf-2.16--keras/model.keras';
const nested = 'arch_nested_model--keras-2.0.8+tf-1.15--h5/model.h5';

async function planned(model: string, quantize: Quantization | null = null) {
  const artefact = await openPath(join(models, model));
  return { artefact, plan: convertTfjs(artefact, { quantize, version: '1.2.3' }) };
}

async function written(model: string, quantize: Quantization | null = null) {
  const { artefact, plan } = await planned(model, quantize);
  expect(plan.refusals).toEqual([]);
  const sinks = new Map<string, MemorySink>();
  await plan.write(async name => {
    const sink = memorySink();
    sinks.set(name, sink);
    return sink;
  });
  await artefact.close();
  return Object.fromEntries([...sinks].map(([name, sink]) => [name, sink.bytes()]));
}

async function arrays(model: string, name: string): Promise<Tensor[]> {
  const bytes = await readFile(join(models, model, '..', name));
  return [...(await readNpz(memorySource(bytes, name))).values()];
}

async function predicted(model: string, files: Record<string, Uint8Array>): Promise<readonly Tensor[]> {
  const artefact = await openArtefact(memoryFolder(files));
  expect(artefact.format).toBe('tfjs-layers');
  const runnable = await loadModel(artefact, { prepack: false });
  const results = await runnable.predictAll(await arrays(model, 'in.npz'));
  await runnable.dispose();
  return results;
}

describe('TensorFlow.js layers models', () => {
  for (const model of [keras3, nested]) {
    it(`gives the recorded numbers of ${model}`, async () => {
      const [found] = await predicted(model, await written(model));
      const [expected] = await arrays(model, 'out.npz');
      expect(compareTensors(found!, expected!, float32Tolerance)).toMatchObject({ same: true });
    });
  }

  it('says shards and weights in model.json', async () => {
    const files = await written(keras3);
    const json = JSON.parse(new TextDecoder().decode(files['model.json']));
    expect(json).toMatchObject({ format: 'layers-model', convertedBy: 'Loadstone 1.2.3' });
    expect(json.weightsManifest[0].paths).toEqual(['group1-shard1of1.bin']);
    expect(json.weightsManifest[0].weights[0]).toMatchObject({ dtype: 'float32' });
    expect(Object.keys(files).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
  });

  for (const [quantize, width, far] of [
    ['float16', 2, 2e-3],
    ['uint8', 1, 5e-2],
  ] as const) {
    it(`stores ${quantize} where asked, close to the numbers`, async () => {
      const [whole, short] = [await written(keras3), await written(keras3, quantize)];
      const size = whole['group1-shard1of1.bin']!.byteLength;
      expect(short['group1-shard1of1.bin']!.byteLength).toBe((size / 4) * width);
      const [found] = await predicted(keras3, short);
      const [expected] = await arrays(keras3, 'out.npz');
      expect(compareTensors(found!, expected!, { absolute: far, relative: far })).toMatchObject({ same: true });
    });
  }

  it('refuses layers that are not there by name', async () => {
    const { artefact, plan } = await planned('hashing_str--keras-3.3.3+tf-2.16--keras/model.keras');
    await artefact.close();
    const refused = plan.refusals.map(({ className, what }) => `${className}: ${what}`);
    expect(refused.some(text => text.startsWith('Hashing: TensorFlow.js has no layers for'))).toBe(true);
  });
});
