/**
 * `npm run bench`: what the documents promise, measured on the spot: bytes, requests and time to inspect half a
 * gigabyte, time and memory until it predicts, predictions per second, time to mend. Python is measured beside it where
 * TensorFlow is installed.
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { largeModelBytes, writeLargeH5, writeLargeKeras } from './large-model.ts';
import { measurePredicting, predictionsPerSecond } from './predicting.ts';
import { measured, resourcesOf } from './process.ts';
import { measureSavedModel } from './saved-model.ts';

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '..', 'bin', 'main.js');
const node = process.execPath;
const work = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));

function row(what: string, figure: string): void {
  console.log(`${what.padEnd(62)} ${figure}`);
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function megabytes(value: number | null): string {
  return value === null ? 'not told by this system' : `${(value / 1e6).toFixed(0)} MB`;
}

function resources(words: readonly string[]): void {
  const { processor, peak } = resourcesOf(words);
  row('  processor time, peak memory', `${milliseconds(processor)}, ${megabytes(peak)}`);
}

async function main(): Promise<void> {
  const [h5, keras] = [join(work, 'large.h5'), join(work, 'large.keras')];
  await writeLargeH5(h5);
  await writeLargeKeras(keras);
  const start = measured(node, ['-e', '0'], 5).milliseconds;
  row("Node's own start", milliseconds(start));
  resources(['-e', '0']);
  for (const path of [h5, keras]) {
    const { milliseconds: time, stderr } = measured(node, [cli, 'inspect', path, '--trace-reads']);
    const size = megabytes(statSync(path).size);
    row(
      `inspect of ${size} ${path.endsWith('.h5') ? '.h5' : '.keras'}, above Node's start`,
      milliseconds(time - start),
    );
    resources([cli, 'inspect', path]);
    row('  read for it', stderr.trim().split('\n').at(-1)?.replace(/^.*: /, '') ?? '');
  }
  const { stdout } = measured(node, [join(here, 'ready.js'), h5]);
  const told = JSON.parse(stdout) as { whole: number; ready: number; own: number | null; resident: number };
  const above = milliseconds(told.whole - start);
  row(`${megabytes(largeModelBytes)} of Dense weights ready to predict, above Node's start`, above);
  row('  without loading the library', milliseconds(told.ready));
  resources([join(here, 'ready.js'), h5]);
  row("  the process's own memory, resident in all", `${megabytes(told.own)}, ${megabytes(told.resident)}`);
  const mended = join(work, 'mended.keras');
  const copy = measured(
    node,
    ['-e', `require('node:fs').copyFileSync(${JSON.stringify(h5)}, ${JSON.stringify(join(work, 'copy'))})`],
    1,
  );
  const mending = [cli, 'mend', h5, '--for', 'keras==3.10.0', '-o', mended];
  const mend = measured(node, mending, 1);
  row(
    'mend of the .h5 into a .keras, against a plain copy',
    `${milliseconds(mend.milliseconds)}, ${milliseconds(copy.milliseconds)}`,
  );
  resources(mending);
  const small = join(here, '..', '..', 'test', 'fixtures', 'models', 'mnist_cnn--tf-2.15.1--keras', 'model.keras');
  const first = measured(node, [join(here, 'ready.js'), small]);
  row('a small convolutional net: process start to first prediction', milliseconds(first.milliseconds));
  for (const batch of [1, 32]) {
    row(`  predictions per second, batch ${batch}`, (await predictionsPerSecond(small, batch)).toFixed(0));
  }
  await measureSavedModel(work, row, start);
  await measurePredicting(work, row, start);
}

try {
  await main();
} finally {
  rmSync(work, { recursive: true, force: true });
}
