/** What stood in the way of a load is told once each, as the artefact shows it. */

import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { rawAtPath } from '../../src/artefacts/node/raw-path.ts';
import { answeredObstacles } from '../../src/mend/answered.ts';
import { parseEnvironment } from '../../src/rehearsal/environments/index.ts';
import { rehearse } from '../../src/rehearsal/rehearse.ts';

const target = {
  line: 'keras3',
  keras: '3.10.0',
  tensorflow: '2.19.1',
  backend: 'tensorflow',
  python: '3.11',
} as const;

async function changesOf(fixture: string) {
  const path = fileURLToPath(new URL(`../fixtures/models/${fixture}`, import.meta.url));
  return answeredObstacles(rehearse(await rawAtPath(path), parseEnvironment('keras==3.10.0')), target);
}

it('names the place, the failure and what the loader would have said', async () => {
  const [change] = await changesOf('mnist_cnn--tf-2.15.1--keras/model.keras');
  expect(change).toMatchObject({ failure: 'keras2-file-in-keras3', where: '/compile_config/optimizer' });
  expect(change?.after).toBe('in the words of Keras 3.10.0');
  expect(change?.why).toMatch(/^TypeError: Could not deserialize class 'SGD'/);
});

it('says the same thing of the same place once', async () => {
  const changes = await changesOf('k1_bidir_lstm--keras-1.2.2+theano--h5/model.h5');
  const said = changes.map(({ failure, where, before }) => `${failure} ${where} ${before}`);
  expect(said.length).toBeGreaterThan(3);
  expect(new Set(said).size).toBe(said.length);
});
