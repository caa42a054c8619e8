/** No class of any release is missing: every layer and every operation that a Keras exports has a definition. */

import { describe, expect, it } from 'vitest';
import type { Era } from '../../src/eras/era.ts';
import { normaliseLayer } from '../../src/eras/normalise/layer.ts';
import { table as keras1 } from '../../src/eras/signatures/keras1.ts';
import { table as keras2 } from '../../src/eras/signatures/keras2.ts';
import { table as keras3 } from '../../src/eras/signatures/keras3.ts';
import type { SignatureTable } from '../../src/eras/signatures/table.ts';
import { table as tfKeras } from '../../src/eras/signatures/tf-keras.ts';
import { builtInOperation } from '../../src/layers/operations/registry.ts';
import { builtInLayer } from '../../src/layers/registry.ts';
import * as ops from '../../src/ops/exports.ts';

const lines: readonly (readonly [name: string, table: SignatureTable, era: Era])[] = [
  ['Keras 1', keras1, { line: 'keras1', keras: '1.2.2', backend: 'tensorflow' }],
  ['Keras 2', keras2, { line: 'keras2', keras: '2.3.1', backend: 'tensorflow' }],
  ['tf.keras', tfKeras, { line: 'tf.keras', keras: '2.8.0', backend: null }],
  ['Keras 3', keras3, { line: 'keras3', keras: '3.15.1', backend: 'tensorflow' }],
];

/** Exported by `keras.layers` though no layer is made of it. */
const noLayers = new Set(['InputSpec']);

/** Classes under `layers`, by the name that configs use and by that of the class itself. */
function layerClasses({ names, pool }: SignatureTable): string[] {
  const found = new Set<string>();
  for (const [path, spans] of Object.entries(names)) {
    if (!path.startsWith('layers.')) continue;
    for (let at = 2; at < spans.length; at += 3) {
      const text = pool[spans[at]!]!;
      if (!text.includes('|')) continue;
      const own = /^=([^|]*)\|/.exec(text)?.[1];
      for (const name of [path.split('.').at(-1)!, ...(own ? [own] : [])]) found.add(name);
    }
  }
  return [...found].filter(name => !noLayers.has(name));
}

describe.each(lines)('%s', (_name, table, era) => {
  it('exports layers, every one of which has a definition', () => {
    const classes = layerClasses(table);
    expect(classes.length).toBeGreaterThan(60);
    const missing = classes.filter(className => {
      const layer = normaliseLayer(
        { class_name: className, config: { name: 'x' } },
        { era, ordering: 'channels_last' },
      );
      return !builtInLayer(layer.className);
    });
    expect(missing).toEqual([]);
  });
});

describe('operations of keras.ops', () => {
  /** As they are called; configs hold them by their classes. */
  const functions = Object.keys(keras3.names)
    .filter(path => path.startsWith('ops.'))
    .map(path => path.split('.').at(-1)!);

  it.runIf(functions.length > 0)('are all known', () => {
    expect(functions.length).toBeGreaterThan(100);
  });

  it('know functions of ops, or say that they do not', () => {
    expect(builtInOperation('GetItem')).not.toBeNull();
    expect(typeof ops.add).toBe('function');
  });
});
