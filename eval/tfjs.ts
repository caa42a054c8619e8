/**
 * Do models written for TensorFlow.js give there what real Keras computed, and here when they are read back? Takes an
 * artefact of every builder of the corpus (all with `--all`). Needs `@tensorflow/tfjs`, which is no dependency:
 * `npm install --no-save @tensorflow/tfjs`, or `TFJS` set to the folder of the package.
 * With `--quantize` the weights are compared as they are loaded there, each with the error that its numbers allow.
 * `--table` prints how many models proved each class of TensorFlow.js, and what the others were said with.
 * `npx tsx eval/tfjs.ts [--filter regex] [--all] [--limit N] [--quantize float16|uint8] [--table] [--floors]`
 */

import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { openArtefact } from '../src/artefacts/open.ts';
import { memoryFolder } from '../src/bytes/folder.ts';
import { type MemorySink, memorySink } from '../src/bytes/sink.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import type { GivenObjects } from '../src/layers/custom.ts';
import { convertTfjs, type TfjsConversion } from '../src/mend/convert-tfjs.ts';
import type { Artefact } from '../src/model/types.ts';
import type { Tensor } from '../src/numbers/tensor.ts';
import { readInputs } from '../src/run/inputs.ts';
import { loadModel } from '../src/run.ts';
import type { Quantization } from '../src/writers/tfjs/files.ts';
import { choose } from './choose.ts';
import { artefactPath, type CorpusCase, corpusFolder } from './corpus.ts';
import { corpusObjects } from './custom-objects.ts';
import { keepFloors } from './floors.ts';
import { disagreement, recorded } from './recorded.ts';
import { beyondBound, type WeightEntry } from './tfjs/quantized.ts';
import { startTable } from './tfjs/table.ts';

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', default: '.' },
    all: { type: 'boolean', default: false },
    quantize: { type: 'string' },
    table: { type: 'boolean', default: false },
    floors: { type: 'boolean', default: false },
    limit: { type: 'string', default: '100000' },
  },
});

interface TfTensor {
  readonly shape: number[];
  dataSync(): Float32Array | Int32Array | Uint8Array;
}
interface TfModel {
  readonly weights: readonly { readonly originalName: string; read(): TfTensor }[];
  predict(inputs: TfTensor | TfTensor[]): TfTensor | TfTensor[];
}
interface Tf {
  tensor(data: ArrayLike<number>, shape: readonly number[], dtype: string): TfTensor;
  loadLayersModel(handler: { load(): Promise<object> }): Promise<TfModel>;
  disposeVariables(): void;
  readonly layers: { readonly Layer: { readonly prototype: object } };
  readonly serialization: {
    readonly SerializationMap: { getMap(): { readonly classNameMap: { readonly [name: string]: readonly unknown[] } } };
  };
}

const folder = corpusFolder();
const tf = tensorflow();
if (folder === null || tf === null) {
  console.error(folder === null ? 'eval/tfjs: no corpus here' : 'eval/tfjs: @tensorflow/tfjs is not installed');
  process.exit(0);
}

const tally = new Map<string, number>();
const proofs = startTable();
for (const entry of choose(folder, flags)) {
  const [word, why] = await judge(entry, folder, tf);
  tally.set(word, (tally.get(word) ?? 0) + 1);
  if (word !== 'same') console.log(`${word} ${entry.builder} ${entry.id}: ${why}`);
}
console.log([...tally].map(([word, count]) => `${count} ${word}`).join(', '));
if (flags.table) console.log(proofs.text(layersOf(tf)));
const total = [...tally.values()].reduce((sum, count) => sum + count, 0);
const count = (word: string) => tally.get(word) ?? 0;
keepFloors(
  [
    {
      what: 'written for TensorFlow.js and the same there',
      share: count('same') / Math.max(1, total - count('refused')),
      floor: 0.98,
    },
    // A small sample of what is quantised may hold more of what cannot be said.
    ...(flags.quantize
      ? []
      : [{ what: 'said with TensorFlow.js layers', share: count('same') / Math.max(1, total), floor: 0.91 }]),
  ],
  flags.floors,
);

function tensorflow(): Tf | null {
  const require = createRequire(import.meta.url);
  try {
    return require(process.env.TFJS ? resolve(process.env.TFJS) : '@tensorflow/tfjs') as Tf;
  } catch {
    return null;
  }
}

