/** Several arrays in one zip archive, as numpy.savez writes them (stored) and savez_compressed (deflated). */

import type { ByteSink } from '../../bytes/sink.ts';
import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { openZip, readMember } from '../zip/index.ts';
import { writeZip } from '../zip/writer.ts';
import { readNpy, writeNpy } from './array.ts';

/** Arrays by name, in the archive's order. Throws as `readNpy` and the zip reader do. */
export async function readNpz(source: ByteSource, options: ReadOptions = {}): Promise<Map<string, Tensor>> {
  const zip = await openZip(source, options);
  const arrays = new Map<string, Tensor>();
  for (const member of zip.members.filter(({ directory }) => !directory)) {
    const bytes = await readMember(zip, member, options);
    arrays.set(member.name.replace(/\.npy$/, ''), readNpy(bytes, `${source.name}, ${member.name}`));
  }
  return arrays;
}

/** Writes arrays under their names; the caller closes the sink. */
export async function writeNpz(arrays: Iterable<readonly [string, Tensor]>, sink: ByteSink): Promise<void> {
  const entries = Array.from(arrays, ([name, tensor]) => {
    const bytes = writeNpy(tensor);
    return { name: `${name}.npy`, size: bytes.byteLength, chunks: () => [bytes] };
  });
  await writeZip(entries, sink);
}
