/** Optimizer state in copies: the same numbers in the order of the release that they are written for. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { fileSink } from '../../src/bytes/node/file-sink.ts';
import { optimizerFamily, stateLayout } from '../../src/eras/optimizers.ts';
import { writeTraining } from '../../src/eras/write/training.ts';
import { type Form, type MendOptions, planMend, writeMended } from '../../src/mend/mend.ts';
import { momentumProduct } from '../../src/mend/nadam.ts';
import { targetOf } from '../../src/mend/target.ts';
import type { JsonObject, TensorRef } from '../../src/model/types.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-state-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Shapes and numbers of the optimizer's variables after mending. */
async function stateOf(path: string, env: string, form: Form, options: MendOptions = {}) {
  const artefact = await openPath(path);
  const copy = join(scratch, `copy.${form}`);
  const plan = planMend(artefact, targetOf(env), form, options);
  const sink = await fileSink(copy);
  await writeMended(plan, sink);
  await sink.close();
  await artefact.close();
  return variablesOf(copy);
}

async function variablesOf(path: string): Promise<string[]> {
  const artefact = await openPath(path);
  const tensors = await Promise.all((artefact.training?.optimizerWeights ?? []).map(tensor => tensor.read()));
  await artefact.close();
  return tensors.map(({ shape, data }) => `${shape.join('x')}: ${Array.from(data as Float32Array).join()}`);
}

describe('optimizer state', () => {
  const trained = join(models, 'autoencoder--keras-3.10.0+tf-2.19--h5', 'model.h5');

  it('goes from .h5 to .keras and back unchanged', async () => {
    const before = await variablesOf(trained);
    expect(before.length).toBeGreaterThan(2);
    expect(await stateOf(trained, 'keras-3.15.1+tf-2.21', 'keras')).toEqual(before);
    const archive = join(scratch, 'copy.keras');
    expect(await stateOf(archive, 'keras-3.15.1+tf-2.21', 'h5')).toEqual(before);
  });

  it('goes from tf.keras to Keras 3, which keeps the learning rate with it', async () => {
    const path = join(models, 'mlp_regression--tf-2.15.1--h5', 'model.h5');
    const [before, after] = [await variablesOf(path), await stateOf(path, 'keras-3.15.1+tf-2.21', 'keras')];
    expect(after[0]).toBe(before[0]);
    expect(after.slice(2)).toEqual(before.slice(1));
  });

  it('is left out where it is not wanted', async () => {
    expect(await stateOf(trained, 'keras-3.15.1+tf-2.21', 'keras', { dropOptimizer: true })).toEqual([]);
  });
});

describe('momentumProduct', () => {
  const productAfter = async (steps: number, family: 'modern' | 'keras2') => {
    const iterations = { read: async () => ({ data: Float32Array.of(steps) }) } as unknown as TensorRef;
    const { data } = await momentumProduct(iterations, { family, config: { beta_1: 0.9 }, variables: 3 }).read();
    return data[0];
  };

  it('is what the steps so far multiplied, as often as the release did it', async () => {
    expect(await productAfter(0, 'modern')).toBe(1);
    const momentum = (power: number) => 0.9 * (1 - 0.5 * 0.96 ** power);
    expect(await productAfter(3, 'modern')).toBeCloseTo(momentum(1) ** 2 * momentum(2) ** 2 * momentum(3) ** 3, 6);
    expect(await productAfter(2, 'keras2')).toBeCloseTo(momentum(0.004) * momentum(0.008), 6);
  });
});

describe('writeTraining', () => {
  const written = (optimizer: JsonObject, environment: string) => {
    const notes: string[] = [];
    const training = { optimizer, loss: 'mse', metrics: [], lossWeights: null };
    const found = writeTraining(training, targetOf(environment), 'h5', ({ what }) => notes.push(what));
    return { config: (found?.optimizer_config as JsonObject | undefined)?.config as JsonObject | undefined, notes };
  };

  it('keeps bounds of gradients, and tells settings that have no place', () => {
    const adam = { class_name: 'Adam', config: { learning_rate: 0.01, clipnorm: 0.1, weight_decay: 0.02 } };
    const { config, notes } = written(adam, 'tf-2.4.4');
    expect(config).toMatchObject({ clipnorm: 0.1 });
    expect(notes).toEqual(['the optimizer Adam takes no weight_decay there; only training would use it']);
  });

  it('leaves uncompiled what would raise: Nadam with a schedule in TensorFlow before 2.11', () => {
    const decay = { class_name: 'ExponentialDecay', config: { initial_learning_rate: 0.1 } };
    const nadam = { class_name: 'Nadam', config: { learning_rate: decay } };
    expect(written(nadam, 'tf-2.4.4').config).toBeUndefined();
    expect(written(nadam, 'tf-2.15.1').config).toBeDefined();
  });

  it('writes an optimizer inside another as an optimizer', () => {
    const sgd = { class_name: 'SGD', config: { learning_rate: 0.01, decay: 0 } };
    const scaled = { class_name: 'LossScaleOptimizer', config: { inner_optimizer: sgd, initial_scale: 8 } };
    const inner = written(scaled, 'keras-3.10.0+tf-2.19').config?.inner_optimizer;
    expect(inner).toMatchObject({ module: 'keras.optimizers', class_name: 'SGD', config: { learning_rate: 0.01 } });
  });

  it('leaves the name of a schedule to Keras 3 where it has none', () => {
    const decay = { class_name: 'ExponentialDecay', config: { initial_learning_rate: 0.1, name: null } };
    const { config } = written({ class_name: 'SGD', config: { learning_rate: decay } }, 'keras-3.15.1+tf-2.21');
    expect(config).toMatchObject({ learning_rate: { config: { initial_learning_rate: 0.1 } } });
    expect(JSON.stringify(config)).not.toContain('"name"');
  });
});

describe('stateLayout', () => {
  const slots = (...words: Parameters<typeof stateLayout>) => stateLayout(...words)?.groups;

  it('has the slots of a variable side by side where the release makes them so', () => {
    expect(slots('v2', 'Adam', {}, '2.8.4')).toEqual([['m'], ['v']]);
    expect(slots('keras3', 'Adam', { amsgrad: true }, '3.10.0')).toEqual([['m', 'v'], ['vhat']]);
    expect(slots('modern', 'SGD', { momentum: 0 }, '2.15.1')).toEqual([['momentum']]);
    expect(slots('keras3', 'SGD', { momentum: 0 }, '3.10.0')).toEqual([]);
  });

  it('knows which of TensorFlow 2.11 and later are the legacy ones', () => {
    const release = { line: 'tf.keras', version: '2.15.1' } as const;
    expect(optimizerFamily(release, { class_name: 'Custom>Adam', config: {} })).toBe('modern');
    expect(optimizerFamily(release, { class_name: 'Adam', config: { is_legacy_optimizer: true } })).toBe('v2');
    expect(optimizerFamily(release, { module: 'keras.optimizers.legacy', class_name: 'Adam' })).toBe('v2');
  });
});
