/** Damaged configs of real models: whatever is wrong, the error says in which layer, and which key where one is named. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openArtefact } from '../../src/artefacts/open.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { isLoadstoneError, type LoadstoneError } from '../../src/findings/errors.ts';
import { traceModel } from '../../src/layers/trace.ts';
import { unknownKeys } from '../../src/report/unknown-keys.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'models');

interface StoredLayer {
  class_name: string;
  config: { [key: string]: unknown };
}

interface Archive {
  readonly id: string;
  readonly files: { readonly [name: string]: Uint8Array };
  readonly config: { readonly config: { readonly layers?: readonly StoredLayer[] } };
}

const listed = JSON.parse(readFileSync(join(folder, 'models.json'), 'utf8')) as { id: string; artefact: string }[];
const archives: readonly Archive[] = listed
  .filter(({ artefact }) => artefact.endsWith('.keras'))
  .map(({ id, artefact }) => ({ id, bytes: readFileSync(join(folder, id, artefact)) }))
  // Keras 2 writes HDF5 under that name as well.
  .filter(({ bytes }) => bytes.subarray(0, 2).toString() === 'PK')
  .map(({ id, bytes }) => {
    const files = unzipSync(bytes);
    return { id, files, config: JSON.parse(new TextDecoder().decode(files['config.json'])) };
  })
  .filter(({ config }) => (config.config.layers?.length ?? 0) > 0);

/** The archive with one layer's config changed by `change`. */
function changed({ files, config }: Archive, at: number, change: (config: StoredLayer['config']) => void): Uint8Array {
  const copy = structuredClone(config);
  change(copy.config.layers![at]!.config);
  return zipSync({ ...files, 'config.json': new TextEncoder().encode(JSON.stringify(copy)) }, { level: 0 });
}

/** What opening and tracing throws; null where it goes well. */
async function traceOf(bytes: Uint8Array): Promise<unknown> {
  try {
    const artefact = await openArtefact(memorySource(bytes, 'changed.keras'));
    if (artefact.model) traceModel(artefact.model);
    return null;
  } catch (error) {
    return error;
  }
}

const archive = (id: string) => archives.find(entry => entry.id.startsWith(id))!;
const place = (entry: Archive, className: string) =>
  entry.config.config.layers!.findIndex(layer => layer.class_name === className);

async function errorOf(id: string, className: string, change: (config: StoredLayer['config']) => void) {
  const entry = archive(id);
  return (await traceOf(changed(entry, place(entry, className), change))) as LoadstoneError;
}

describe('a damaged config', () => {
  it('is told by layer and key: another type, a missing key', async () => {
    const wrong = await errorOf('act_hard_sigmoid--', 'Dense', config => Object.assign(config, { units: 'many' }));
    expect(wrong.code).toBe('bad-config');
    expect(wrong.what).toMatch(/layer "dense[^"]*": "units" is "many", needed a whole number/);
    const missing = await errorOf('act_hard_sigmoid--', 'Dense', config => void delete config.units);
    expect(missing.what).toMatch(/"units" is missing, needed a whole number/);
    expect(missing.where).toMatch(/layer dense.*key units/);
  });

  it('is told by layer, weight and both shapes where weights do not fit', async () => {
    const wrong = await errorOf('act_hard_sigmoid--', 'Dense', config => Object.assign(config, { units: 77 }));
    expect(wrong.code).toBe('bad-weights');
    expect(wrong.what).toMatch(/weight "kernel" of layer "dense[^"]*" has shape \(\d+, \d+\), needed \(\d+, 77\)/);
  });

  it('never ends in an error without a layer', async () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>(null, true, [], {}, 'nonsense', [[1]], ['a'], { odd: 1 }, 1e9, -3, 0, 1.5),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const property = fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.nat(),
      fc.option(value, { nil: undefined }),
      async (a, b, c, given) => {
        const entry = archives[a % archives.length]!;
        const at = b % entry.config.config.layers!.length;
        const keys = Object.keys(entry.config.config.layers![at]!.config);
        const key = keys[c % keys.length]!;
        const error = await traceOf(
          changed(entry, at, config => {
            if (given === undefined) delete config[key];
            else config[key] = given;
          }),
        );
        if (error === null) return;
        const text = `${entry.id}, layer ${at}, ${key} = ${JSON.stringify(given)}: ${String((error as Error).stack)}`;
        expect(isLoadstoneError(error), text).toBe(true);
        expect((error as LoadstoneError).where, text).toMatch(/layer|input|config|changed\.keras/);
      },
    );
    await fc.assert(property, { numRuns: 150, seed: 7 });
  }, 60_000);

  it('says which keys no Keras knows', async () => {
    const entry = archive('act_hard_sigmoid--');
    const bytes = changed(entry, place(entry, 'Dense'), config => Object.assign(config, { frobnicate: 1 }));
    const artefact = await openArtefact(memorySource(bytes, 'changed.keras'));
    expect(unknownKeys(artefact).map(({ what }) => what)).toEqual([
      expect.stringMatching(/layer "dense[^"]*": "frobnicate" is 1, and Dense has no such argument/),
    ]);
    expect(await traceOf(bytes)).toBeNull();
  });
});
