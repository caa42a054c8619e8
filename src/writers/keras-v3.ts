/** Writes `.keras` archives: metadata.json, config.json, model.weights.h5 and assets, in the order in which Keras does. */

import type { ByteSink } from '../bytes/sink.ts';
import type { ByteSource, ReadOptions } from '../bytes/source.ts';
import { planHdf5 } from '../containers/hdf5/writer/index.ts';
import { writeZip, type ZipEntry } from '../containers/zip/writer.ts';
import type { Target } from '../eras/write/target.ts';
import type { JsonObject, Model, TensorRef } from '../model/types.ts';
import { pythonJson } from './json.ts';
import type { CopyOptions } from './tensors.ts';
import { v3Tree } from './v3-weights.ts';

export interface V3Content {
  readonly model: Model;
  /** The whole of config.json, in the target's words. */
  readonly config: JsonObject;
  /** Optimizer variables in the target's order; empty leaves them out. */
  readonly optimizerWeights: readonly TensorRef[];
  /** Files below `assets/`, by their path there. */
  readonly assets: { readonly [path: string]: ByteSource };
}

/** Keras writes the time of saving; a copy that is the same bytes every time can't. */
const dateSaved = '1980-01-01@00:00:00';

/** Bytes copied at once. */
const blockSize = 4 << 20;

/** The caller closes the sink. */
export async function writeKerasV3(
  content: V3Content,
  target: Target,
  sink: ByteSink,
  options: CopyOptions = {},
): Promise<void> {
  const metadata = pythonJson({ keras_version: target.keras, date_saved: dateSaved });
  const weights = planHdf5(v3Tree(content.model, target, options, content.optimizerWeights));
  const entries: ZipEntry[] = [
    textEntry('metadata.json', metadata),
    textEntry('config.json', pythonJson(content.config)),
    { name: 'model.weights.h5', size: weights.size, chunks: () => weights.chunks(options) },
    ...Object.entries(content.assets).map(([path, source]) => assetEntry(`assets/${path}`, source, options)),
  ];
  await writeZip(entries, sink, options);
}

function textEntry(name: string, text: string): ZipEntry {
  const bytes = new TextEncoder().encode(text);
  return { name, size: bytes.length, chunks: () => [bytes] };
}

function assetEntry(name: string, source: ByteSource, options: ReadOptions): ZipEntry {
  return { name, size: source.size, chunks: () => copied(source, options) };
}

async function* copied(source: ByteSource, options: ReadOptions): AsyncIterable<Uint8Array> {
  for (let at = 0; at < source.size; at += blockSize) {
    yield await source.read(at, Math.min(blockSize, source.size - at), options);
  }
}
