/** The mend command: what it writes, what it says, and that bad calls leave nothing behind. */

import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configure } from '../../cli/mend.ts';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { callCommand } from '../support/command.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-mend-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const newest = 'keras-3.15.1+tf-2.21';
const old = join(models, 'arch_nested_model--tf-2.11.0--h5', 'model.h5');
const mend = (...words: string[]) => callCommand(configure, words);

describe('mend', () => {
  it('writes a copy, the same bytes every time, and proves its tensors', async () => {
    const [one, two] = [join(scratch, 'one.keras'), join(scratch, 'two.keras')];
    const { out, exit } = await mend(old, '--for', newest, '-o', one, '--json');
    await mend(old, '--for', newest, '-o', two);
    expect(exit).toBe(0);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    const { digest, output } = JSON.parse(out);
    expect(output).toBe(one);
    expect(digest.unchanged).toMatchObject({ tensors: 6, before: digest.unchanged.after });
    const copy = await openPath(one);
    expect(copy.format).toBe('keras-v3');
    await copy.close();
  });

  it('declares the batch size and lists the shapes behind it', async () => {
    const path = join(scratch, 'batch.keras');
    const { out } = await mend(old, '--for', newest, '-o', path, '--batch-size', '2', '--json');
    const { changes, shapes } = JSON.parse(out);
    expect(changes).toContainEqual(expect.objectContaining({ before: '(None, 4)', after: '(2, 4)' }));
    expect(shapes.at(-1)).toEqual({ layer: 'outer_d', before: [null, 2], after: [2, 2] });
    const { out: opened } = await mend(path, '--for', newest, '-o', join(scratch, 'o.keras'), '--batch-size', 'none');
    expect(opened).toContain('(2, 4) → (None, 4)');
  });

  it('goes on where the model was made when only a shape is declared, in its own place if asked', async () => {
    const path = join(scratch, 'own.h5');
    copyFileSync(old, path);
    const { out, exit } = await mend(path, '--in-place', '--batch-size', '3');
    expect(exit).toBe(0);
    expect(out).toMatch(/own\.h5: loads in TensorFlow 2\.11\.0 and computes the same\./);
    const copy = await openPath(path);
    expect(JSON.stringify(copy.model?.layers[0]?.config)).toContain('[3,4]');
    await copy.close();
    expect(readdirSync(scratch).filter(name => name.includes('mending'))).toEqual([]);
  });

  it('leaves the artefact as it is where nothing can be written in its place', async () => {
    const path = join(scratch, 'kept.h5');
    copyFileSync(old, path);
    expect((await mend(path, '--in-place', '--input-shape', '7')).exit).toBe(1);
    expect(readFileSync(path).equals(readFileSync(old))).toBe(true);
    expect((await mend(path, '--in-place', '-o', path, '--for', newest)).exit).toBe(2);
    expect((await mend(path, '-o', join(scratch, 'x.h5'))).exit).toBe(2);
    expect((await mend(scratch, '--in-place', '--for', newest)).exit).toBe(2);
  });

  it('refuses a shape in one line', async () => {
    const path = join(scratch, 'shape.keras');
    const { out, exit } = await mend(old, '--for', newest, '-o', path, '--input-shape', '7');
    expect(exit).toBe(1);
    expect(out).toMatch(/^No file was written: layer \S+: it cannot take that shape: .+\.\n$/);
    expect((await mend(old, '--for', newest, '-o', path, '--input-shape', '7,x')).exit).toBe(2);
    expect(existsSync(path)).toBe(false);
  });

  it('names the layer that is not there, and leaves nothing', async () => {
    const path = join(scratch, 'refused.h5');
    const transformer = join(models, 'melspec--keras-3.3.3+tf-2.16--keras', 'model.keras');
    const { out, exit } = await mend(transformer, '--for', 'keras-2.2.4+tf-1.15', '-o', path);
    expect(exit).toBe(1);
    expect(out).toContain('(MelSpectrogram)');
    expect(existsSync(path)).toBe(false);
  });

  it('says what needs code of the user, and writes a copy for those who have it', async () => {
    const path = join(scratch, 'custom.keras');
    const celled = join(models, '..', 'custom', 'rnn_custom_cell--keras-3.10.0+tf-2.19--keras', 'model.keras');
    const { out, exit } = await mend(celled, '--for', newest, '-o', path);
    expect(exit).toBe(1);
    expect(out).toContain('layer rnn (RNN): its cell is MinimalCell, a class of your own');
    expect(out).toContain("self.weight_0 = self.add_weight(name='weight_0', shape=(2, 3), initializer='zeros')");
    expect(out).toMatch(/loadstone mend .+ --mode custom\n$/);
    expect(existsSync(path)).toBe(false);
    const given = await mend(celled, '--for', newest, '-o', path, '--mode', 'custom', '--json');
    expect([given.exit, JSON.parse(given.out).python.length]).toEqual([0, 2]);
    const copy = await openPath(path);
    expect(copy.model?.layers[1]?.weights.map(({ tensor }) => tensor?.path)).toEqual([
      'layers/rnn/cell/vars/0',
      'layers/rnn/cell/vars/1',
    ]);
    await copy.close();
  });

  it('says in a line what is wrong with the call', async () => {
    const { err, exit } = await mend(old, '--for', newest, '-o', join(scratch, 'nowhere', 'a.keras'));
    expect([exit, err.trim().split('\n').length]).toEqual([2, 1]);
    expect((await mend(old, '--for', newest, '-o', old)).exit).toBe(2);
    expect((await mend(old, '--for', 'keras-2.2.4+tf-1.15', '-o', join(scratch, 'a.keras'))).exit).toBe(2);
    expect((await mend(join(scratch, 'none.h5'), '--for', newest, '-o', join(scratch, 'a.keras'))).exit).toBe(2);
    expect(readdirSync(scratch).filter(name => name.endsWith('.part'))).toEqual([]);
  });
});
