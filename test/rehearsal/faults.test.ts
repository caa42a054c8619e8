import { describe, expect, it } from 'vitest';
import type {
  RawArtefact,
  RawAttribute,
  RawDataset,
  RawGroup,
  RawMember,
  RawNode,
} from '../../src/artefacts/raw/index.ts';
import { faultOf } from '../../src/rehearsal/faults/index.ts';
import { leading } from '../../src/rehearsal/leading.ts';
import type { Obstacle } from '../../src/rehearsal/types.ts';

const encoder = new TextEncoder();

function artefact(facts: Partial<RawArtefact>): RawArtefact {
  const nothing = { zip: null, hdf5: null, text: null, savedModel: null, checkpoint: null, unzipped: null };
  const empty = { files: [], nearby: [], findings: [], head: new Uint8Array(0), size: 5000 };
  return { path: 'model.h5', presence: 'file', ...nothing, ...empty, ...facts };
}

function attribute(text: string): RawAttribute {
  return { values: [encoder.encode(text)], scalar: true, variable: true, utf8: true, problem: null, offset: 0 };
}

function group(path: string, attributes: Record<string, string>, children: Record<string, RawNode> = {}): RawGroup {
  const stored = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, attribute(text)]));
  return { kind: 'group', path, attributes: stored, attributeProblem: null, children, childProblem: null };
}

function dataset(path: string, facts: Partial<RawDataset> = {}): RawDataset {
  const plain = { offset: 800, length: 24, external: [], virtual: false, problem: null, values: null };
  return { kind: 'dataset', path, shape: [2, 3], dtype: 'float32', ...plain, ...facts };
}

const values = { nan: 0, infinite: 0, count: 6, zeros: 0, largest: 1, implausibleAt: null };

function hdf5(root: RawGroup, path = 'model.h5'): RawArtefact {
  return artefact({ path, hdf5: { size: 5000, problem: null, root, storedEnd: 5000, base: 0 } });
}

function config(...layers: readonly object[]): string {
  return JSON.stringify({ class_name: 'Sequential', config: { name: 'm', layers } });
}

const dense = { class_name: 'Dense', config: { name: 'd', units: 3, kernel_initializer: null, use_bias: true } };

function member(name: string, size: number, storedSize = size, offset = 0): RawMember {
  return { name, size, storedSize, method: 0, offset, problem: null };
}

function archive(members: readonly RawMember[], path = 'model.keras'): RawArtefact {
  const texts = { 'config.json': encoder.encode(config(dense)) };
  return artefact({ path, zip: { problem: null, trailing: null, members, texts, weights: null } });
}

const whole = [member('metadata.json', 64), member('config.json', 900), member('model.weights.h5', 5000)];

