/** The doctor and what it advises: its JSON, exit codes, the comparison with an architecture, and the repro script. */

import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configure as configureConvert } from '../../cli/convert.ts';
import { configure as configureDoctor } from '../../cli/doctor.ts';
import { configure as configureEnv } from '../../cli/env.ts';
import { configure as configureRepro } from '../../cli/repro.ts';
import { configure as configureTransfer } from '../../cli/transfer.ts';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { type Called, callCommand } from '../support/command.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-doctor-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function fixture(start: string): string {
  const id = readdirSync(models).find(name => name.startsWith(start))!;
  return join(models, id, readdirSync(join(models, id)).find(name => name.startsWith('model'))!);
}

const dense = fixture('dense--keras-2.0.8');
const cnn = fixture('mnist_cnn--tf-2.15.1--keras');

function doctor(...words: string[]): Promise<Called> {
  return callCommand(configureDoctor, words);
}

/** Weights of the dense fixture, and its architecture with another number of units. */
async function changedArchitecture(): Promise<{ weights: string; architecture: string; layer: string }> {
  const [weights, architecture] = [join(scratch, 'w.weights.h5'), join(scratch, 'architecture.json')];
  if (!existsSync(weights)) {
    await callCommand(configureConvert, [dense, weights]);
    await callCommand(configureConvert, [dense, architecture]);
  }
  const json = JSON.parse(readFileSync(architecture, 'utf8'));
  const layers: { config: { units?: number; name: string } }[] = json.config.layers;
  const last = layers.filter(({ config }) => config.units !== undefined).at(-1)!;
  const changed = join(scratch, 'changed.json');
  writeFileSync(changed, JSON.stringify(json).replaceAll(`"units":${last.config.units}`, '"units":33'));
  return { weights, architecture: changed, layer: last.config.name };
}

describe('doctor', () => {
  it('is content with a healthy model where it was made', async () => {
    const { out, exit } = await doctor(cnn, '--env', 'tf-2.15.1', '--json');
    const line = JSON.parse(out);
    expect(exit).toBe(0);
    expect(line).toMatchObject({ artefact: cnn, mode: 'default', outcome: 'loads', stage: null, failure: null });
    expect(Object.keys(line.env)).toEqual(['id', 'keras', 'tensorflow', 'h5py', 'numpy', 'python', 'backend']);
  });

  it('prints one JSON line for each environment and exits 1 when the first is bad news', async () => {
    const { out, exit } = await doctor(cnn, '--env', 'tf-2.4.4', '--env', 'tf-2.15.1', '--json');
    const [first, second] = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(exit).toBe(1);
    expect(first).toMatchObject({ outcome: 'fails', env: { id: 'tf-2.4.4' } });
    expect(first.exception.type).toMatch(/Error$/);
    expect(first.mends.length).toBeGreaterThan(0);
    expect(second.outcome).toBe('loads');
  });

  it('answers for a path that does not exist, with the nearest that do', async () => {
    const { out, exit } = await doctor(join(models, 'dense--keras-2.0.8+tf-1.15--h5', 'modell.h5'), '--json');
    const [line] = out.split('\n').map(text => (text === '' ? null : JSON.parse(text)));
    expect(exit).toBe(1);
    expect(line.failure).toBe('file-not-found-path');
    expect(JSON.stringify(line.evidence)).toContain('model.h5');
  });

  it.each([
    ['ckpt', ['ckpt.data-00000-of-00001'], 'checkpoint-missing-files', 'ckpt.index is missing'],
    ['ckpt', ['ckpt.index'], 'checkpoint-missing-files', 'ckpt.data-00000-of-00001 is missing'],
    ['', ['ckpt.data-00000-of-00001'], 'checkpoint-missing-files', 'ckpt.index is missing'],
    ['ck', ['ckpt.index', 'ckpt.data-00000-of-00001'], 'wrong-path', 'whose prefix is ckpt'],
  ])('says what is missing where "%s" is given and %j lie there', async (given, files, failure, seen) => {
    const folder = mkdtempSync(join(scratch, 'checkpoint-'));
    for (const name of files) {
      const ending = name.slice('ckpt'.length);
      copyFileSync(join(import.meta.dirname, '..', 'fixtures', 'checkpoints', `dtypes${ending}`), join(folder, name));
    }
    for (const env of ['keras==3.10.0', 'tf-2.15.1', 'tf-2.4.4']) {
      const { out, exit } = await doctor(join(folder, given), '--env', env, '--json');
      expect(exit).toBe(1);
      const { failure: found, evidence } = JSON.parse(out);
      expect(found).toBe(failure);
      expect(evidence.map(({ text }: { text: string }) => text).join()).toContain(seen);
    }
  });

  it('offers no rescue where nothing can be taken out', async () => {
    const cut = join(scratch, 'cut.h5');
    writeFileSync(cut, readFileSync(dense).subarray(0, 600));
    const { out } = await doctor(cut, '--env', 'tf-2.15.1');
    expect(out).toContain('[truncated-or-corrupt]');
    expect(out).not.toContain('rescued.npz');
  });

  it('leads with the edit that makes an architecture agree with its weights', async () => {
    const { weights, architecture, layer } = await changedArchitecture();
    const { out, exit } = await doctor(weights, '--architecture', architecture, '--env', 'tf-2.15.1');
    expect(exit).toBe(1);
    expect(out).toContain(`1. Make your code agree with the file: `);
    expect(out).toContain(`"${layer}" has units=33 in the architecture and`);
    const { out: json } = await doctor(weights, '--architecture', architecture, '--env', 'tf-2.15.1', '--json');
    const statuses = JSON.parse(json).pairs.map(({ status }: { status: string }) => status);
    expect(statuses).toContain('shape');
  });
});

