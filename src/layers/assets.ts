/** Files that came with a model's layers, such as vocabularies, read before the model is traced. */

import type { ByteSource, ReadOptions } from '../bytes/source.ts';
import type { Layer, Model } from '../model/types.ts';

/** Reads the text files that came with a model's layers, as lines. A missing newline at the end is no empty line. */
export async function readAssets(model: Model, options?: ReadOptions): Promise<Map<ByteSource, readonly string[]>> {
  const found = new Map<ByteSource, readonly string[]>();
  const visit = async (layer: Layer): Promise<void> => {
    for (const source of Object.values(layer.assets)) {
      if (!found.has(source)) found.set(source, linesOf(await source.read(0, source.size, options)));
    }
    for (const inner of Object.values(layer.sublayers).flat()) await visit(inner as Layer);
    for (const inner of layer.model?.layers ?? []) await visit(inner);
  };
  for (const layer of model.layers) await visit(layer);
  return found;
}

function linesOf(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
