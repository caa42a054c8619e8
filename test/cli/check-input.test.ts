/** The check-input command: what predict would not take, and the line of NumPy that mends it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configure } from '../../cli/check-input.ts';
import { callCommand } from '../support/command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'loadstone-check-input-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type LayerJson = { class_name: string; config: Record<string, unknown> };

function architecture(name: string, ...layers: LayerJson[]): string {
  const path = join(scratch, `${name}.json`);
  writeFileSync(path, JSON.stringify({ class_name: 'Sequential', keras_version: '2.8.0', config: { name, layers } }));
  return path;
}

const conv = {
  class_name: 'Conv2D',
  config: { name: 'c', filters: 2, kernel_size: 3, batch_input_shape: [null, 8, 8, 1] },
};
const picture = architecture('picture', conv);
const words = architecture('words', {
  class_name: 'Embedding',
  config: { name: 'e', input_dim: 50, output_dim: 4, batch_input_shape: [null, 5] },
});

function filled(shape: readonly number[], value: unknown): unknown {
  const [size = 0, ...rest] = shape;
  return shape.length === 0 ? value : Array.from({ length: size }, () => filled(rest, value));
}

async function check(model: string, shape: readonly number[], value: unknown) {
  const input = join(scratch, 'input.json');
  writeFileSync(input, JSON.stringify(filled(shape, value)));
  const { out, exit } = await callCommand(configure, [model, input, '--json']);
  const { ok, problems } = JSON.parse(out);
  return { ok, exit, problem: problems[0] as { input: string; what: string; do: string } | undefined };
}

describe('check-input', () => {
  it('takes what fits', async () => {
    expect(await check(picture, [2, 8, 8, 1], 0.5)).toEqual({ ok: true, exit: 0, problem: undefined });
    expect(await check(words, [2, 5], 49)).toEqual({ ok: true, exit: 0, problem: undefined });
  });

  it.each([
    [[2, 8, 8], 'the channel axis is missing', 'np.expand_dims(c_input, -1)'],
    [[8, 8, 1], 'the batch axis is missing', 'c_input[None]'],
    [[2, 1, 8, 8], 'channels stand first', 'np.moveaxis(c_input, 1, -1)'],
    [[2, 8, 8, 3], 'it has colours where the model takes grey', 'c_input.mean(axis=-1, keepdims=True)'],
    [[2, 10, 10, 1], 'pictures of 10 × 10', 'tf.image.resize(c_input, (8, 8)).numpy()'],
    [[2, 64], 'it is flat', 'c_input.reshape((-1, 8, 8, 1))'],
  ])('mends %j: %s', async (shape, what, line) => {
    const { ok, exit, problem } = await check(picture, shape, 0.5);
    expect([ok, exit]).toEqual([false, 1]);
    expect(problem?.what).toContain(what);
    expect(problem?.do).toBe(`c_input = ${line}`);
  });

  it('pads sequences that are too short', async () => {
    expect((await check(words, [2, 3], 1)).problem?.do).toBe('e_input = np.pad(e_input, ((0, 0), (0, 2)))');
  });

  it('tells of indices that a table has no row for', async () => {
    const { ok, problem } = await check(words, [2, 5], 50);
    expect(ok).toBe(false);
    expect(problem?.what).toBe('it holds 50, and "e" has 50 rows (0 to 49)');
  });

  it('tells text from numbers', async () => {
    const { ok, problem } = await check(picture, [1, 8, 8, 1], 'a');
    expect(ok).toBe(false);
    expect(problem?.what).toContain('strings where numbers are needed');
  });

  it('remarks pictures that nothing scales, without refusing them', async () => {
    const { ok, problem } = await check(picture, [1, 8, 8, 1], 255);
    expect(ok).toBe(true);
    expect(problem?.what).toMatch(/^values go up to 255, and nothing in the model scales them/);
  });
});
