/**
 * `--custom FILE`: TypeScript or JavaScript with definitions of the user's own objects, loaded through jiti, which
 * strips types; `loadstone` in it is the running package.
 */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isLoadstoneError, LoadstoneError } from '../src/findings/errors.ts';
import type { Definition } from '../src/layers/custom.ts';

/** The command-line word of a repeatable option, collected. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** All definitions that the files export, by any name. Throws `usage` where a file has none or cannot be run. */
export async function loadDefinitions(paths: readonly string[] = []): Promise<readonly Definition[]> {
  if (paths.length === 0) return [];
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { virtualModules: await ownEntries(), interopDefault: false });
  const found: Definition[] = [];
  for (const path of paths) {
    if (!existsSync(path))
      throw new LoadstoneError('not-found', 'there is no such file of custom objects', { where: path });
    const module = await load(() => jiti.import(resolve(path)), path);
    const definitions = definitionsIn(Object.values(module));
    if (definitions.length === 0) {
      throw new LoadstoneError('usage', 'it exports no definition', {
        where: path,
        do: 'Export what defineLayer, defineActivation, defineLoss … give.',
      });
    }
    found.push(...definitions);
  }
  return [...new Set(found)];
}

async function load(run: () => Promise<unknown>, path: string): Promise<object> {
  try {
    return (await run()) as object;
  } catch (cause) {
    if (isLoadstoneError(cause)) throw cause;
    throw new LoadstoneError('usage', `it cannot be loaded: ${(cause as Error).message}`, { where: path, cause });
  }
}

function definitionsIn(values: readonly unknown[]): Definition[] {
  return values.flatMap(value => {
    if (Array.isArray(value)) return definitionsIn(value);
    return isDefinition(value) ? [value] : [];
  });
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && 'name' in value && ('kind' in value || 'call' in value);
}

/** The entries of the running package, as they are: nothing is compiled twice, and definitions meet their own classes. */
async function ownEntries(): Promise<Record<string, object>> {
  return {
    loadstone: await import('../src/index.ts'),
    'loadstone/node': await import('../src/node.ts'),
    'loadstone/run': await import('../src/run.ts'),
  };
}
