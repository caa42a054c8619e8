/** The inspect command: its JSON, its table, its exit codes. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configure } from '../../cli/inspect.ts';
import { type Called, callCommand } from '../support/command.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-inspect-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function fixture(start: string): string {
  const id = readdirSync(models).find(name => name.startsWith(start))!;
  return join(models, id, readdirSync(join(models, id)).find(name => name.startsWith('model'))!);
}

const tanh = fixture('act_tanh--keras-2.2.4');

/** Runs the command and gives what it printed and its exit code. */
function inspect(...words: string[]): Promise<Called> {
  return callCommand(configure, words);
}

describe('inspect', () => {
  it('gives the JSON that the contract promises', async () => {
    const { out, exit } = await inspect(tanh, '--json');
    const description = JSON.parse(out);
    expect(exit).toBe(0);
    expect(Object.keys(description)).toEqual(
      expect.arrayContaining([
        'artefact',
        'format',
        'savedWith',
        'model',
        'training',
        'customObjects',
        'lambdas',
        'integrity',
      ]),
    );
    expect(description).toMatchObject({ artefact: tanh, format: 'keras-h5', integrity: { ok: true, problems: [] } });
    expect(description.savedWith).toMatchObject({ line: 'keras2', keras: '2.2.4', backend: 'tensorflow' });
    const dense = description.model.layers.find((layer: { class: string }) => layer.class === 'Dense');
    expect(Object.keys(dense)).toEqual(
      expect.arrayContaining(['name', 'class', 'config', 'outputShape', 'params', 'trainable', 'weights']),
    );
    expect(dense.weights[0]).toMatchObject({ name: 'kernel', dtype: 'float32', storage: 'contiguous' });
    expect(description.model.params.total).toBe(
      description.model.params.trainable + description.model.params.nonTrainable,
    );
  });

  it('prints a table for people', async () => {
    const { out } = await inspect(tanh);
    expect(out).toContain('written by Keras 2.2.4');
    expect(out).toMatch(/Layer \(type\) +Output shape +Params +Memory/);
    expect(out).toMatch(/Parameters: \d+ in all/);
  });

  it('answers each artefact, and exits with the worst', async () => {
    const empty = join(scratch, 'empty.h5');
    writeFileSync(empty, '');
    const { out, err, exit } = await inspect(empty, tanh, join(scratch, 'gone.h5'), '--json');
    const lines = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(lines.map(line => line.error?.code ?? 'fine')).toEqual(['unknown-format', 'fine', 'not-found']);
    expect(lines[0].error).toMatchObject({
      what: expect.any(String),
      where: expect.any(String),
      do: expect.any(String),
    });
    expect(err).toBe('');
    expect(exit).toBe(3);
    expect((await inspect(join(scratch, 'gone.h5'))).exit).toBe(2);
  });

  it('exits 1 where it opened and something is wrong', async () => {
    const cut = join(scratch, 'cut.h5');
    const bytes = readFileSync(tanh);
    writeFileSync(cut, bytes.subarray(0, bytes.length - 2000));
    const { out, exit } = await inspect(cut, '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(out).integrity.problems.length).toBeGreaterThan(0);
  });

  it('says in one line each what is no artefact', async () => {
    const page = join(scratch, 'model.h5');
    writeFileSync(page, '<!DOCTYPE html>\n<html></html>');
    const { err, exit } = await inspect(page);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain('HTML');
    expect(exit).toBe(3);
  });

  it('tells what it read', async () => {
    expect((await inspect(tanh, '--trace-reads')).err).toMatch(/\d+ reads, [\d,]+ bytes/);
  });

  it('tells why shapes are not known and what declaring them looks like', async () => {
    const layers = [{ class_name: 'Scale', config: { name: 's', batch_input_shape: [null, 3] } }];
    const own = join(scratch, 'own.json');
    writeFileSync(own, JSON.stringify({ class_name: 'Sequential', keras_version: '2.8.0', config: { layers } }));
    expect((await inspect(own)).out).toContain('Shapes are not known from "s" on: Scale is a class of your own.');
    const open = join(scratch, 'open.json');
    const dense = [{ class_name: 'Dense', config: { name: 'd', units: 2 } }];
    writeFileSync(
      open,
      JSON.stringify({ class_name: 'Sequential', keras_version: '2.8.0', config: { layers: dense } }),
    );
    expect((await inspect(open)).out).toContain('the model declares no input');
  });

  it('writes stubs of what the artefact needs, and not over a file', async () => {
    const stubs = join(scratch, 'stubs.ts');
    const config = {
      class_name: 'Sequential',
      keras_version: '2.8.0',
      config: { layers: [{ class_name: 'Scale', config: { name: 's', alpha: 2, batch_input_shape: [null, 3] } }] },
    };
    const path = join(scratch, 'architecture.json');
    writeFileSync(path, JSON.stringify(config));
    expect((await inspect(path, '--stubs', stubs)).exit).toBe(0);
    const written = readFileSync(stubs, 'utf8');
    expect(written).toContain("from 'loadstone'");
    expect(written).toContain('alpha: int(2)');
    expect((await inspect(path, '--stubs', stubs)).exit).toBe(2);
    const python = join(scratch, 'stubs.py');
    expect((await inspect(path, '--stubs', python)).exit).toBe(0);
    expect(readFileSync(python, 'utf8')).toContain(
      'class Scale(tf.keras.layers.Layer):\n    def __init__(self, alpha=2,',
    );
  });
});
