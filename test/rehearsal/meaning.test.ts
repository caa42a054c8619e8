import { describe, expect, it } from 'vitest';
import type { RawArtefact } from '../../src/artefacts/raw/index.ts';
import { parseEnvironment } from '../../src/rehearsal/environments/index.ts';
import { compareMeaning } from '../../src/rehearsal/meaning/index.ts';
import { startRun } from '../../src/rehearsal/run.ts';
import { rawArchitecture } from '../support/raw-architecture.ts';

/** A config of standalone Keras 2 as text, as a raw artefact. */
function artefact(layers: readonly object[]): RawArtefact {
  const config = {
    class_name: 'Sequential',
    keras_version: '2.2.4',
    backend: 'tensorflow',
    config: { name: 's', layers },
  };
  return rawArchitecture(config);
}

function difference(layers: readonly object[], environment: string): string | null {
  const run = startRun(artefact(layers), parseEnvironment(environment), 'nocompile', new Set());
  compareMeaning(run);
  return run.notes[0]?.evidence[0]?.text ?? null;
}

const lstm = (config: object = {}) => ({
  class_name: 'LSTM',
  config: {
    name: 'memory',
    batch_input_shape: [null, 5, 3],
    units: 4,
    activation: 'tanh',
    recurrent_activation: 'hard_sigmoid',
    ...config,
  },
});

const upSampling = (interpolation: string) => ({
  class_name: 'UpSampling2D',
  config: { name: 'up', batch_input_shape: [null, 4, 4, 2], size: [2, 2], interpolation },
});

describe('what a config means to the Keras that loads it', () => {
  it('is the same to the Keras that wrote it', () => {
    expect(difference([lstm()], 'keras==2.2.4,tensorflow==1.15.0')).toBeNull();
    expect(difference([lstm()], 'tensorflow==2.8.4')).toBeNull();
  });

  it('tells of hard_sigmoid, which Keras 3 defines anew', () => {
    const text = difference([lstm()], 'keras==3.10.0,tensorflow==2.19.0');
    expect(text).toContain('LSTM "memory"');
    expect(text).toContain('relu6(x + 3) / 6');
  });

  it('says nothing of gates that are not used', () => {
    expect(difference([lstm({ recurrent_activation: 'sigmoid' })], 'keras==3.10.0,tensorflow==2.19.0')).toBeNull();
  });

  it('tells of bilinear resizing, not of nearest', () => {
    expect(difference([upSampling('bilinear')], 'tensorflow==2.8.4')).toContain('bilinear');
    expect(difference([upSampling('nearest')], 'tensorflow==2.8.4')).toBeNull();
  });
});
