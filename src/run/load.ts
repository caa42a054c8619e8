/** From whatever holds a model to one that predicts; the entries `loadstone/run` say how sources are opened there. */

import { type OpenOptions, openArtefact } from '../artefacts/open.ts';
import { blobSource } from '../bytes/blob.ts';
import { memorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Artefact } from '../model/types.ts';
import type { Backend } from './backend.ts';
import { type ModelOptions, type RunnableModel, runnableModel } from './model.ts';

/** Where a model comes from: a path or URL, bytes, a Blob or File, any byte source, or an artefact already opened. */
export type ModelSource = string | URL | Uint8Array | Blob | ByteSource | Artefact;

export interface LoadedModel extends RunnableModel {
  /** The table known from Keras's `model.summary()`, and who wrote the file. */
  summary(): string;
}

/** What depends on where it runs. */
export interface Surroundings {
  readonly backend: Backend;
  /** Opens what a path or URL names. */
  open(name: string, options: OpenOptions): Promise<Artefact>;
  summarize(artefact: Artefact, options: ModelOptions): string;
}

/** `loadModel` for given surroundings. Whatever it opens, `dispose` closes. */
export function loaderFor({ backend, open, summarize }: Surroundings) {
  return async (source: ModelSource, options: ModelOptions = {}): Promise<LoadedModel> => {
    const artefact = await opened(source, options, open);
    try {
      const model = await runnableModel(artefact, backend, options);
      return Object.assign(model, { summary: () => summarize(artefact, options) });
    } catch (error) {
      await artefact.close();
      throw error;
    }
  };
}

async function opened(source: ModelSource, options: ModelOptions, open: Surroundings['open']): Promise<Artefact> {
  if (typeof source === 'string') return open(source, options);
  if (source instanceof URL) return open(source.protocol === 'file:' ? filePath(source) : source.href, options);
  if (source instanceof Uint8Array) return openArtefact(memorySource(source), options);
  if (source instanceof Blob) return openArtefact(blobSource(source), options);
  return 'provenance' in source ? source : openArtefact(source, options);
}

/** The path of a file: URL; on Windows without the slash before the drive. */
function filePath(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}
