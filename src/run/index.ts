/** `loadstone/run` in Node: models from paths and other sources, predicting with onnxruntime-node. */

import { openArtefact } from '../artefacts/open.ts';
import { blobSource } from '../bytes/blob.ts';
import { memorySource } from '../bytes/memory.ts';
import { fileSource } from '../bytes/node/file.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Artefact } from '../model/types.ts';
import { type ModelOptions, type RunnableModel, runnableModel } from './model.ts';
import { nodeBackend } from './node/backend.ts';

export type { Nested, PredictInput, PredictInputs } from './inputs.ts';
export type { ModelOptions, Prediction, PredictOptions, RunnableModel } from './model.ts';

/** Where a model comes from: a path, bytes, a Blob or File, any byte source, or an artefact already opened. */
export type ModelSource = string | URL | Uint8Array | Blob | ByteSource | Artefact;

/** Opens a model and makes it ready to predict. Whatever is opened here is closed by `dispose`. */
export async function loadModel(source: ModelSource, options: ModelOptions = {}): Promise<RunnableModel> {
  const artefact = await artefactOf(source, options);
  try {
    return await runnableModel(artefact, nodeBackend, options);
  } catch (error) {
    await artefact.close();
    throw error;
  }
}

async function artefactOf(source: ModelSource, options: ModelOptions): Promise<Artefact> {
  if (typeof source === 'object' && 'provenance' in source) return source;
  return openArtefact(await byteSourceOf(source), options);
}

async function byteSourceOf(source: Exclude<ModelSource, Artefact>): Promise<ByteSource> {
  if (typeof source === 'string') return fileSource(source);
  if (source instanceof URL) return fileSource(source.pathname);
  if (source instanceof Uint8Array) return memorySource(source);
  return source instanceof Blob ? blobSource(source) : source;
}
