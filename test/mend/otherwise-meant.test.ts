/** Words that a release takes otherwise, or takes in another form: said so that Keras 3 computes the same. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mend, openPath } from '../../src/node.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-meant-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The layers of the copy, by name. */
async function mended(id: string, environment = 'keras-3.15.1+tf-2.21') {
  const output = join(scratch, `${id}.keras`);
  const file = id.endsWith('--h5') ? 'model.h5' : 'model.keras';
  const { refusals } = await mend(join(models, id, file), output, { for: environment });
  expect(refusals).toEqual([]);
  const copy = await openPath(output);
  await copy.close();
  return new Map(copy.model?.layers.map(layer => [layer.name, layer]));
}

describe('what graphs of Keras 3 cannot take', () => {
  it('is a size that only a run tells: cells are counted for it', async () => {
    const layers = await mended('arch_tfops_shape--tf-2.4.4--h5');
    const shape = layers.get('tf.compat.v1.shape')?.model?.layers.map(({ className }) => className);
    expect(shape?.slice(-3)).toEqual(['Sum', 'ExpandDims', 'Concatenate']);
  });
});

describe('what Keras 3 takes otherwise', () => {
  it('is padding of Theano: zeros stand before the layer', async () => {
    const layers = await mended('k1_conv1d--keras-1.2.2+theano--h5');
    expect(layers.get('convolution1d_1_padding')).toMatchObject({
      className: 'ZeroPadding1D',
      config: { padding: [1, 1] },
    });
    expect(layers.get('convolution1d_1')?.config).toMatchObject({ padding: 'valid', strides: 2 });
  });

  it('is bilinear growing of TensorFlow 1: operations under its name', async () => {
    const layers = await mended('upsampling2d_bilinear--keras-2.2.4+tf-1.15--h5');
    expect(layers.get('up_sampling2d_1')?.model).not.toBeNull();
  });

  it('is binning in a layer of whole numbers, which cuts off fractions first', async () => {
    const layers = await mended('discretization--tf-2.15.1--keras');
    expect(layers.get('discretization')?.dtype.name).toBe('float32');
    expect((await mended('discretization--keras-3.0.5+tf-2.16--keras')).get('discretization')?.dtype.name).toBe(
      'int64',
    );
  });

  it('is the range of a RandomShear, and the name of a quantised policy in an object', async () => {
    const shear = (await mended('aug_randomshear--keras-3.10.0+tf-2.19--h5')).get('random_shear');
    expect(shear?.config.x_factor).toBe(0.2);
    const layers = await mended('quant_float8--keras-3.10.0+tf-2.19--h5');
    expect(layers.get('dense')?.config.dtype).toBe('float8_from_float32');
  });

  it('is an argument that constructors take and configs lose', async () => {
    const layers = await mended('conv1d_t--tf-2.15.1--keras', 'keras-3.3.3+tf-2.16');
    expect([...layers.values()].find(({ className }) => className === 'Conv1DTranspose')?.config).not.toHaveProperty(
      'output_padding',
    );
    const [, elu] = (await mended('elu_layer--keras-3.10.0+tf-2.19--h5', 'keras-3.3.3+tf-2.16')).values();
    expect(elu?.config.alpha).toBeCloseTo(0.7);
  });

  it('is the kernel to which SpectralNormalization keeps a second reference', async () => {
    const layer = (await mended('specnorm--tf-2.15.1--h5')).get('spectral_normalization');
    expect(layer?.weights[0]?.tensor?.path).toBe('layers/spectral_normalization/vars/1');
  });
});