async function judge(entry: CorpusCase, root: string, peer: Tf): Promise<readonly [string, string]> {
  let artefact: Artefact | null = null;
  try {
    const customObjects = corpusObjects(entry.builder);
    artefact = await openPath(artefactPath(root, entry), { customObjects });
    const plan = convertTfjs(artefact, {
      quantize: (flags.quantize as Quantization) ?? null,
      version: '0',
      customObjects,
    });
    if (plan.refusals.length > 0) {
      return ['refused', plan.refusals.map(({ className, what }) => `${className}: ${what}`).join('; ')];
    }
    const files = await filesOf(plan);
    if (flags.quantize) return await judgeWeights(files, artefact, customObjects, peer);
    const judged = await judgeFiles(files, artefact, entry, root, peer);
    if (judged[0] === 'same') proofs.add(JSON.parse(new TextDecoder().decode(files['model.json'])), plan.changes);
    return judged;
  } catch (error) {
    return [isLoadstoneError(error) ? `failed [${error.code}]` : 'failed', String(error).slice(0, 200)];
  } finally {
    await artefact?.close();
  }
}

async function judgeFiles(
  files: Record<string, Uint8Array>,
  artefact: Artefact,
  entry: CorpusCase,
  root: string,
  peer: Tf,
): Promise<readonly [string, string]> {
  const given = await recorded(root, entry.id, 'in');
  const expected = await recorded(root, entry.id, 'out');
  const back = await loadModel(await openArtefact(memoryFolder(files)), { prepack: false });
  const inputs = readInputs([...given], back.inputs);
  const again = disagreement(await back.predictAll([...given]), expected, artefact);
  await back.dispose();
  const there = disagreement(await predicted(files, inputs, peer), expected, artefact);
  if (there !== null) return [again === null ? 'differs there' : 'differs', there];
  return again === null ? ['same', ''] : ['differs here', again];
}

async function filesOf(plan: TfjsConversion): Promise<Record<string, Uint8Array>> {
  const sinks = new Map<string, MemorySink>();
  await plan.write(async name => {
    const sink = memorySink();
    sinks.set(name, sink);
    return sink;
  });
  return Object.fromEntries([...sinks].map(([name, sink]) => [name, sink.bytes()]));
}

/** Classes of layers, by the registry from which it makes them. */
function layersOf({ layers, serialization }: Tf): string[] {
  return Object.entries(serialization.SerializationMap.getMap().classNameMap)
    .filter(([, [made]]) => (made as { prototype: object }).prototype instanceof (layers.Layer as never))
    .map(([name]) => name);
}

interface Manifest {
  readonly paths: string[];
  readonly weights: readonly WeightEntry[];
}

function manifestOf(files: Record<string, Uint8Array>) {
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(files['model.json']));
  const [{ paths, weights }] = weightsManifest as [Manifest];
  const weightData = Uint8Array.from(Buffer.concat(paths.map(path => files[path]!))).buffer;
  return { modelTopology, weights, weightData };
}

async function loadedBy(peer: Tf, files: Record<string, Uint8Array>): Promise<TfModel> {
  const { modelTopology, weights, weightData } = manifestOf(files);
  return await peer.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs: weights, weightData }) });
}

/** Every number as it is loaded there against the whole one, within what its quantisation allows. */
async function judgeWeights(
  files: Record<string, Uint8Array>,
  artefact: Artefact,
  customObjects: GivenObjects,
  peer: Tf,
): Promise<readonly [string, string]> {
  const whole = await loadedBy(peer, await filesOf(convertTfjs(artefact, { version: '0', customObjects })));
  const short = await loadedBy(peer, files);
  const entries = new Map(manifestOf(files).weights.map(entry => [entry.name, entry]));
  const why = whole.weights.map((weight, at) => {
    const entry = entries.get(weight.originalName);
    if (!entry) return `${weight.originalName} is not in the manifest`;
    return beyondBound(entry, weight.read().dataSync(), short.weights[at]!.read().dataSync());
  });
  peer.disposeVariables();
  const first = why.find(one => one !== null);
  return first ? ['differs', first] : ['same', ''];
}

async function predicted(files: Record<string, Uint8Array>, inputs: readonly Tensor[], peer: Tf): Promise<Tensor[]> {
  const model = await loadedBy(peer, files);
  const tensors = inputs.map(({ data, shape, dtype }) => {
    const type = dtype.startsWith('float') ? 'float32' : dtype === 'bool' ? 'bool' : 'int32';
    return peer.tensor(Array.from(data as ArrayLike<number>, Number), shape, type);
  });
  const results = model.predict(tensors.length === 1 ? tensors[0]! : tensors);
  const found = (Array.isArray(results) ? results : [results]).map((tensor): Tensor => {
    return { dtype: 'float32', shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
  });
  peer.disposeVariables();
  return found;
}