describe('transfer', () => {
  it('writes what fits, and nothing where nothing does', async () => {
    const { weights, architecture } = await changedArchitecture();
    const same = join(scratch, 'same.h5');
    const given = await callCommand(configureTransfer, [weights, join(scratch, 'architecture.json'), '-o', same]);
    expect(given.exit).toBe(0);
    expect(existsSync(same)).toBe(true);
    const other = join(scratch, 'other.weights.h5');
    const refused = await callCommand(configureTransfer, [weights, architecture, '-o', other]);
    expect(refused.exit).toBe(1);
    expect(existsSync(other)).toBe(false);
  });

  it.each(['whole.keras', 'whole.weights.h5'])('writes the form that the ending of %s says', async name => {
    const { weights } = await changedArchitecture();
    const whole = join(scratch, name);
    const given = await callCommand(configureTransfer, [weights, join(scratch, 'architecture.json'), '-o', whole]);
    expect(given.exit).toBe(0);
    const artefact = await openPath(whole);
    expect(artefact.format).toBe(name.endsWith('.keras') ? 'keras-v3' : 'keras-v3-weights');
    await artefact.close();
  });

  it('refuses endings of other forms', async () => {
    const { weights } = await changedArchitecture();
    const words = [weights, join(scratch, 'architecture.json'), '-o', join(scratch, 'whole.npz')];
    expect((await callCommand(configureTransfer, words)).exit).toBe(2);
  });
});

describe('repro', () => {
  it('pins the environment and says what is foreseen', async () => {
    const { out, exit } = await callCommand(configureRepro, [cnn, '--env', 'tf-2.4.4', '--mode', 'nocompile']);
    expect(exit).toBe(0);
    expect(out).toContain('"tensorflow==2.4.4"');
    expect(out).toMatch(/# Foreseen: \w+Error/);
    expect(out).toContain(`keras.models.load_model(${JSON.stringify(cnn)}, compile=False)`);
  });

  it('reproduces load_weights into an architecture', async () => {
    const { weights, architecture } = await changedArchitecture();
    const words = [weights, '--architecture', architecture, '--env', 'keras==3.10.0'];
    const { out } = await callCommand(configureRepro, words);
    expect(out).toContain(`model_from_json(open(${JSON.stringify(architecture)}).read())`);
    expect(out).toContain(`model.load_weights(${JSON.stringify(weights)})`);
  });
});

describe('env', () => {
  it('writes the environment that it was made in for each tool', async () => {
    const { out, exit } = await callCommand(configureEnv, [cnn, '--as', 'docker']);
    expect(exit).toBe(0);
    expect(out).toMatch(/FROM python:3\.\d+-slim\n\s*RUN pip install --no-cache-dir tensorflow==2\.15\.1/);
    const { out: json } = await callCommand(configureEnv, [dense, '--json']);
    expect(JSON.parse(json).madeIn).toMatchObject({ line: 'keras2', keras: '2.0.8' });
  });
});
