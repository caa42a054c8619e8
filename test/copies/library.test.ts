/** `mend` and `convert` as functions of the library: what they write, what they give back, what they refuse. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convert, mend, openPath } from '../../src/node.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-copies-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const nested = join(models, 'arch_nested_model--tf-2.11.0--h5', 'model.h5');
const melspec = join(models, 'melspec--keras-3.3.3+tf-2.16--keras', 'model.keras');

describe('mend', () => {
  it('writes a copy and tells what it is', async () => {
    const output = join(scratch, 'a.keras');
    const inputs = { shapes: {}, batchSize: 2 };
    const mended = await mend(nested, output, { for: 'keras==3.15.1', inputs });
    expect(mended).toMatchObject({ output, refusals: [], python: [] });
    expect(mended.rehearsal?.outcome).toBe('loads');
    expect(mended.digest?.unchanged.tensors).toBe(6);
    expect(mended.shapes.at(-1)).toEqual({ layer: 'outer_d', before: [null, 2], after: [2, 2] });
    expect(mended.changes).toContainEqual(expect.objectContaining({ before: '(None, 4)', after: '(2, 4)' }));
    const copy = await openPath(output);
    expect(copy.provenance.keras).toBe('3.15.1');
    await copy.close();
  });

  it('gives reasons by layer, and writes nothing', async () => {
    const output = join(scratch, 'b.h5');
    const mended = await mend(melspec, output, { for: 'keras-2.2.4+tf-1.15' });
    expect(mended).toMatchObject({ output: null, changes: [], digest: null });
    expect(mended.refusals[0]?.className).toBe('MelSpectrogram');
    expect(existsSync(output)).toBe(false);
  });

  it('throws what is wrong with the call', async () => {
    const wrong = { code: 'usage' };
    await expect(mend(nested, join(scratch, 'a.weights.h5'), { for: 'tf-2.4.4' })).rejects.toMatchObject(wrong);
    await expect(mend(nested, nested, { for: 'tf-2.4.4' })).rejects.toMatchObject(wrong);
    await expect(mend(nested, join(scratch, 'none', 'a.h5'), { for: 'tf-2.4.4' })).rejects.toMatchObject(wrong);
  });
});

describe('convert', () => {
  it('writes files and folders by the form that is asked for', async () => {
    const onnx = await convert(nested, join(scratch, 'a.onnx'), { opset: 18 });
    expect(onnx).toMatchObject({ form: 'onnx', refusals: [] });
    expect(onnx.says).toContain('opset 18');
    const web = await convert(nested, join(scratch, 'web'), { to: 'tfjs-layers' });
    expect(readdirSync(web.output ?? '').sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    const code = await convert(nested, join(scratch, 'code'), { to: 'python', for: 'tf-2.15.1' });
    expect(readdirSync(code.output ?? '').sort()).toEqual(['model.py', 'model.weights.h5']);
  });

  it('throws where the name says no form', async () => {
    await expect(convert(nested, join(scratch, 'a.xyz'))).rejects.toMatchObject({ code: 'usage' });
    expect(readdirSync(scratch).filter(name => name.endsWith('.part'))).toEqual([]);
  });
});
