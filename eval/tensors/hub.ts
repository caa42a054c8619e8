/**
 * Does the parser of `@huggingface/hub` find in a safetensors file the tensors that were written? It reads files of its
 * hub by ranges: what it fetches is answered from the file.
 */

import { openAsBlob } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { NamedTensor } from '../../src/writers/safetensors.ts';
import { tensorData } from '../../src/writers/tensors.ts';

interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export interface Hub {
  parseSafetensorsMetadata(call: { repo: string; path: string; fetch: typeof fetch }): Promise<{
    readonly header: { readonly [name: string]: TensorInfo };
  }>;
}

/** The package in the folder, or where modules are looked for; null where there is none. */
export function hubPackage(folder: string | undefined): Hub | null {
  try {
    return createRequire(import.meta.url)(folder ? resolve(folder) : '@huggingface/hub') as Hub;
  } catch {
    return null;
  }
}

/** What the parser finds otherwise; null where names, shapes and bytes are those of `tensors`. */
export async function hubDifference(hub: Hub, path: string, tensors: readonly NamedTensor[]): Promise<string | null> {
  const file = await openAsBlob(path);
  const { header } = await hub.parseSafetensorsMetadata({
    repo: 'some/model',
    path: 'model.safetensors',
    fetch: async (_, init) => answer(file, new Headers(init?.headers).get('range')),
  });
  const { __metadata__: _, ...found } = header;
  if (Object.keys(found).length !== tensors.length) return `it finds ${Object.keys(found).length} tensors`;
  const length = Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  for (const { name, tensor } of tensors) {
    const info = found[name];
    if (info?.shape.join() !== tensor.shape.join()) return `${name} has the shape ${info?.shape}, not ${tensor.shape}`;
    const [from, to] = info.data_offsets;
    const bytes = Buffer.from(await file.slice(8 + length + from, 8 + length + to).arrayBuffer());
    if (!bytes.equals(await tensorData(tensor))) return `${name} has other bytes`;
  }
  return null;
}

function answer(file: Blob, range: string | null): Response {
  const [, from, to] = /bytes=(\d+)-(\d+)/.exec(range ?? '') ?? [];
  if (from === undefined) return new Response(file, { headers: { etag: '"file"' } });
  const part = file.slice(Number(from), Number(to) + 1);
  const last = Number(from) + part.size - 1;
  const headers = { 'content-range': `bytes ${from}-${last}/${file.size}`, etag: '"file"' };
  return new Response(part, { status: 206, headers });
}
