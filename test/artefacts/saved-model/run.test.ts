import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSavedModel } from '../../../src/artefacts/saved-model/read.ts';
import { memoryFolder } from '../../../src/bytes/folder.ts';
import { nodeFolder } from '../../../src/bytes/node/folder.ts';
import { runnableModel } from '../../../src/run/model.ts';
import { nodeBackend } from '../../../src/run/node/backend.ts';
import { expected, filesOf, reading, savedModels, tensorOf } from '../../support/saved-models.ts';

const close = (found: ArrayLike<number | bigint | string>, wanted: readonly (number | string)[]) => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, at) => {
    if (typeof value === 'string') expect(found[at]).toBe(value);
    else expect(Math.abs(Number(found[at]) - value)).toBeLessThanOrEqual(1e-4 + 1e-3 * Math.abs(value));
  });
};

describe('SavedModels run as their release predicted', () => {
  it.each(Object.keys(expected))('%s', async name => {
    const artefact = await readSavedModel(await nodeFolder(join(savedModels, name)), reading);
    expect(artefact.findings).toEqual([]);
    const model = await runnableModel(artefact, nodeBackend);
    const outputs = await model.predictAll(expected[name]!.inputs.map(tensorOf));
    outputs.forEach((output, at) => {
      expect(output.shape).toEqual(expected[name]!.outputs[at]!.shape);
      close(output.data, expected[name]!.outputs[at]!.values);
    });
    await model.dispose();
  });

  it.each(['custom-layer-tf2.13', 'string-lookup-tf2.12'])('%s, from its functions alone', async name => {
    const { 'keras_metadata.pb': _metadata, ...files } = filesOf(name);
    const artefact = await readSavedModel(memoryFolder(files), reading);
    expect(artefact.export).toBe('bare');
    expect(artefact.model).toBeNull();
    const model = await runnableModel(artefact, nodeBackend);
    const [output] = await model.predictAll(expected[name]!.inputs.map(tensorOf));
    close(output!.data, expected[name]!.outputs[0]!.values);
    await model.dispose();
  });

  it('runs the signature that is named, and says which there are', async () => {
    const open = async () => readSavedModel(await nodeFolder(join(savedModels, 'dense-export-keras3.10')), reading);
    const model = await runnableModel(await open(), nodeBackend, { signature: 'serve' });
    const [output] = await model.predictAll(expected['dense-export-keras3.10']!.inputs.map(tensorOf));
    close(output!.data, expected['dense-export-keras3.10']!.outputs[0]!.values);
    await model.dispose();
    await expect(runnableModel(await open(), nodeBackend, { signature: 'nothing' })).rejects.toMatchObject({
      code: 'usage',
      do: 'Give one of: serve, serving_default.',
    });
  });

  it('describes a Keras SavedModel as it does a .h5', async () => {
    const artefact = await readSavedModel(await nodeFolder(join(savedModels, 'custom-layer-tf2.13')), reading);
    expect(artefact.provenance).toMatchObject({ line: 'tf.keras', keras: '2.13.1', tensorflow: '2.13.1' });
    expect(artefact.model?.layers.map(layer => [layer.className, layer.weights.map(weight => weight.name)])).toEqual([
      ['InputLayer', []],
      ['Dense', ['kernel', 'bias']],
      ['ScaleLayer', ['scale']],
      ['Dense', ['kernel', 'bias']],
    ]);
    const kernel = artefact.model?.layers[1]?.weights[0]?.tensor;
    expect(kernel).toMatchObject({ shape: [4, 3], dtype: 'float32', storage: 'shard' });
    expect(kernel?.plain?.source.file?.path).toMatch(/variables\.data-00000-of-00001$/);
    expect(artefact.training?.optimizerStateSaved).toBe(true);
    expect(artefact.tensors.map(({ path }) => path).filter(path => path.startsWith('optimizer'))).toEqual([]);
    await artefact.close();
  });
});
