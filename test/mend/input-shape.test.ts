/** Declaring inputs anew: what the weights allow, what changes behind it, what is refused and why. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { declareInputs, type InputDeclaration, type Redeclared } from '../../src/mend/input-shape.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');

async function declare(id: string, file: string, declaration: InputDeclaration) {
  const artefact = await openPath(join(models, id, file));
  try {
    return declareInputs(artefact.model!, declaration);
  } finally {
    await artefact.close();
  }
}

const cnn = (declaration: InputDeclaration) => declare('mnist_cnn--tf-2.15.1--keras', 'model.keras', declaration);

describe('declareInputs', () => {
  it('fixes the number of samples and tells every shape behind it', async () => {
    const { changes, shapes } = (await cnn({ shapes: {}, batchSize: 4 })) as Redeclared;
    expect(changes).toMatchObject([{ where: 'input input_1', before: '(None, 28, 28, 1)', after: '(4, 28, 28, 1)' }]);
    expect(shapes[0]).toEqual({ layer: 'input_1', before: [null, 28, 28, 1], after: [4, 28, 28, 1] });
    expect(shapes.at(-1)).toEqual({ layer: 'dense', before: [null, 10], after: [4, 10] });
  });

  it('opens sizes that no weight depends on', async () => {
    const declaration = { shapes: { input_1: [null, null, 1] } };
    const { model, shapes } = (await declare('arch_unet--tf-2.1.4--h5', 'model.h5', declaration)) as Redeclared;
    expect(model.layers[0]?.config.batch_shape).toEqual([null, null, null, 1]);
    expect(shapes.at(-1)?.after).toEqual([null, null, null, 1]);
  });

  it('goes through to models inside', async () => {
    const declaration = { shapes: {}, batchSize: 3 };
    const { shapes } = (await declare('arch_nested_model--tf-2.11.0--h5', 'model.h5', declaration)) as Redeclared;
    expect(shapes.map(({ layer }) => layer)).toContain('inner/dense');
  });

  it('says nothing where nothing changes', async () => {
    expect(await cnn({ shapes: { '': [28, 28, 1] } })).toMatchObject({ changes: [], shapes: [] });
  });

  it('names the layer whose weights do not fit', async () => {
    expect(await cnn({ shapes: { '': [28, 28, 3] } })).toEqual({
      refused: {
        layer: 'conv2d',
        what: 'its weights do not fit: kernel is (3, 3, 1, 8) and would have to be (3, 3, 3, 8)',
      },
    });
    expect(await cnn({ shapes: { '': [32, 32, 1] } })).toMatchObject({ refused: { layer: 'dense' } });
  });

  it('wants samples for states that are kept', async () => {
    const declaration = { shapes: {}, batchSize: null };
    const found = await declare('lstm_stateful--keras-3.3.3+tf-2.16--keras', 'model.keras', declaration);
    expect(found).toMatchObject({ refused: { layer: 'lstm', what: expect.stringContaining('stateful') } });
  });

  it('asks which input is meant', async () => {
    const two = { shapes: { '': [8] } };
    await expect(declare('fn_multi_io--tf-2.13.1--keras', 'model.keras', two)).rejects.toMatchObject({
      code: 'usage',
      what: 'the model has 2 inputs, so which is meant?',
    });
    await expect(cnn({ shapes: { image: [28, 28, 1] } })).rejects.toMatchObject({ code: 'usage' });
  });
});
