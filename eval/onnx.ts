/**
 * Do exported ONNX models compute what real Keras computed? Exports an artefact of every builder of the corpus (all with
 * `--all`), runs it with onnxruntime-node by the names of its inputs and outputs, and compares.
 * `npx tsx eval/onnx.ts [--filter regex] [--opset N] [--all] [--limit N] [--keep folder] [--floors]`
 */

import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { memorySink } from '../src/bytes/sink.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import type { Artefact } from '../src/model/types.ts';
import { planOnnx, writeOnnxModel } from '../src/run/export/index.ts';
import { readInputs } from '../src/run/inputs.ts';
import { nodeBackend } from '../src/run/node/backend.ts';
import { traceArtefact, zeroStates } from '../src/run/trace-artefact.ts';
import { choose } from './choose.ts';
import { artefactPath, type CorpusCase, corpusFolder } from './corpus.ts';
import { corpusObjects } from './custom-objects.ts';
import { keepFloors } from './floors.ts';
import { disagreement, recorded } from './recorded.ts';

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', default: '.' },
    opset: { type: 'string' },
    all: { type: 'boolean', default: false },
    keep: { type: 'string' },
    limit: { type: 'string', default: '100000' },
    floors: { type: 'boolean', default: false },
  },
});
if (flags.keep) mkdirSync(flags.keep, { recursive: true });

const folder = corpusFolder();
if (folder === null) {
  console.error('eval/onnx: no corpus here; set LOADSTONE_CORPUS to its folder');
  process.exit(0);
}

const tally = new Map<string, number>();
for (const entry of choose(folder, flags)) {
  const [word, why] = await judge(entry, folder);
  tally.set(word, (tally.get(word) ?? 0) + 1);
  if (word !== 'same') console.log(`${word} ${entry.builder} ${entry.id}: ${why}`);
}
console.log([...tally].map(([word, count]) => `${count} ${word}`).join(', '));
const count = (word: string) => tally.get(word) ?? 0;
const tried = [...tally.values()].reduce((sum, one) => sum + one, 0) - count('skipped');
keepFloors([{ what: 'the same as ONNX', share: count('same') / Math.max(1, tried), floor: 0.94 }], flags.floors);

async function judge(entry: CorpusCase, root: string): Promise<readonly [string, string]> {
  let artefact: Artefact | null = null;
  try {
    artefact = await openPath(artefactPath(root, entry), { customObjects: corpusObjects(entry.builder) });
    return await judgeModel(artefact, entry, root);
  } catch (error) {
    if (isLoadstoneError(error, 'missing-custom-object')) return ['skipped', error.message];
    return [isLoadstoneError(error) ? `failed [${error.code}]` : 'failed [bug]', String(error).slice(0, 300)];
  } finally {
    await artefact?.close();
  }
}

async function judgeModel(artefact: Artefact, entry: CorpusCase, root: string): Promise<readonly [string, string]> {
  const customObjects = corpusObjects(entry.builder);
  const opset = flags.opset ? Number(flags.opset) : undefined;
  const plan = await planOnnx(artefact, { customObjects, opset });
  if ('refusals' in plan) {
    return [
      'refused',
      plan.refusals.map(({ layer, className, what }) => `${layer} (${className}): ${what}`).join('; '),
    ];
  }
  const sink = memorySink();
  await writeOnnxModel(plan, { version: '0', provenance: artefact.provenance }, sink);
  if (flags.keep) await writeFile(join(flags.keep, `${entry.id}.onnx`), sink.bytes());
  const trace = await traceArtefact(artefact, { customObjects });
  if (trace.kind === 'open') return ['open', ''];
  const specs = trace.traced.inputs.map(({ spec }) => spec);
  const session = await nodeBackend.createSession(sink.bytes(), { prepack: false });
  try {
    const values = readInputs(await recorded(root, entry.id, 'in'), specs, { batches: trace.batches });
    const states = zeroStates(trace.traced).map((tensor, at) => [plan.states[at]!.input, tensor] as const);
    const feeds = Object.fromEntries([...specs.map(({ name }, at) => [name, values[at]!] as const), ...states]);
    const names = plan.boundary.outputs.slice(0, trace.traced.outputs.length).map(({ name }) => name);
    const results = await session.run(feeds, names);
    const why = disagreement(
      names.map(name => results[name]!),
      await recorded(root, entry.id, 'out'),
      artefact,
    );
    return why === null ? ['same', ''] : ['differs', why];
  } finally {
    await session.release();
  }
}
