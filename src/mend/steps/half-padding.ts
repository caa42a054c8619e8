/**
 * Convolutions that pad as Theano does: half a kernel on both sides whatever the stride, where TensorFlow's "same" pads
 * what the stride needs. A layer of zeros before it says the same everywhere.
 */

import type { Target } from '../../eras/write/target.ts';
import type { JsonObject, Layer } from '../../model/types.ts';
import { freeName, insertBefore, mapModels, plainLayer } from '../rewrite.ts';
import type { MendStep } from '../step.ts';

const concerned = /^Conv[123]D$/;

export const halfPadding: MendStep = {
  title: "Theano's padding as zeros before the layer",
  apply(model, target, tell) {
    if (padsByHalves(target)) return model;
    return mapModels(model, inner =>
      inner.layers.filter(isConcerned).reduce((before, layer) => {
        const padding = halvesOf(layer.config);
        const name = freeName(before, `${layer.name}_padding`);
        tell({
          failure: 'backend-mismatch-theano',
          where: `layer ${layer.name}, padding`,
          before: '"same" of Theano',
          after: `zeros before it: ${padding.map(pair => pair.join('+')).join(', ')}`,
          why: 'Theano pads half a kernel on both sides, TensorFlow what the stride needs; the sums are the same',
        });
        return insertBefore(withoutPadding(before, layer), layer.name, zeros(name, layer, padding));
      }, inner),
    );
  },
};

function padsByHalves({ backend }: Target): boolean {
  return backend === 'theano';
}

function isConcerned({ className, origin, config }: Layer): boolean {
  return origin === 'layer' && concerned.test(className) && config.padding === 'half';
}

/** Zeros before and behind, by axis. */
function halvesOf({ kernel_size: size, dilation_rate: rate = 1 }: JsonObject): [number, number][] {
  const rates = [rate].flat();
  return [size].flat().map((kernel, axis) => {
    const extent = (Number(kernel) - 1) * Number(rates[axis] ?? rates[0] ?? 1) + 1;
    const before = Math.floor(extent / 2);
    return [before, extent - 1 - before];
  });
}

function withoutPadding<M extends { readonly layers: readonly Layer[] }>(model: M, { name }: Layer): M {
  const plain = (layer: Layer) => ({ ...layer, config: { ...layer.config, padding: 'valid' } });
  return { ...model, layers: model.layers.map(layer => (layer.name === name ? plain(layer) : layer)) };
}

function zeros(name: string, layer: Layer, padding: readonly [number, number][]): Layer {
  const alone = padding.length === 1;
  const format: JsonObject = alone ? {} : { data_format: layer.config.data_format ?? 'channels_last' };
  const pairs = padding.map(pair => [...pair]);
  return plainLayer(
    name,
    `ZeroPadding${padding.length}D`,
    { padding: alone ? (pairs[0] ?? 0) : pairs, ...format },
    layer,
  );
}
