/** What is opened is told by its content; what is no artefact is named. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openArtefact } from '../../src/artefacts/open.ts';
import { memoryFolder } from '../../src/bytes/folder.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { openZip, readMember } from '../../src/containers/zip/index.ts';
import { isLoadstoneError } from '../../src/findings/errors.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');

/** Bytes of the fixture whose id begins so. */
function fixture(start: string): Uint8Array {
  const id = readdirSync(models).find(name => name.startsWith(start))!;
  const file = readdirSync(join(models, id)).find(name => name.startsWith('model'))!;
  return new Uint8Array(readFileSync(join(models, id, file)));
}

const anyH5 = () => fixture('act_tanh--keras-2.2.4');
const anyKeras = () => fixture('act_hard_sigmoid--keras-3.3.3');
const text = (words: string) => new TextEncoder().encode(words);
const open = (bytes: Uint8Array, name = 'model.h5') => openArtefact(memorySource(bytes, name));

async function refusal(bytes: Uint8Array): Promise<{ code: string; what: string; do: string }> {
  try {
    await open(bytes);
  } catch (error) {
    if (isLoadstoneError(error)) return { code: error.code, what: error.what, do: error.do ?? '' };
    throw error;
  }
  throw new Error('it opened');
}

describe('openArtefact', () => {
  it('goes by content, whatever the name', async () => {
    expect((await open(anyH5(), 'model.keras')).format).toBe('keras-h5');
    expect((await open(anyKeras(), 'model.h5')).format).toBe('keras-v3');
  });

  it('opens an archive as the folder that it unpacks to', async () => {
    const zip = await openZip(memorySource(anyKeras()));
    const files = Object.fromEntries(
      await Promise.all(zip.members.map(async member => [member.name, await readMember(zip, member)] as const)),
    );
    const folder = await openArtefact(memoryFolder(files));
    const archive = await open(anyKeras());
    expect(folder.format).toBe('keras-v3');
    expect(folder.findings).toEqual([]);
    expect(folder.model!.layers.map(({ weights }) => weights.map(({ shape }) => shape))).toEqual(
      archive.model!.layers.map(({ weights }) => weights.map(({ shape }) => shape)),
    );
    const packed = await open(zipSync(files, { level: 9 }));
    expect(packed.findings).toEqual([]);
    expect(packed.model!.layers.flatMap(({ weights }) => weights.map(({ tensor }) => tensor !== null))).not.toContain(
      false,
    );
  });

  it('opens the v3 weights alone', async () => {
    const zip = await openZip(memorySource(anyKeras()));
    const weights = await readMember(zip, zip.members.find(({ name }) => name.endsWith('.h5'))!);
    const artefact = await open(weights);
    expect(artefact).toMatchObject({ format: 'keras-v3-weights', model: null });
    expect(artefact.tensors.length).toBeGreaterThan(0);
  });

  it('opens architectures in JSON, and JSON in JSON', async () => {
    const config = {
      class_name: 'Sequential',
      config: [{ class_name: 'Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 3] } }],
      keras_version: '2.2.2',
      backend: 'tensorflow',
    };
    const artefact = await open(text(JSON.stringify(config)));
    expect(artefact).toMatchObject({ format: 'architecture-json', provenance: { line: 'keras2', keras: '2.2.2' } });
    expect(artefact.model!.layers[1]!.weights.map(({ name, shape, tensor }) => [name, shape, tensor])).toEqual([
      ['kernel', [3, 2], null],
      ['bias', [2], null],
    ]);
    expect((await open(text(JSON.stringify(JSON.stringify(config))))).format).toBe('architecture-json');
  });

  it('opens a layers model of TensorFlow.js with the shards beside it', async () => {
    const layers = [
      { class_name: 'Dense', config: { name: 'd', units: 2, use_bias: false, batch_input_shape: [null, 2] } },
    ];
    const manifest = [{ paths: ['a.bin', 'b.bin'], weights: [{ name: 'd/kernel', shape: [2, 2], dtype: 'float32' }] }];
    const json = {
      format: 'layers-model',
      modelTopology: { keras_version: '2.2.4', model_config: { class_name: 'Sequential', config: { layers } } },
      weightsManifest: manifest,
    };
    const bytes = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    const files = { 'model.json': text(JSON.stringify(json)), 'a.bin': bytes.slice(0, 8), 'b.bin': bytes.slice(8) };
    const artefact = await openArtefact(memoryFolder(files));
    expect(artefact).toMatchObject({ format: 'tfjs-layers', findings: [] });
    const kernel = artefact.model!.layers[1]!.weights[0]!.tensor!;
    expect(Array.from((await kernel.read()).data as Float32Array)).toEqual([1, 2, 3, 4]);
    const { 'b.bin': _, ...without } = files;
    expect((await openArtefact(memoryFolder(without))).findings.map(({ code }) => code)).toContain('shard-missing');
  });
});

describe('what is no artefact', () => {
  it.each([
    ['an empty file', new Uint8Array(), 'empty'],
    ['a GIF', text('GIF89a picture'), 'GIF'],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'PNG'],
    ['a page', text('\n<!DOCTYPE html><html><body>404</body></html>'), 'HTML'],
    ['a pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n'), 'git-LFS'],
    ['a pickle', Uint8Array.of(0x80, 0x04, 0x95, 1, 0), 'pickle'],
    ['a gzip archive', gzipSync(text('model')), 'gzip'],
    ['text', text('This is my model.'), 'plain text'],
    ['zeros', new Uint8Array(5000), 'zeros'],
    ['noise', Uint8Array.from({ length: 900 }, (_, index) => (index * 89 + 17) % 256), 'no artefact'],
    ['an archive of something else', zipSync({ 'a.txt': text('a') }), 'zip archive'],
    ['JSON of something else', text('{"a": 1}'), 'no model'],
    ['HDF5 sent as text', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0a, 0x1a, 0x0a, 0, 0), 'transferred as text'],
  ])('%s is named, with what to do', async (_, bytes, word) => {
    const { code, what, do: advice } = await refusal(bytes);
    expect(code).toBe('unknown-format');
    expect(what).toContain(word);
    expect(advice).not.toBe('');
  });

  it('a folder of something else', async () => {
    await expect(openArtefact(memoryFolder({ 'readme.txt': text('x') }))).rejects.toThrow(/no artefact of Keras/);
  });
});

describe('damage', () => {
  it('at any byte gives a finding or an error, never a crash', { timeout: 120_000 }, async () => {
    for (const bytes of [anyH5(), anyKeras()]) {
      for (let trial = 0; trial < 60; trial += 1) {
        const broken = bytes.slice();
        const at = (trial * 7919) % bytes.length;
        for (let index = at; index < Math.min(at + 40, bytes.length); index += 1)
          broken[index] = (broken[index]! * 31 + 97 + trial) % 256;
        const outcome = await open(broken).then(
          artefact => artefact.close(),
          error => error,
        );
        if (outcome !== undefined && !isLoadstoneError(outcome)) throw outcome;
      }
    }
  });

  it('at the end too', { timeout: 120_000 }, async () => {
    const bytes = anyH5();
    for (let length = 1; length < bytes.length; length += 487) {
      const outcome = await open(bytes.slice(0, length)).then(
        artefact => artefact.findings.some(({ severity }) => severity === 'error'),
        error => isLoadstoneError(error),
      );
      expect(outcome, `cut at ${length}`).toBe(true);
    }
  });
});
