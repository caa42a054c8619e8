/** Where each release of the v3 format keeps each layer. */

import { describe, expect, it } from 'vitest';
import { dialectsFor, layerPaths, pathDialects } from '../../src/artefacts/keras-v3/paths.ts';
import type { Layer, Model } from '../../src/model/types.ts';

function layer(className: string, name: string, model: Model | null = null): Layer {
  return { className, name, model, origin: 'layer', config: {} } as unknown as Layer;
}

function model(...layers: Layer[]): Model {
  return { layers } as unknown as Model;
}

const weighted = (one: Layer) => one.className !== 'Flatten' && one.className !== 'InputLayer';

function paths(of: Model, releases: string): string[] {
  const dialect = pathDialects.find(one => one.releases.startsWith(releases))!;
  const found = layerPaths(of, '', dialect, one => `${one.name} ${one.className}`, weighted);
  return [...found].map(([one, path]) => `${one.name}: ${path}`);
}

const plain = model(
  layer('InputLayer', 'x'),
  layer('Dense', 'a'),
  layer('Flatten', 'f'),
  layer('Dense', 'b'),
  layer('PReLU', 'p'),
);

describe('layerPaths', () => {
  it('counts classes from none', () => {
    expect(paths(plain, 'Keras 3')).toEqual([
      'x: layers/input_layer',
      'a: layers/dense',
      'f: layers/flatten',
      'b: layers/dense_1',
      'p: layers/p_re_lu',
    ]);
  });

  it('gives layers with weights two numbers in TensorFlow 2.12 and 2.13', () => {
    expect(paths(plain, 'TensorFlow 2.12')).toContain('b: _layer_checkpoint_dependencies/dense_2');
    expect(paths(plain, 'TensorFlow 2.14')).toContain('b: _layer_checkpoint_dependencies/dense_1');
  });

  it('goes into models, and saves a shared one where it is met first', () => {
    const inner = () => layer('Functional', 'inner', model(layer('Dense', 'd')));
    const outer = model(layer('Functional', 'middle', model(inner())), inner(), layer('Functional', 'last', model()));
    expect(paths(outer, 'Keras 3')).toEqual([
      'middle: layers/functional',
      'inner: layers/functional/layers/functional',
      'd: layers/functional/layers/functional/layers/dense',
      'last: layers/functional_2',
    ]);
    expect(paths(outer, 'TensorFlow 2.15').at(-1)).toBe('last: layers/functional_1');
  });

  it('tries the release that wrote the file first', () => {
    const first = (line: 'tf.keras' | 'keras3', keras: string) =>
      dialectsFor({ line, keras, backend: null })[0]!.releases;
    expect(first('tf.keras', '2.13.1')).toContain('2.12 and 2.13');
    expect(first('tf.keras', '2.15.0')).toContain('2.15');
    expect(first('keras3', '3.6.0')).toBe('Keras 3');
  });
});
