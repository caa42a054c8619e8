/** Reads everything of an HDF5 file that can be read, and gathers the errors of what cannot. */

import type { Hdf5File, Hdf5Object } from '../../src/containers/hdf5/index.ts';

export interface WalkResult {
  objects: string[];
  /** What reading threw, by path. */
  errors: { path: string; error: unknown }[];
}

/** Walks from the root; each object once. */
export async function walkAll(file: Hdf5File): Promise<WalkResult> {
  const result: WalkResult = { objects: [], errors: [] };
  const seen = new Set<number>();
  const attempt = async <T>(path: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      result.errors.push({ path, error });
      return null;
    }
  };
  const visit = async (object: Hdf5Object): Promise<void> => {
    if (seen.has(object.offset)) return;
    seen.add(object.offset);
    result.objects.push(object.path);
    await attempt(object.path, () => object.attributes());
    if (object.kind === 'dataset') {
      await attempt(object.path, async () => object.byteRange());
      await attempt(object.path, () => object.chunks());
      await attempt(object.path, () => object.read());
    }
    if (object.kind !== 'group') return;
    for (const name of (await attempt(object.path, () => object.names())) ?? []) {
      const below = await attempt(`${object.path}/${name}`, () => object.get(name));
      if (below) await visit(below);
    }
  };
  await visit(file.root);
  return result;
}
