import { describe, expect, it } from 'vitest';
import type { RawArtefact } from '../../src/artefacts/raw/index.ts';
import { parseEnvironment } from '../../src/rehearsal/environments/index.ts';
import { rehearse } from '../../src/rehearsal/rehearse.ts';
import { rawArchitecture } from '../support/raw-architecture.ts';

/** A Sequential as JSON text, as a raw artefact. */
function sequential(layers: readonly object[]): RawArtefact {
  // A list, as Keras wrote it before 2.2.3 and all of these read it.
  const config = { class_name: 'Sequential', config: layers };
  return rawArchitecture(config);
}

/** What `model_from_json` says there; null where it loads. */
function said(layers: readonly object[], environment: string): string | null {
  const { exception } = rehearse(sequential(layers), parseEnvironment(environment), 'json');
  return exception && `${exception.type}: ${exception.message}`;
}

const layer = (class_name: string, config: object) => ({ class_name, config: { name: 'x', ...config } });

describe('what a release says that nobody recorded', () => {
  it("wants the shapes of attention from TensorFlow 2.5 on, which 2.4's files do not have", () => {
    const attention = layer('MultiHeadAttention', { num_heads: 2, key_dim: 3 });
    expect(said([attention], 'tensorflow==2.6.0')).toBe("KeyError: 'query_shape'");
    expect(said([attention], 'tensorflow==2.4.0')).toBeNull();
  });

  it('makes plain convolutions of the dilated ones of Keras 1 in standalone Keras 2 only', () => {
    const dilated = layer('AtrousConvolution1D', { nb_filter: 4, filter_length: 3, atrous_rate: 2 });
    expect(said([dilated], 'keras==2.1.0,tensorflow==1.4.0')).toBeNull();
    expect(said([dilated], 'tensorflow==1.15.0')).toContain('Unknown layer: AtrousConvolution1D');
  });

  it("refuses the implementation of a ConvLSTM2D where no constructor pops it, and takes an LSTM's", () => {
    const convolutional = layer('ConvLSTM2D', { filters: 2, kernel_size: [3, 3], implementation: 1 });
    expect(said([convolutional], 'keras==2.2.0,tensorflow==1.8.0')).toContain("'implementation'");
    expect(said([layer('LSTM', { units: 2, implementation: 1 })], 'keras==2.2.0,tensorflow==1.8.0')).toBeNull();
  });

  it('takes keywords that constructors only pop', () => {
    expect(said([layer('Attention', { causal: false })], 'tensorflow==2.10.0')).toBeNull();
    expect(said([layer('SpatialDropout2D', { rate: 0.5, noise_shape: null })], 'tensorflow==2.10.0')).toBeNull();
  });
});
