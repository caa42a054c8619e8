/** One fixture predicted with onnxruntime-web and compared with what Keras recorded. Runs in Node and in browsers. */

import { memorySource } from '../../src/bytes/memory.ts';
import { readNpz } from '../../src/containers/npy/index.ts';
import { isLoadstoneError } from '../../src/findings/errors.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import type { LoadedModel } from '../../src/run/load.ts';
import type { ModelOptions } from '../../src/run/model.ts';
import { disagreement, layersOf } from '../agreement.ts';

/** A folder of test/fixtures/models with a single file, its inputs and outputs. */
export interface WebCase {
  readonly id: string;
  readonly artefact: string;
}

export interface WebOutcome {
  readonly id: string;
  /** Null where the numbers are the same. */
  readonly why: string | null;
  /** Classes of all layers that took part. */
  readonly classes: readonly string[];
}

/** `read` gives the bytes of a file of the case's folder. */
export async function judge(
  entry: WebCase,
  read: (name: string) => Promise<Uint8Array>,
  load: (bytes: Uint8Array, options: ModelOptions) => Promise<LoadedModel>,
): Promise<WebOutcome> {
  const { id } = entry;
  try {
    const [inputs, expected] = [await arrays('in', read), await arrays('out', read)];
    const model = await load(await read(entry.artefact), { prepack: false });
    try {
      const found = await model.predictAll(inputs);
      const classes = model.artefact.model ? [...layersOf(model.artefact.model)].map(layer => layer.className) : [];
      return { id, why: disagreement(found, expected, model.artefact), classes: [...new Set(classes)] };
    } finally {
      await model.dispose();
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { id, why: isLoadstoneError(error) ? `[${error.code}] ${text}` : `[bug] ${text}`, classes: [] };
  }
}

async function arrays(kind: 'in' | 'out', read: (name: string) => Promise<Uint8Array>): Promise<Tensor[]> {
  const stored = await readNpz(memorySource(await read(`${kind}.npz`), `${kind}.npz`));
  return Array.from(stored.keys(), (_, at) => stored.get(`${kind}_${at}`)!);
}
