/** Models as programs use them: inputs and outputs, batches, states, many calls at once, the end. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/bytes/memory.ts';
import { readNpz } from '../../src/containers/npy/index.ts';
import { compareTensors } from '../../src/numbers/compare.ts';
import { elementCount, type Tensor } from '../../src/numbers/tensor.ts';
import { loadModel } from '../../src/run.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');

function folderOf(start: string): string {
  return join(models, readdirSync(models).find(name => name.startsWith(start))!);
}

function pathIn(folder: string): string {
  return join(folder, readdirSync(folder).find(name => name.startsWith('model'))!);
}

async function recorded(folder: string, name: 'in' | 'out'): Promise<Tensor[]> {
  const arrays = await readNpz(memorySource(new Uint8Array(readFileSync(join(folder, `${name}.npz`)))));
  return Array.from(arrays.keys(), (_, at) => arrays.get(`${name}_${at}`)!);
}

const one = folderOf('mnist_cnn--tf-2.15.1--keras');
const many = folderOf(readdirSync(models).find(name => /multi_io|fn_multi/.test(name))!);
const stateful = folderOf(readdirSync(models).find(name => /stateful/.test(name))!);

describe('predict', () => {
  it('gives a tensor for one output, and the same by name', async () => {
    await using model = await loadModel(pathIn(one));
    const [input] = await recorded(one, 'in');
    const [expected] = await recorded(one, 'out');
    const tensor = (await model.predict(input!)) as Tensor;
    expect(compareTensors(tensor, expected!).why).toBeNull();
    const named = await model.predict({ [model.inputs[0]!.name]: input! }, { named: true });
    expect(Object.keys(named)).toEqual([model.outputs[0]!.name]);
    expect(named[model.outputs[0]!.name]).toEqual(tensor);
  });

  it('gives an array for several outputs, in the order of model.outputs', async () => {
    await using model = await loadModel(pathIn(many));
    const [inputs, expected] = [await recorded(many, 'in'), await recorded(many, 'out')];
    const results = (await model.predict(inputs)) as Tensor[];
    expect(results).toHaveLength(model.outputs.length);
    results.forEach((tensor, at) => {
      expect(compareTensors(tensor, expected[at]!).why).toBeNull();
    });
  });

  it('takes typed arrays and nested numbers alike, and leaves them alone', async () => {
    await using model = await loadModel(pathIn(one));
    const [input] = await recorded(one, 'in');
    const sample = (input!.data as Float32Array).slice(0, 784);
    const before = sample.slice();
    const rows = Array.from({ length: 28 }, (_, row) => Array.from(sample.subarray(row * 28, row * 28 + 28)));
    expect(await model.predict([rows])).toEqual(await model.predict(sample));
    expect(sample).toEqual(before);
  });

  it('gives the same in batches of any size', async () => {
    await using model = await loadModel(pathIn(one), { prepack: false });
    const [input] = await recorded(one, 'in');
    const whole = (await model.predict(input!)) as Tensor;
    const single = (await model.predict(input!, { batchSize: 1 })) as Tensor;
    expect(compareTensors(single, whole, { absolute: 1e-6, relative: 1e-5 }).why).toBeNull();
  });

  it('can be called many times at once', async () => {
    await using model = await loadModel(pathIn(one));
    const [input] = await recorded(one, 'in');
    const alone = await model.predict(input!);
    const together = await Promise.all(Array.from({ length: 8 }, () => model.predict(input!)));
    for (const result of together) expect(result).toEqual(alone);
  });

  it('stops when it is told to', async () => {
    await using model = await loadModel(pathIn(one));
    const [input] = await recorded(one, 'in');
    await expect(model.predict(input!, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('stateful models', () => {
  it('remember, forget on resetStates, and answer calls in turn', async () => {
    await using model = await loadModel(pathIn(stateful));
    const inputs = await recorded(stateful, 'in');
    const [first, second] = [await model.predictAll(inputs), await model.predictAll(inputs)];
    expect(compareTensors(second[0]!, first[0]!).same).toBe(false);
    model.resetStates();
    const together = await Promise.all([model.predictAll(inputs), model.predictAll(inputs)]);
    expect(together).toEqual([first, second]);
  });
});

describe('the model', () => {
  it('tells its inputs, outputs and layers, and sums itself up', async () => {
    await using model = await loadModel(pathIn(one));
    expect(model.inputs).toEqual([expect.objectContaining({ shape: [null, 28, 28, 1], dtype: 'float32' })]);
    expect(model.outputs[0]!.shape).toEqual([null, 10]);
    expect(model.layers.map(layer => layer.className)).toContain('Conv2D');
    expect(model.summary()).toContain('Conv2D');
  });

  it('ends once, after the predictions under way', async () => {
    const model = await loadModel(pathIn(one));
    const [input] = await recorded(one, 'in');
    const underWay = model.predict(input!);
    await model.dispose();
    await model.dispose();
    expect(elementCount(((await underWay) as Tensor).shape)).toBeGreaterThan(0);
    await expect(model.predict(input!)).rejects.toMatchObject({ code: 'usage' });
  });

  it('is loaded from bytes and blobs too', async () => {
    const bytes = new Uint8Array(readFileSync(pathIn(one)));
    const [input] = await recorded(one, 'in');
    await using fromBytes = await loadModel(bytes);
    await using fromBlob = await loadModel(new Blob([bytes]));
    expect(await fromBytes.predict(input!)).toEqual(await fromBlob.predict(input!));
  });
});
