/**
 * Models that others published, against the outputs that they published with them: for every `X_model.h5` or `X.h5`
 * beside an `X_inputs_and_outputs.h5` of the third-party collection. Those that real Keras reproduced count apart.
 * `npx tsx eval/thirdparty.ts [--filter regex]`
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { fileSource } from '../src/bytes/node/file.ts';
import { type Hdf5File, openHdf5 } from '../src/containers/hdf5/index.ts';
import { compareTensors, float32Tolerance } from '../src/numbers/compare.ts';
import type { Tensor } from '../src/numbers/tensor.ts';
import { loadModel } from '../src/run.ts';
import { sharedFolder } from './corpus.ts';

const { values: flags } = parseArgs({ options: { filter: { type: 'string', default: '.' } } });
const root = join(sharedFolder(), 'thirdparty');
const ending = '_inputs_and_outputs.h5';

if (!existsSync(root)) console.error('eval/thirdparty: the collection is not here');
else await evaluate();

async function evaluate(): Promise<void> {
  const verified = new Set(
    readFileSync(join(root, 'io_verified.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as { file: string; maxdiff?: number })
      .flatMap(({ file, maxdiff }) => (maxdiff === undefined ? [] : [file])),
  );
  const tally = { verified: { same: 0, all: 0 }, others: { same: 0, all: 0 } };
  for (const path of recordings(new RegExp(flags.filter))) {
    const model = modelBeside(path);
    if (model === null) continue;
    const why = await judge(model, path).catch((error: Error) => error.message);
    const group = verified.has(relative(root, model)) ? tally.verified : tally.others;
    group.all += 1;
    if (why === null) group.same += 1;
    else
      console.log(`${verified.has(relative(root, model)) ? 'verified' : 'other   '} ${relative(root, model)}: ${why}`);
  }
  console.log(
    `${tally.verified.same} of ${tally.verified.all} that real Keras reproduced are the same; ${tally.others.same} of ${tally.others.all} others`,
  );
}

function recordings(filter: RegExp): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(ending))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => filter.test(path))
    .sort();
}

function modelBeside(path: string): string | null {
  const stem = path.slice(0, -ending.length);
  return [`${stem}_model.h5`, `${stem}.h5`].find(existsSync) ?? null;
}

/** Null where the predictions are the published ones, else what is not. */
async function judge(modelPath: string, path: string): Promise<string | null> {
  const file = await openHdf5(await fileSource(path));
  const model = await loadModel(modelPath, { prepack: false });
  try {
    const inputs = await tensorsIn(file, '/inputs');
    const expected = await tensorsIn(file, '/predictions');
    if (expected.size === 0) return 'no predictions are recorded';
    const found = await model.predictAll([...inputs.values()]);
    const wanted = [...expected.values()];
    if (found.length !== wanted.length) return `${found.length} outputs, ${wanted.length} recorded`;
    const faults = found.map((tensor, at) => compareTensors(tensor, wanted[at]!, float32Tolerance).why);
    return faults.find(fault => fault !== null) ?? null;
  } finally {
    await model.dispose();
    await file.source.close?.();
  }
}

/** Datasets of a group, in the order of their names. */
async function tensorsIn(file: Hdf5File, group: string): Promise<Map<string, Tensor>> {
  const found = new Map<string, Tensor>();
  const held = await file.get(group).catch(() => null);
  if (held?.kind !== 'group') return found;
  for (const name of await held.names()) {
    const object = await held.get(name);
    if (object?.kind === 'dataset') found.set(name, (await object.read()) as Tensor);
  }
  return found;
}
