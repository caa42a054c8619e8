/** The command as people start it, with faults under way: an interrupt, a full disk. No half-written file stays. */

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileSink } from '../../src/bytes/node/file-sink.ts';
import {
  type AttributeNode,
  type DatasetNode,
  type GroupNode,
  writeHdf5,
} from '../../src/containers/hdf5/writer/index.ts';

const root = join(import.meta.dirname, '..', '..');
const model = join(root, 'test', 'fixtures', 'models', 'mnist_cnn--tf-2.15.1--keras', 'model.keras');
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-faults-'));
const disk = mkdtempSync(join(tmpdir(), 'loadstone-disk-'));
afterAll(() => {
  spawnSync('umount', [disk]);
  for (const folder of [scratch, disk]) rmSync(folder, { recursive: true, force: true });
});

const command = ['--import', import.meta.resolve('tsx'), join(root, 'cli', 'main.ts')];
const target = ['--for', 'keras-3.15.1+tf-2.21'];
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** A model whose one Dense layer is 64 MB, so that writing it takes long enough to be interrupted. */
async function bigModel(path: string): Promise<void> {
  const side = 4096;
  const dense = { name: 'd', units: side, use_bias: false, batch_input_shape: [null, side] };
  const config = { class_name: 'Sequential', config: { name: 's', layers: [{ class_name: 'Dense', config: dense }] } };
  const text = (name: string, value: string): AttributeNode => ({ name, value: { kind: 'text', text: value } });
  const names = (name: string, one: string): AttributeNode => ({ name, value: { kind: 'texts', texts: [one] } });
  const group = (name: string, member: GroupNode | DatasetNode, ...attributes: AttributeNode[]): GroupNode => ({
    kind: 'group',
    attributes,
    members: new Map([[name, member]]),
  });
  const block = new Uint8Array(side * 4);
  const chunks = () => Array.from({ length: side }, () => block);
  const kernel: DatasetNode = { kind: 'dataset', dtype: 'float32', shape: [side, side], chunks };
  const layer = group('d', group('kernel:0', kernel), names('weight_names', 'd/kernel:0'));
  const weights = group('d', layer, names('layer_names', 'd'));
  const identity = [text('keras_version', '2.11.0'), text('model_config', JSON.stringify(config))];
  const sink = await fileSink(path);
  await writeHdf5(group('model_weights', weights, ...identity), sink);
  await sink.close();
}

describe('an interrupt while a copy is written', () => {
  for (const [what, ...call] of [
    ['a file', 'mend', ...target, '-o', 'copy.keras'],
    ['a folder', 'convert', '--to', 'tfjs-layers', 'copy'],
  ] as const) {
    it(`leaves all as it was and says so in a line: ${what}`, async () => await interrupted(call), 60_000);
  }

  async function interrupted([name, ...call]: readonly string[]) {
    const big = join(scratch, 'big.h5');
    await bigModel(big);
    const before = digest(big);
    const output = join(scratch, call.pop() as string);
    const running = spawn(process.execPath, [...command, name as string, big, ...call, output]);
    let said = '';
    running.stderr.on('data', chunk => {
      said += String(chunk);
    });
    const ended = new Promise<number | null>(resolve => running.on('close', resolve));
    while (!readdirSync(scratch).some(name => name.endsWith('.part')) && running.exitCode === null) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    running.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(said).toBe('loadstone: interrupted. Nothing was left half written.\n');
    expect(readdirSync(scratch)).toEqual(['big.h5']);
    expect(digest(big)).toBe(before);
  }
});

/** Only who may mount can have a disk that is full. */
function smallDisk(): boolean {
  if (process.platform !== 'linux') return false;
  mkdirSync(disk, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk]).status === 0;
}

const mounted = smallDisk();
if (!mounted) console.warn('No small disk can be mounted here: what happens on a full one is not tested.');

describe.skipIf(!mounted)('a full disk', () => {
  it('is told in a line, and nothing stays there', () => {
    const before = digest(model);
    const words = ['mend', model, ...target, '-o', join(disk, 'copy.keras')];
    const { status, stderr, stdout } = spawnSync(process.execPath, [...command, ...words], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^loadstone: .*the disk is full .*\n$/);
    expect(readdirSync(disk)).toEqual([]);
    expect(digest(model)).toBe(before);
  }, 60_000);
});
