/** The convert command: every form that it writes, and that bad calls are one line and leave nothing behind. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configure } from '../../cli/convert.ts';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { roundTripDifference } from '../../src/mend/round-trip.ts';
import { callCommand } from '../support/command.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-convert-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const nested = join(models, 'arch_nested_model--tf-2.11.0--h5', 'model.h5');
const convert = (...words: string[]) => callCommand(configure, words);

describe('convert', () => {
  it.each(['.h5', '.keras', '.weights.h5', '.onnx', '.safetensors', '.npz', '.json'])('writes %s', async ending => {
    const path = join(scratch, `copy${ending}`);
    const { out, exit } = await convert(nested, path, '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ artefact: nested, output: path });
    expect(existsSync(path)).toBe(true);
  });

  it('writes Python with its weights beside it, or in a folder of their own', async () => {
    await convert(nested, join(scratch, 'code.py'));
    expect(readFileSync(join(scratch, 'code.py'), 'utf8')).toContain("'code.weights.h5'");
    expect(existsSync(join(scratch, 'code.weights.h5'))).toBe(true);
    await convert(nested, join(scratch, 'code'), '--to', 'python');
    expect(readdirSync(join(scratch, 'code')).sort()).toEqual(['model.py', 'model.weights.h5']);
  });

  it('gives back the same model and bytes through .keras', async () => {
    const [there, back] = [join(scratch, 'there.keras'), join(scratch, 'back.h5')];
    expect((await convert(nested, there)).exit).toBe(0);
    expect((await convert(there, back)).exit).toBe(0);
    const [first, last] = [await openPath(nested), await openPath(back)];
    expect(await roundTripDifference(first, last)).toBeNull();
    await first.close();
    await last.close();
  });

  it.each([
    [['nowhere/x.h5'], 'the output folder does not exist'],
    [['x.zip'], 'does not say what to write'],
    [['nowhere/web', '--to', 'tfjs-layers'], 'the folder above the output does not exist'],
    [['x.onnx', '--opset', '5'], 'opset 5 cannot be written'],
    [['x.py', '--for', 'keras==1.2.2'], 'Python is written for Keras 2 and later'],
  ])('says in one line what is wrong with %j', async ([out = '', ...flags], what) => {
    const before = readdirSync(scratch).length;
    const { err, exit } = await convert(nested, join(scratch, out), ...flags);
    expect(exit).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain(what);
    expect(readdirSync(scratch)).toHaveLength(before);
  });

  it('does not fill a folder that holds something, nor write over its input', async () => {
    mkdirSync(join(scratch, 'full'));
    writeFileSync(join(scratch, 'full', 'kept'), '');
    expect((await convert(nested, join(scratch, 'full'), '--to', 'tfjs-layers')).exit).toBe(2);
    expect(readdirSync(join(scratch, 'full'))).toEqual(['kept']);
    expect((await convert(nested, nested)).exit).toBe(2);
  });

  it('names what cannot be, with exit 1 and no file', async () => {
    const path = join(scratch, 'refused');
    const text = join(models, 'hashing_str--keras-3.3.3+tf-2.16--keras', 'model.keras');
    const { out, exit } = await convert(text, path, '--to', 'tfjs-layers');
    expect(exit).toBe(1);
    expect(out).toContain('(Hashing)');
    expect(existsSync(path)).toBe(false);
  });
});
