import { describe, expect, it } from 'vitest';
import { float32Policy } from '../../src/layers/policy.ts';
import { writeStubs } from '../../src/layers/stubs.ts';
import type { Artefact, CustomObject, Layer } from '../../src/model/types.ts';

const custom: Layer = {
  name: 'scale */ process.exit()',
  className: 'Scale',
  origin: 'custom',
  registeredName: "my'pkg>Scale",
  config: { name: 'scale', trainable: true, dtype: 'float32', units: 4, factor: 2, mode: "it's" },
  dtype: float32Policy,
  trainable: true,
  calls: [],
  weights: [{ name: 'moving_gain', shape: [3, 4], trainable: true, tensor: null }],
  sublayers: {},
  model: null,
  buildShape: null,
  assets: {},
  at: {},
};

function artefactOf(layers: readonly Layer[], customObjects: readonly CustomObject[]): Artefact {
  return {
    name: 'model.h5',
    format: 'keras-h5',
    provenance: { line: null, keras: null, tensorflow: null, backend: null, evidence: [] },
    model: {
      className: 'Functional',
      origin: 'layer',
      registeredName: null,
      name: 'model',
      trainable: true,
      layers,
      inputs: [],
      outputs: [],
      config: null,
    },
    training: null,
    tensors: [],
    customObjects,
    findings: [],
    close: async () => {},
  };
}

describe('writeStubs', () => {
  it('writes nothing where nothing is missing', () => {
    expect(writeStubs(artefactOf([], []))).toBeNull();
  });

  it('turns the config into fields and the weights into shapes', () => {
    const text = writeStubs(artefactOf([custom], []));
    expect(text).toContain("import { defineLayer, float, int, text } from 'loadstone';");
    expect(text).toContain("config: { units: int(4), factor: float(2), mode: text('it\\'s') },");
    expect(text).toContain('movingGain: [3 /* perhaps x.at(-1) */, units],');
  });

  it('lets no name in the file end a comment or a string', () => {
    const text = writeStubs(artefactOf([custom], []))!;
    expect(text).toContain("name: 'my\\'pkg>Scale'");
    expect(text.split('*/ process').length).toBe(1);
  });

  it('defines losses, metrics and activations by name', () => {
    const objects: CustomObject[] = [
      { name: 'my_act', registeredName: 'my_act', kind: 'activation', neededFor: 'architecture', at: {} },
      { name: 'my_loss', registeredName: 'my_loss', kind: 'loss', neededFor: 'compile', at: {} },
    ];
    const text = writeStubs(artefactOf([], objects));
    expect(text).toContain("import { defineActivation, defineLoss } from 'loadstone';");
    expect(text).toContain("export const my_loss = defineLoss({ name: 'my_loss' });");
  });
});
