/** The run command: every form of input and output, and one line with the right exit code for what cannot be. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, describe, expect, it } from 'vitest';
import { configure } from '../../cli/run.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { readNpy, readNpz, writeNpy } from '../../src/containers/npy/index.ts';
import { compareTensors } from '../../src/numbers/compare.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import { callCommand } from '../support/command.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-run-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const folder = join(models, 'mnist_cnn--tf-2.15.1--keras');
const model = join(folder, 'model.keras');
const input = join(folder, 'in.npz');

const run = (...words: string[]) => callCommand(configure, words);
const inScratch = (name: string) => join(scratch, name);
const bytesOf = (path: string) => new Uint8Array(readFileSync(path));

async function arrays(path: string): Promise<Map<string, Tensor>> {
  return readNpz(memorySource(bytesOf(path)));
}

const expected = (await arrays(join(folder, 'out.npz'))).get('out_0')!;
const given = (await arrays(input)).get('in_0')!;

describe('outputs', () => {
  it('are written as .npz', async () => {
    const out = inScratch('out.npz');
    expect(await run(model, '-i', input, '-o', out)).toEqual({ out: '', err: '', exit: 0 });
    const written = await arrays(out);
    expect([...written.keys()]).toEqual(['out_0']);
    expect(compareTensors(written.get('out_0')!, expected).why).toBeNull();
  });

  it('are written as .npy and .json', async () => {
    await run(model, '-i', input, '-o', inScratch('out.npy'), '--batch-size', '1');
    expect(compareTensors(readNpy(bytesOf(inScratch('out.npy')), 'out.npy'), expected).why).toBeNull();
    await run(model, '-i', input, '-o', inScratch('out.json'));
    const rows = JSON.parse(readFileSync(inScratch('out.json'), 'utf8')) as number[][];
    expect([rows.length, rows[0]!.length]).toEqual(expected.shape);
  });

  it('are a table without a file, or one document', async () => {
    expect((await run(model, '-i', input)).out).toMatch(/^dense\S* {2}\(\d+, 10\) float32\n {3}0 /);
    const { out } = await run(model, '-i', input, '--json');
    expect(JSON.parse(out)).toMatchObject({
      artefact: model,
      output: null,
      outputs: [{ shape: expected.shape, dtype: 'float32' }],
    });
  });
});

describe('inputs', () => {
  it('may be one array, JSON, or a picture', async () => {
    writeFileSync(inScratch('in.npy'), writeNpy(given));
    const fromArray = await run(model, '-i', inScratch('in.npy'), '--json');
    expect(fromArray.exit).toBe(0);
    const picture = encode({ width: 28, height: 28, channels: 1, depth: 8, data: new Uint8Array(784).fill(128) });
    writeFileSync(inScratch('in.png'), picture);
    writeFileSync(inScratch('in.json'), JSON.stringify([Array.from({ length: 28 }, () => new Array(28).fill(128))]));
    const values = async (path: string) =>
      JSON.parse((await run(model, '-i', path, '--json')).out).outputs[0].values as number[][];
    expect(await values(inScratch('in.png'))).toEqual(await values(inScratch('in.json')));
  });

  it('that are pictures of another size are resized, with a word', async () => {
    const picture = encode({ width: 30, height: 40, channels: 3, depth: 8, data: new Uint8Array(3600).fill(9) });
    writeFileSync(inScratch('large.png'), picture);
    const { err, exit } = await run(model, '-i', inScratch('large.png'));
    expect(exit).toBe(0);
    expect(err).toContain('is 40×30, the model takes 28×28: resized');
  });

  it('that are read are told with --trace-reads', async () => {
    expect((await run(model, '-i', input, '--trace-reads')).err).toMatch(/loadstone: \d+ reads, [\d,]+ bytes/);
  });
});

describe('bad calls', () => {
  const wrong = inScratch('wrong.json');
  writeFileSync(wrong, '[[1, 2, 3]]');
  const text = inScratch('text.h5');
  writeFileSync(text, '<html>not found</html>');

  it.each([
    ['a missing artefact', [inScratch('none.h5'), '-i', input], 2, /no such file/],
    ['a missing input', [model, '-i', inScratch('none.npz')], 2, /no readable input/],
    ['an input of the wrong shape', [model, '-i', wrong], 2, /needs 4, \(None, 28, 28, 1\)/],
    ['an artefact that is none', [text, '-i', input], 3, /./],
    ['an output over its input', [model, '-i', input, '-o', input], 2, /one of the inputs/],
    ['an output of another form', [model, '-i', input, '-o', inScratch('out.csv')], 2, /\.npz, \.npy or \.json/],
  ] as const)('%s', async (_, words, exit, line) => {
    const called = await run(...words);
    expect(called.exit).toBe(exit);
    expect(called.err.trim().split('\n')).toHaveLength(1);
    expect(called.err).toMatch(line);
    const { out } = await run(...words, '--json');
    expect(JSON.parse(out)).toMatchObject({
      artefact: words[0],
      error: { code: expect.any(String), what: expect.any(String) },
    });
  });

  it('leave no file behind', async () => {
    await run(model, '-i', wrong, '-o', inScratch('never.npz'));
    expect(existsSync(inScratch('never.npz'))).toBe(false);
  });
});

describe('custom objects', () => {
  it('are loaded from TypeScript that imports loadstone', async () => {
    const file = inScratch('custom.ts');
    writeFileSync(
      file,
      "import { defineLayer } from 'loadstone';\nexport const layer = defineLayer({ name: 'Mine', config: {}, call: (_: object, __: object, [x], ops) => ops.add(x!, 1) });\n",
    );
    expect((await run(model, '-i', input, '--custom', file)).exit).toBe(0);
  });

  it('that are none are told', async () => {
    const file = inScratch('empty.ts');
    writeFileSync(file, 'export const nothing: number = 1;\n');
    const { exit, err } = await run(model, '-i', input, '--custom', file);
    expect(exit).toBe(2);
    expect(err).toContain('exports no definition');
  });
});
