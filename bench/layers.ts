/**
 * Each recurrent, attention and convolution layer at a realistic size: time of one prediction beside `model.predict` of
 * real Keras, in turns, the best of several. `npx tsx bench/layers.ts [--filter REGEX] [--write]`, where
 * `LOADSTONE_PYTHON` names an interpreter with TensorFlow (several, separated like PATH). `--write` keeps the table in
 * docs/bench-layers.md.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readNpy } from '../src/containers/npy/index.ts';
import { compareTensors, float32Tolerance } from '../src/numbers/compare.ts';
import type { Tensor } from '../src/numbers/tensor.ts';
import { sliceBatch } from '../src/run/batches.ts';
import { loadModel, type RunnableModel } from '../src/run.ts';

const batches = [1, 32] as const;
const rounds = 2;
const limit = 1.5;

const { values: flags } = parseArgs({
  options: { filter: { type: 'string', default: '' }, write: { type: 'boolean', default: false } },
});
const here = dirname(fileURLToPath(import.meta.url));
const interpreters = (process.env.LOADSTONE_PYTHON ?? 'python3').split(delimiter);

/** Milliseconds of one prediction: by the clock, and of all processors together, which other work disturbs less. */
interface Times {
  readonly clock: number;
  readonly processors: number;
}

interface Measured {
  readonly name: string;
  readonly batch: number;
  readonly ours: Times;
  readonly keras: Times;
  /** Whether the numbers were the same. */
  readonly same: boolean;
}

interface Keras {
  readonly version: string;
  readonly cases: readonly string[];
  time(name: string, batch: number): Promise<Times>;
  end(): void;
}

const longest: Times = { clock: Number.POSITIVE_INFINITY, processors: Number.POSITIVE_INFINITY };

function shorter(a: Times, b: Times): Times {
  return { clock: Math.min(a.clock, b.clock), processors: Math.min(a.processors, b.processors) };
}

async function startKeras(python: string, folder: string): Promise<Keras> {
  const script = join(here, 'layers.py').replace(join('dist', 'bench'), 'bench');
  const child: ChildProcessWithoutNullStreams = spawn(python, [script, folder, flags.filter]);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${python} ended before it answered`);
      if (/^[{\d]/.test(value)) return JSON.parse(value);
    }
  };
  child.stderr.resume();
  const told = (await next()) as Pick<Keras, 'version' | 'cases'>;
  return {
    ...told,
    time: async (name, batch) => {
      child.stdin.write(`${name} ${batch}\n`);
      return (await next()) as Times;
    },
    end: () => child.stdin.end(),
  };
}

async function ownTime(model: RunnableModel, x: Tensor): Promise<Times> {
  const once = () => model.predictAll([x], { batchSize: x.shape[0]! });
  await once();
  let best = longest;
  for (let round = 0; round < 5; round += 1) {
    const [begun, busy] = [performance.now(), process.cpuUsage()];
    await once();
    const clock = performance.now() - begun;
    const { user, system } = process.cpuUsage(busy);
    best = shorter(best, { clock, processors: (user + system) / 1000 });
  }
  return best;
}

function array(path: string): Tensor {
  return readNpy(readFileSync(path), path);
}

async function measure(name: string, folder: string, beside: Keras): Promise<Measured[]> {
  const path = join(folder, name);
  const [given, wanted] = [array(`${path}.in.npy`), array(`${path}.out.npy`)];
  const model = await loadModel(`${path}.h5`);
  const [found] = await model.predictAll([given]);
  const { same } = compareTensors(found!, wanted, float32Tolerance);
  const measured: Measured[] = [];
  for (const batch of batches) {
    const x = sliceBatch(given, 0, batch);
    let [ours, keras] = [longest, longest];
    for (let round = 0; round < rounds; round += 1) {
      keras = shorter(keras, await beside.time(name, batch));
      ours = shorter(ours, await ownTime(model, x));
    }
    measured.push({ name, batch, ours, keras, same });
  }
  await model.dispose();
  return measured;
}

function line({ name, batch, ours, keras, same }: Measured): string {
  const times = (ours.clock / keras.clock).toFixed(2);
  const cells = [
    name,
    batch,
    ours.clock.toFixed(2),
    keras.clock.toFixed(2),
    ours.clock > limit * keras.clock ? `**${times}**` : times,
    ours.processors.toFixed(1),
    keras.processors.toFixed(1),
  ];
  return `| ${cells.join(' | ')} |${same ? '' : ' numbers differ'}`;
}

async function table(python: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-layers-'));
  try {
    const keras = await startKeras(python, folder);
    const lines = [
      '',
      `## ${keras.version}`,
      '',
      '| case | batch | Loadstone, ms | Keras, ms | times | processors, ms | Keras’s, ms |',
      '|---|---|---|---|---|---|---|',
    ];
    console.log(lines.join('\n'));
    for (const name of keras.cases) {
      const rows = (await measure(name, folder, keras)).map(line);
      console.log(rows.join('\n'));
      lines.push(...rows);
    }
    keras.end();
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const head = `# Layers against Keras

Made by \`npx tsx bench/layers.ts --write\` on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.versions.node}. One prediction of each
layer at a realistic size (bench/layers.py has the sizes) beside \`model.predict\` of real Keras, measured in turns, the best of ${rounds * 5}: by the clock,
and the time of all processors together. Bold: more than ${limit} times as long. Each prediction of a batch of 32 was compared with Keras's own.`;

const lines: string[] = [];
for (const python of interpreters) lines.push(...(await table(python)));
if (flags.write) writeFileSync(join(process.cwd(), 'docs', 'bench-layers.md'), `${head}\n${lines.join('\n')}\n`);
