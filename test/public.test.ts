/** What the package exports does together what the README says. */

import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { explain, isLoadstoneError, openPath, parseEnvironment, rawAtPath, rehearse } from '../src/node.ts';
import { loadModel } from '../src/run.ts';

const path = fileURLToPath(new URL('fixtures/models/mnist_cnn--tf-2.15.1--keras/model.keras', import.meta.url));

it('foresees a load and explains what the loader would say', async () => {
  const raw = await rawAtPath(path);
  expect(rehearse(raw, parseEnvironment('tensorflow==2.15.1')).outcome).toBe('loads');
  const foreseen = rehearse(raw, parseEnvironment('keras==3.10.0'));
  expect(foreseen.outcome).toBe('fails');
  const { causes } = explain(`${foreseen.exception?.type}: ${foreseen.exception?.message}`);
  expect(causes.map(cause => cause.failure)).toContain(foreseen.failure);
});

it('opens, sums up and predicts', async () => {
  const artefact = await openPath(path);
  expect(artefact.model?.layers.map(layer => layer.className)).toContain('Conv2D');
  await artefact.close();
  await using model = await loadModel(path);
  expect(model.summary()).toContain('conv2d (Conv2D)');
  const result = await model.predict(new Float32Array(28 * 28));
  expect(result).toMatchObject({ dtype: 'float32', shape: [1, 10] });
});

it('refuses with what, where and what to do', async () => {
  const refused = await openPath('nowhere.h5').catch((error: unknown) => error);
  expect(isLoadstoneError(refused, 'not-found')).toBe(true);
  expect(refused).toMatchObject({ where: 'nowhere.h5', do: expect.stringContaining('path') });
});
