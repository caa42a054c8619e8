/** Every model of test/fixtures/models opens with the parameters that Keras counted and gives the numbers that Keras gave. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { readNpz } from '../../src/containers/npy/index.ts';
import type { Artefact } from '../../src/model/types.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import { loadModel } from '../../src/run.ts';

interface Fixture {
  id: string;
  family: string;
  format: string;
  artefact: string;
  params: number | null;
}

const folder = join(import.meta.dirname, '..', 'fixtures', 'models');
const fixtures = JSON.parse(readFileSync(join(folder, 'models.json'), 'utf8')) as Fixture[];

/** 16-bit and quantised layers compute coarsely. */
function toleranceOf(id: string): readonly [number, number] {
  if (/bf16|bfloat16|quant|int8|float8/.test(id)) return [3e-2, 3e-2];
  return /fp16|float16|mixed|policy/.test(id) ? [1e-2, 1e-2] : [1e-4, 1e-3];
}

async function arrays(path: string): Promise<Tensor[]> {
  const stored = await readNpz(memorySource(new Uint8Array(readFileSync(path)), path));
  const place = (name: string) => Number(name.split('_').at(-1));
  return [...stored].sort(([a], [b]) => place(a) - place(b)).map(([, tensor]) => tensor);
}

function differing(found: Tensor, wanted: Tensor, [absolute, relative]: readonly [number, number]): number {
  let count = 0;
  for (let index = 0; index < wanted.data.length; index += 1) {
    const [a, b] = [found.data[index], wanted.data[index]];
    const equal =
      typeof b === 'string' || typeof a === 'string'
        ? String(a) === String(b)
        : close(Number(a), Number(b), absolute, relative);
    if (!equal) count += 1;
  }
  return count;
}

function close(a: number, b: number, absolute: number, relative: number): boolean {
  return Math.abs(a - b) <= absolute + relative * Math.abs(b) || a === b || (Number.isNaN(a) && Number.isNaN(b));
}

async function open(fixture: Fixture): Promise<Artefact> {
  return openPath(join(folder, fixture.id, fixture.artefact));
}

describe.each(fixtures)('$id', fixture => {
  const outputs = join(folder, fixture.id, 'out.npz');

  it('opens without a damaged place', async () => {
    const artefact = await open(fixture);
    expect(artefact.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    await artefact.close();
  });

  it.skipIf(!existsSync(outputs) || fixture.format === 'checkpoint')('gives the numbers that Keras gave', async () => {
    const model = await loadModel(await open(fixture), { prepack: false });
    const found = await model.predictAll(await arrays(join(folder, fixture.id, 'in.npz')), {});
    const wanted = await arrays(outputs);
    expect(found.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape));
    const wrong = wanted.map((tensor, index) => differing(found[index] as Tensor, tensor, toleranceOf(fixture.id)));
    expect(wrong).toEqual(wanted.map(() => 0));
    await model.dispose();
  });
});
