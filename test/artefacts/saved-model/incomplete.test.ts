import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/artefacts/checkpoint/read.ts';
import { openPath } from '../../../src/artefacts/node/open-path.ts';
import { openArtefact } from '../../../src/artefacts/open.ts';
import { readSavedModel } from '../../../src/artefacts/saved-model/read.ts';
import { isSavedModel } from '../../../src/artefacts/saved-model/types.ts';
import { memoryFolder } from '../../../src/bytes/folder.ts';
import { memorySource } from '../../../src/bytes/memory.ts';
import { encode } from '../../../src/containers/protobuf/message.ts';
import { isLoadstoneError } from '../../../src/findings/errors.ts';
import { runnableModel } from '../../../src/run/model.ts';
import { nodeBackend } from '../../../src/run/node/backend.ts';
import { SavedModelProto } from '../../../src/tensorflow/schema/saved-model.ts';
import { expected, filesOf, reading, savedModels, tensorOf } from '../../support/saved-models.ts';

const whole = filesOf('custom-layer-tf2.13');
const shard = 'variables/variables.data-00000-of-00001';
const text = (value: string) => new TextEncoder().encode(value);

async function codesOf(files: { [path: string]: Uint8Array }): Promise<string[]> {
  const artefact = await readSavedModel(memoryFolder(files), reading);
  return artefact.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

describe('SavedModels that are not all there', () => {
  it('names the part that is missing', async () => {
    const { [shard]: _shard, ...noShard } = whole;
    const { 'variables/variables.index': _index, ...noIndex } = whole;
    const { 'saved_model.pb': _pb, ...noPb } = whole;
    expect(await codesOf(noShard)).toEqual(['savedmodel-missing-variables']);
    expect(await codesOf(noIndex)).toEqual(['savedmodel-missing-index']);
    expect(await codesOf(noPb)).toEqual(['savedmodel-missing-pb']);
    const bare = { 'saved_model.pb': whole['saved_model.pb']! };
    expect(await codesOf(bare)).toEqual(['savedmodel-missing-variables']);
    await expect(readSavedModel(memoryFolder({}), reading)).rejects.toThrow('there is no saved_model.pb');
  });

  it('says what stands in the place of a file', async () => {
    const pointer = text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n');
    expect(await codesOf({ ...whole, 'saved_model.pb': pointer })).toEqual(['git-lfs-pointer']);
    expect(await codesOf({ ...whole, [shard]: pointer })).toEqual(['git-lfs-pointer']);
    expect(await codesOf({ ...whole, 'saved_model.pb': text('<!DOCTYPE html><html>') })).toEqual([
      'savedmodel-pb-is-html',
    ]);
    expect(await codesOf({ ...whole, 'saved_model.pb': new Uint8Array(0) })).toEqual(['empty-file']);
    expect(await codesOf({ ...whole, [shard]: whole[shard]!.slice(0, 50) })).toEqual(['truncated-file']);
  });

  it('tells the layers of a model whose shard is missing, and refuses to run it', async () => {
    const { [shard]: _shard, ...files } = whole;
    const artefact = await readSavedModel(memoryFolder(files), reading);
    expect(artefact.model?.layers.map(({ name }) => name)).toContain('scale_layer');
    await expect(runnableModel(artefact, nodeBackend)).rejects.toMatchObject({ code: 'damaged' });
  });

  it('opens a .pb alone for what it tells', async () => {
    const artefact = await openArtefact(memorySource(whole['saved_model.pb']!, 'saved_model.pb'));
    expect(artefact.findings.map(({ code }) => code)).toContain('savedmodel-pb-alone');
  });

  it('names a file of assets/ that the graph reads and that is not there', async () => {
    const metaGraphs = [{ metaInfoDef: { tags: ['serve'] }, assetFileDef: [{ filename: 'words.txt' }] }];
    const pb = encode(SavedModelProto, { savedModelSchemaVersion: 1, metaGraphs });
    expect(await codesOf({ 'saved_model.pb': pb })).toEqual(['savedmodel-missing-asset']);
    expect(await codesOf({ 'saved_model.pb': pb, 'assets/words.txt': text('a') })).toEqual([]);
  });

  it('lists the variables of a checkpoint without its shard by their keys', async () => {
    const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'models', 'nested--tf-2.15.1--checkpoint');
    const index = new Uint8Array(readFileSync(join(folder, 'ckpt.index')));
    const artefact = await readCheckpoint(memoryFolder({ 'ckpt.index': index }), 'ckpt', reading);
    expect(artefact.findings.map(({ code }) => code)).toEqual(['checkpoint-missing-data']);
    const own = artefact.variables.filter(({ role }) => role === 'model');
    expect(own.map(({ layer }) => layer)).toContain('layer_with_weights-1');
    expect(own.every(({ path }) => !path.includes('optimizer'))).toBe(true);
  });

  it('says of a folder of shards which index is missing, and of a path near a checkpoint what lies there', async () => {
    const shards = memoryFolder({ 'ckpt.data-00000-of-00001': new Uint8Array(8) });
    await expect(openArtefact(shards)).rejects.toMatchObject({
      what: expect.stringContaining('there is no ckpt.index'),
    });
    const near = join(
      import.meta.dirname,
      '..',
      '..',
      'fixtures',
      'models',
      'nested--tf-2.15.1--checkpoint',
      'ckpt.h5',
    );
    await expect(openPath(near)).rejects.toMatchObject({ do: expect.stringContaining('"ckpt"') });
  });

  it('runs a frozen graph', async () => {
    const bytes = new Uint8Array(readFileSync(join(savedModels, 'frozen-tf1.15.pb')));
    const artefact = await openArtefact(memorySource(bytes, 'frozen.pb'));
    expect(isSavedModel(artefact) && artefact.export).toBe('frozen-graph');
    const model = await runnableModel(artefact, nodeBackend);
    const shape = model.inputs[0]!.shape.map(size => size ?? 2);
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5);
    const [output] = await model.predictAll([{ dtype: 'float32', shape, data }]);
    expect(output!.data.every(value => Number.isFinite(value as number))).toBe(true);
    await model.dispose();
  });
});

describe('damaged SavedModels', () => {
  it('are read right or refused after every byte of the graph was hit, where a fingerprint lies beside it', async () => {
    const files = filesOf('dense-export-keras3.10');
    const pb = files['saved_model.pb']!;
    const inputs = expected['dense-export-keras3.10']!.inputs.map(tensorOf);
    const model = await runnableModel(await readSavedModel(memoryFolder(files), reading), nodeBackend);
    expect((await model.predictAll(inputs)).length).toBe(1);
    for (let at = 0; at < pb.length; at += 97) {
      const hit = pb.slice();
      hit[at]! ^= 1 << (at % 8);
      const codes = await attempt({ ...files, 'saved_model.pb': hit });
      expect(codes.length, `byte ${at}`).toBeGreaterThan(0);
    }
  }, 60_000);

  it('are refused by LoadstoneError alone after every truncation', async () => {
    for (const name of ['custom-layer-tf2.13', 'gru-tf1.15']) {
      const files = filesOf(name);
      const pb = files['saved_model.pb']!;
      for (let length = 0; length < pb.length; length += 499) {
        expect((await attempt({ ...files, 'saved_model.pb': pb.slice(0, length) })).length).toBeGreaterThan(0);
      }
    }
  }, 60_000);
});

/** Codes of what is wrong, or of the error; any other error fails the test. */
async function attempt(files: { [path: string]: Uint8Array }): Promise<string[]> {
  try {
    return await codesOf(files);
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return [error.code];
  }
}
