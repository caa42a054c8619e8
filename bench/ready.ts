/**
 * Opens a model with the built library, as programs do, predicts once and prints how long each took and how much memory
 * the process held of its own: run as a process by `bench/main.ts`. `node ready.js MODEL`
 */

import { readFileSync } from 'node:fs';

/** Memory that no file backs, in bytes; null where the system does not tell (it does on Linux). */
function ownMemory(): number | null {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  } catch {
    return null;
  }
}

const entry = new URL('../lib/run.js', import.meta.url).href;
const { loadModel } = (await import(entry)) as typeof import('../src/run.ts');
const started = performance.now();
const model = await loadModel(process.argv[2] as string, { prepack: false });
const ready = performance.now() - started;
const [input] = model.inputs;
const sizes = (input?.shape ?? []).map((size, axis) => size ?? (axis === 0 ? 1 : 8));
await model.predict(new Float32Array(sizes.reduce((product, size) => product * size, 1)));
const predicted = performance.now() - started;
console.log(
  JSON.stringify({ ready, predicted, whole: started + ready, own: ownMemory(), resident: process.memoryUsage().rss }),
);
await model.dispose();