describe("an artefact's own faults", () => {
  it('has none to tell of sound files', () => {
    expect(faultOf(archive(whole))).toBeNull();
    const root = group('/', { model_config: config(dense), keras_version: '2.4.0', backend: 'tensorflow' });
    expect(faultOf(hdf5(root))).toBeNull();
  });

  it('tells members that stand twice, lead outside, blow up or are missing, and where', () => {
    const twice = faultOf(archive([...whole, member('config.json', 2, 2, 7000)]));
    expect(twice).toMatchObject({ failure: 'zip-duplicate-entries', evidence: { offset: 7000 } });
    expect(faultOf(archive([...whole, member('../../x', 2)]))?.failure).toBe('zip-path-traversal');
    expect(faultOf(archive([...whole, member('assets/a', 30e6, 29e3)]))?.failure).toBe('zip-bomb-small');
    expect(faultOf(archive(whole.slice(1)))?.failure).toBe('keras-zip-missing-metadata');
    expect(faultOf(archive(whole, 'model.weights.h5'))?.failure).toBe('zip-renamed-weights-h5');
    expect(faultOf(archive(whole, 'model.zip'))?.failure).toBe('filename-extension-required');
  });

  it('tells a version that is gone, and one that the config contradicts', () => {
    const stated = { model_config: config(dense), backend: 'tensorflow' };
    const inner = group('/model_weights', { keras_version: '2.15.0' });
    expect(faultOf(hdf5(group('/', stated)))?.failure).toBe('keras-version-missing');
    expect(faultOf(hdf5(group('/', stated, { model_weights: inner })))?.failure).toBe('missing-version-attr');
    const input = { class_name: 'InputLayer', config: { name: 'i', batch_shape: [null, 3] } };
    const later = group('/', { model_config: config(input, dense), keras_version: '2.8.0' });
    expect(faultOf(hdf5(later))?.failure).toBe('keras3-file-in-keras2');
    const earlier = group('/', { model_config: config(dense), keras_version: '1.2.2' });
    expect(faultOf(hdf5(earlier))?.failure).toBe('silent-wrong-predictions');
  });

  it('tells an argument that the writer of the file did not have', () => {
    const conv = { class_name: 'Conv2D', config: { name: 'c', filters: 2, kernel_size: [3, 3], groups: 1 } };
    const by = (keras_version: string) => hdf5(group('/', { model_config: config(conv), keras_version }));
    expect(faultOf(by('2.2.4'))).toMatchObject({
      failure: 'unknown-config-key',
      evidence: { where: '/config/layers/0' },
    });
    expect(faultOf(by('2.8.0'))).toBeNull();
  });

  it('tells vocabularies that are paths, and weights that are links', () => {
    const lookup = { class_name: 'StringLookup', config: { name: 's', vocabulary: '/etc/hostname' } };
    const reading = group('/', { model_config: config(lookup, dense), keras_version: '2.15.0' });
    expect(faultOf(hdf5(reading))?.failure).toBe('file-read-via-vocabulary-path');
    const link = {
      kind: 'external-link',
      path: '/model_weights/k',
      target: '/x',
      file: 'o.h5',
      present: false,
    } as const;
    const linked = group('/', { keras_version: '2.15.0' }, { model_weights: group('/model_weights', {}, { k: link }) });
    expect(faultOf(hdf5(linked))?.failure).toBe('hdf5-external-link');
  });

  it('tells values that no training gives, though it knows no layer of that name', () => {
    const stored = (facts: Partial<RawDataset>) =>
      hdf5(
        group('/', {}, { model_weights: group('/model_weights', {}, { k: dataset('/model_weights/own/k', facts) }) }),
      );
    expect(faultOf(stored({ values }))).toBeNull();
    expect(faultOf(stored({ values: { ...values, nan: 2, implausibleAt: 812 } }))).toMatchObject({
      failure: 'nan-weights',
      evidence: { offset: 812 },
    });
    expect(faultOf(stored({ values: { ...values, largest: 1e30 } }))?.failure).toBe('truncated-or-corrupt');
  });

  it('tells state that newer optimizers always have; older ones get theirs in the first step', () => {
    const optimizer = { class_name: 'Adam', config: { name: 'Adam', is_legacy_optimizer: false } };
    const training = JSON.stringify({ loss: 'mse', optimizer_config: optimizer });
    const by = (keras_version: string) =>
      hdf5(group('/', { model_config: config(dense), training_config: training, keras_version }));
    expect(faultOf(by('2.15.0'))?.failure).toBe('weights-missing-in-file');
    expect(faultOf(by('2.8.0'))).toBeNull();
  });
});

describe('the obstacle that leads', () => {
  const obstacle = (failure: string, stage: Obstacle['stage'], kind: Obstacle['kind'] = 'raises'): Obstacle => {
    return { kind, stage, exception: null, failure, evidence: [], custom: null };
  };
  const sound = archive(whole);

  it('is what the loader says first', () => {
    const first = obstacle('keras2-file-in-keras3', 'config');
    expect(leading(sound, [first, obstacle('nan-weights', 'weights', 'differs')])).toBe(first);
  });

  it("is the artefact's own fault where the release only minds the training state", () => {
    const first = obstacle('keras-regression', 'compile');
    expect(leading(sound, [first, obstacle('nan-weights', 'weights', 'differs')]).failure).toBe('nan-weights');
    expect(leading(sound, [first])).toBe(first);
  });

  it('knows a model of TensorFlow.js by its text and by its folder', () => {
    const text = encoder.encode('{"format":"layers-model","modelTopology":{}}');
    expect(faultOf(artefact({ path: 'model.json', text }))?.evidence.text).toContain('TensorFlow.js');
    const files = ['group1-shard1of1.bin', 'model.json'];
    expect(faultOf(artefact({ path: 'web', presence: 'folder', files }))?.evidence.text).toContain('TensorFlow.js');
    const architecture = encoder.encode('{"class_name":"Sequential","config":[]}');
    expect(faultOf(artefact({ path: 'model.json', text: architecture }))?.evidence.text ?? '').not.toContain(
      'TensorFlow.js',
    );
  });
});
