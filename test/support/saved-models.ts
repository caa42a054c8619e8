/** SavedModels that are kept with the tests, and what their releases predicted. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noCustomObjects } from '../../src/layers/custom.ts';
import type { DType } from '../../src/numbers/dtype.ts';
import { packNumbers } from '../../src/numbers/pack.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';

export const savedModels = join(import.meta.dirname, '..', 'fixtures', 'saved-models');

export const reading = { name: 'test', customObjects: noCustomObjects, beside: null };

interface Listed {
  readonly dtype: DType;
  readonly shape: number[];
  readonly values: (number | string)[];
}

/** Inputs and outputs of the fixtures, by name. */
export const expected = JSON.parse(readFileSync(join(savedModels, 'expected.json'), 'utf8')) as {
  [name: string]: { inputs: Listed[]; outputs: Listed[] };
};

export function tensorOf({ dtype, shape, values }: Listed): Tensor {
  const data = dtype === 'string' ? (values as string[]) : packNumbers(values as number[], dtype);
  return { dtype, shape, data };
}

/** All files of a fixture in memory, by path, so that a test can damage them. */
export function filesOf(name: string): { [path: string]: Uint8Array } {
  const root = join(savedModels, name);
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(
    entries.map(entry => {
      const full = join(entry.parentPath, entry.name);
      const path = full.slice(root.length + 1).replaceAll('\\', '/');
      return [path, new Uint8Array(readFileSync(full))];
    }),
  );
}
