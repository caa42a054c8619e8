/** Writes safetensors: every tensor of an artefact under its stored path, the architecture in the metadata. */

import type { ByteSink } from '../bytes/sink.ts';
import type { ReadOptions } from '../bytes/source.ts';
import { encodeHeader } from '../containers/safetensors/header.ts';
import type { TensorRef } from '../model/types.ts';
import { tensorChunks } from './tensors.ts';

export interface NamedTensor {
  readonly name: string;
  readonly tensor: TensorRef;
}

/**
 * The caller closes the sink. Throws `unsupported` for tensors of strings or complex numbers, which the format lacks.
 * `metadata` is text by text, as the format asks; Loadstone puts the architecture under `keras_config`.
 */
export async function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: { readonly [key: string]: string },
  sink: ByteSink,
  options: ReadOptions = {},
): Promise<void> {
  const entries = tensors.map(({ name, tensor: { dtype, shape } }) => ({ name, dtype, shape }));
  await sink.write(encodeHeader(entries, metadata));
  for (const { tensor } of tensors) {
    for await (const chunk of tensorChunks(tensor, { ...options, passing: true })) await sink.write(chunk);
  }
}
