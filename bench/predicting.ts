/**
 * How quickly well-known networks predict, beside TensorFlow in Python where that is installed (`LOADSTONE_PYTHON`
 * names an interpreter other than python3): from process start to the first prediction, and predictions per second.
 */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel } from '../src/run.ts';
import { largeConvolutions, largeDense, mobileNet, type Network, resNet50, writeNetwork } from './networks.ts';
import { measured } from './process.ts';

const here = dirname(fileURLToPath(import.meta.url));
const script = join(here, '..', '..', 'bench', 'beside.py');

/** What one process tells: milliseconds from its start to the first prediction, and predictions per second by batch. */
interface Told {
  readonly first: number;
  readonly perSecond: { readonly [batch: string]: number };
}

type Row = (what: string, figure: string) => void;

/** The prediction of a batch, as often as fits into a while, after a warm start. */
export async function predictionsPerSecond(path: string, batch: number): Promise<number> {
  const model = await loadModel(path);
  const [input] = model.inputs;
  const sizes = (input?.shape ?? []).map((size, axis) => (axis === 0 ? batch : (size ?? 8)));
  const data = new Float32Array(sizes.reduce((product, size) => product * size, 1)).fill(0.5);
  const once = () => model.predict({ dtype: 'float32', shape: sizes, data }, { batchSize: batch });
  await once();
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < 3000) {
    await once();
    count += batch;
  }
  await model.dispose();
  return (1000 * count) / (performance.now() - started);
}

/** TensorFlow's figures for the same file, or null where it is not installed. */
function tensorflow(path: string, batches: readonly number[]): Told | null {
  const python = process.env.LOADSTONE_PYTHON ?? 'python3';
  const { status, stdout, stderr } = spawnSync(python, [script, path, ...batches.map(String)], { encoding: 'utf8' });
  if (status !== 0 && stderr && !stderr.includes('ModuleNotFoundError'))
    console.error(stderr.trim().split('\n').at(-1));
  return status === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1)!) as Told) : null;
}

function rate(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

interface Comparison {
  readonly network: Network;
  readonly title?: string;
  readonly path: string;
  /** The time to the first prediction as well. */
  readonly withFirst?: boolean;
}

async function compareNetwork({ network, title = network.name, path, withFirst }: Comparison, row: Row): Promise<void> {
  await writeNetwork(network, path);
  const batches = [1, 32];
  const theirs = tensorflow(path, batches);
  const beside = (figure: string | undefined) => (figure === undefined ? '' : `, TensorFlow ${figure}`);
  if (withFirst) {
    const first = measured(process.execPath, [join(here, 'ready.js'), path]).milliseconds;
    row(
      `${title}: process start to first prediction`,
      `${first.toFixed(0)} ms${beside((theirs && `${theirs.first.toFixed(0)} ms`) || undefined)}`,
    );
  }
  for (const batch of batches) {
    const ours = await predictionsPerSecond(path, batch);
    row(
      `${title}: predictions per second, batch ${batch}`,
      `${rate(ours)}${beside(theirs ? rate(theirs.perSecond[batch]!) : undefined)}`,
    );
  }
  rmSync(path);
}

async function readyNetwork(network: Network, path: string, row: Row, start: number): Promise<void> {
  await writeNetwork(network, path);
  const { stdout, milliseconds } = measured(process.execPath, [join(here, 'ready.js'), path]);
  const told = JSON.parse(stdout) as { ready: number; predicted: number; own: number | null; whole: number };
  row(`${network.name}: ready to predict, above Node's start`, `${(told.whole - start).toFixed(0)} ms`);
  row('  process start to first prediction', `${milliseconds.toFixed(0)} ms`);
  row(
    "  memory of the process's own",
    told.own === null ? 'not told by this system' : `${(told.own / 1e6).toFixed(0)} MB`,
  );
  rmSync(path);
}

/** All figures of predicting. `start` is Node's own start in milliseconds. */
export async function measurePredicting(folder: string, row: Row, start: number): Promise<void> {
  await readyNetwork(largeDense(), join(folder, 'large-dense.h5'), row, start);
  await readyNetwork(largeConvolutions(), join(folder, 'large-convolutions.h5'), row, start);
  const file = (name: string) => join(folder, `${name}.h5`);
  await compareNetwork({ network: mobileNet(224, 1, 1000), path: file('mobilenet'), withFirst: true }, row);
  const title = 'mobilenet, a quarter as wide, 32×32';
  await compareNetwork({ network: mobileNet(32, 0.25, 10), title, path: file('small') }, row);
  await compareNetwork({ network: resNet50(), path: file('resnet50') }, row);
}
