/** Tables of layers: class, config and input shapes, and what Keras makes of them. */

import { describe, expect, it } from 'vitest';
import { type CustomObjects, noCustomObjects } from '../../src/layers/custom.ts';
import { inferLayer } from '../../src/layers/infer.ts';
import { float32Policy } from '../../src/layers/policy.ts';
import type { JsonObject } from '../../src/model/types.ts';
import type { Shape } from '../../src/numbers/tensor.ts';

/** Class, config under today's names, input shapes, output shape, own variables in Keras's order. */
export type LayerRow = readonly [
  className: string,
  config: JsonObject,
  inputs: readonly Shape[],
  output: Shape,
  weights: { readonly [name: string]: readonly number[] },
];

/** What inference tells of one layer called on float32 inputs of these shapes. */
export function inferShapes(
  className: string,
  config: JsonObject,
  inputs: readonly Shape[],
  customObjects: CustomObjects = noCustomObjects,
): ReturnType<typeof inferLayer> {
  const source = {
    name: 'layer',
    className,
    origin: 'layer' as const,
    registeredName: null,
    config,
    dtype: float32Policy,
    weights: null,
    sublayers: {},
    model: null,
    assets: {},
  };
  const specs = inputs.map(shape => ({ shape }));
  return inferLayer(source, specs, customObjects);
}

/** Declares the tests of a table: each layer traces, and has the output shape and the variables of its row. */
export function describeLayers(rows: readonly LayerRow[]): void {
  describe.each(rows)('%s %j', (className, config, inputs, output, weights) => {
    const inferred = inferShapes(className, config, inputs);

    it('traces without a finding', () => {
      expect(inferred.findings).toEqual([]);
    });

    it('has the output shape of Keras', () => {
      expect(inferred.calls[0]?.outputShapes).toEqual([output]);
    });

    it('has the variables of Keras, in its order', () => {
      expect(inferred.weights.map(({ name, shape }) => [name, shape])).toEqual(Object.entries(weights));
    });
  });
}
