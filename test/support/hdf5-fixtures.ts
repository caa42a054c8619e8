/** The HDF5 fixtures, by name and unpacked, as bytes and as files for libhdf5. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { memorySource } from '../../src/bytes/memory.ts';
import { type Hdf5File, type Hdf5Options, openHdf5 } from '../../src/containers/hdf5/index.ts';

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'hdf5');

/** Names without ending, such as `types-latest`. */
export function fixtureNames(): string[] {
  const files = readdirSync(folder).filter(name => /\.h5(\.gz)?$/.test(name));
  return files.map(name => name.replace(/\.h5(\.gz)?$/, ''));
}

/** A fresh copy of a fixture's bytes. */
export function fixtureBytes(name: string): Uint8Array {
  const packed = readdirSync(folder).includes(`${name}.h5.gz`);
  const bytes = readFileSync(join(folder, `${name}.h5${packed ? '.gz' : ''}`));
  return new Uint8Array(packed ? gunzipSync(bytes) : bytes);
}

export function openFixture(name: string, options?: Hdf5Options): Promise<Hdf5File> {
  return openHdf5(memorySource(fixtureBytes(name), name), options);
}

/** Calls `use` with the path of a file that holds `bytes`, which is gone afterwards. */
export async function withFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const temporary = mkdtempSync(join(tmpdir(), 'loadstone-hdf5-'));
  try {
    const path = join(temporary, 'file.h5');
    writeFileSync(path, bytes);
    return await use(path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
