/** Writes npz: one NumPy array for each tensor, streamed, so that np.load gives them by name. */

import type { ByteSink } from '../bytes/sink.ts';
import type { ReadOptions } from '../bytes/source.ts';
import { numpyTypes, writeHeader } from '../containers/npy/header.ts';
import { writeZip } from '../containers/zip/writer.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TensorRef } from '../model/types.ts';
import type { DType } from '../numbers/dtype.ts';
import type { NamedTensor } from './safetensors.ts';
import { tensorBytes, tensorChunks } from './tensors.ts';

/** The caller closes the sink. bfloat16 becomes uint16 words, as NumPy has no such type. */
export async function writeTensorsNpz(
  tensors: readonly NamedTensor[],
  sink: ByteSink,
  options: ReadOptions = {},
): Promise<void> {
  const entries = tensors.map(({ name, tensor }) => {
    const header = writeHeader(numpyType(tensor.dtype, name), tensor.shape);
    const size = header.byteLength + tensorBytes(tensor);
    return { name: `${name}.npy`, size, chunks: () => withHeader(header, tensor, options) };
  });
  await writeZip(entries, sink, options);
}

/** NumPy's type string; types that NumPy lacks go as unsigned words of their width. */
function numpyType(dtype: DType, name: string): string {
  const words: Partial<Record<DType, DType>> = { bfloat16: 'uint16', float8_e4m3fn: 'uint8', float8_e5m2: 'uint8' };
  const code = Object.entries(numpyTypes).find(([, type]) => type === (words[dtype] ?? dtype))?.[0];
  if (!code) throw new LoadstoneError('unsupported', `NumPy has no array type for ${dtype}`, { where: name });
  return `${/1$/.test(code) ? '|' : '<'}${code}`;
}

async function* withHeader(header: Uint8Array, tensor: TensorRef, options: ReadOptions): AsyncIterable<Uint8Array> {
  yield header;
  yield* tensorChunks(tensor, options);
}
