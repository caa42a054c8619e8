/**
 * A SavedModel of one gigabyte, as TensorFlow 1 exports a chain of dense layers: made here, inspected, and run with its
 * weights where they lie.
 */

import { once } from 'node:events';
import { createWriteStream, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from '../src/containers/protobuf/message.ts';
import { crc32c, maskCrc } from '../src/containers/table/crc32c.ts';
import { BundleEntryProto, BundleHeaderProto } from '../src/containers/table/schema.ts';
import { GraphDefProto } from '../src/tensorflow/schema/graph.ts';
import { SavedModelProto } from '../src/tensorflow/schema/saved-model.ts';
import { tableBytes } from '../test/support/table.ts';
import { measured } from './process.ts';

const width = 4096;
const layers = 16;
const float32 = 1;
const layerBytes = width * width * 4;
const names = Array.from({ length: layers }, (_, layer) => `dense_${String(layer).padStart(2, '0')}/kernel`);

const shapeOf = (...sizes: number[]) => ({ dim: sizes.map(size => ({ size, name: '' })), unknownRank: false });

/** Placeholder, then MatMul after MatMul, each with a variable of its own. */
function graph() {
  const type = { type: float32 };
  const node = (name: string, op: string, input: string[], attr: { [name: string]: object }) => ({
    name,
    op,
    input,
    device: '',
    attr: new Map(Object.entries(attr)),
  });
  const text = (value: string) => ({ s: new TextEncoder().encode(value) });
  const nodes = names.flatMap((name, layer) => [
    node(name, 'VarHandleOp', [], { dtype: type, shape: { shape: shapeOf(width, width) }, shared_name: text(name) }),
    node(`${name}/read`, 'ReadVariableOp', [name], { dtype: type }),
    node(`product_${layer}`, 'MatMul', [layer === 0 ? 'x' : `product_${layer - 1}`, `${name}/read`], { T: type }),
  ]);
  return { node: [node('x', 'Placeholder', [], { dtype: type, shape: { shape: shapeOf(-1, width) } }), ...nodes] };
}

function graphFile(): Uint8Array {
  const port = (name: string) => ({ name: `${name}:0`, dtype: float32, tensorShape: shapeOf(-1, width) });
  const signature = {
    inputs: new Map([['x', port('x')]]),
    outputs: new Map([['y', port(`product_${layers - 1}`)]]),
    methodName: 'tensorflow/serving/predict',
  };
  const metaGraph = {
    metaInfoDef: { tags: ['serve'], tensorflowVersion: '1.15.0' },
    graphDef: encode(GraphDefProto, graph() as never),
    saverDef: { filenameTensorName: 'save/Const:0', restoreOpName: 'save/restore_all' },
    signatureDef: new Map([['serving_default', signature]]),
  };
  return encode(SavedModelProto, { savedModelSchemaVersion: 1, metaGraphs: [metaGraph] } as never);
}

/** Writes the folder: graph, index and one shard. */
async function writeLargeSavedModel(folder: string): Promise<void> {
  mkdirSync(join(folder, 'variables'), { recursive: true });
  writeFileSync(join(folder, 'saved_model.pb'), graphFile());
  const kernel = new Uint8Array(Float32Array.from({ length: width * width }, (_, at) => ((at % 17) - 8) / 4096).buffer);
  const crc = maskCrc(crc32c(kernel));
  const entries = names.map((name, layer) => {
    const entry = { dtype: float32, shape: { dim: [{ size: width }, { size: width }] } };
    const place = { shardId: 0, offset: layer * layerBytes, size: layerBytes, crc32c: crc };
    return [new TextEncoder().encode(name), encode(BundleEntryProto, { ...entry, ...place } as never)] as const;
  });
  const header = [new Uint8Array(), encode(BundleHeaderProto, { numShards: 1 })] as const;
  writeFileSync(join(folder, 'variables', 'variables.index'), tableBytes([header, ...entries]));
  const shard = createWriteStream(join(folder, 'variables', 'variables.data-00000-of-00001'));
  for (const _ of names) if (!shard.write(kernel)) await once(shard, 'drain');
  shard.end();
  await once(shard, 'finish');
}

/** Rows of the bench for a SavedModel. `start` is what Node itself takes, in milliseconds. */
export async function measureSavedModel(
  work: string,
  row: (what: string, figure: string) => void,
  start: number,
): Promise<void> {
  const here = dirname(fileURLToPath(import.meta.url));
  const folder = join(work, 'saved-model');
  await writeLargeSavedModel(folder);
  const { size } = statSync(join(folder, 'variables', 'variables.data-00000-of-00001'));
  const cli = join(here, '..', 'bin', 'main.js');
  const inspected = measured(process.execPath, [cli, 'inspect', folder, '--trace-reads'], 5);
  row(
    `inspect of a SavedModel of ${(size / 1e9).toFixed(2)} GB, above Node's start`,
    `${(inspected.milliseconds - start).toFixed(0)} ms`,
  );
  row('  read for it', inspected.stderr.trim().split('\n').at(-1)?.replace(/^.*: /, '') ?? '');
  const ready = measured(process.execPath, [join(here, 'ready.js'), folder], 1);
  const told = JSON.parse(ready.stdout) as { ready: number; predicted: number; own: number | null };
  row('  ready to predict, first prediction done', `${told.ready.toFixed(0)} ms, ${told.predicted.toFixed(0)} ms`);
  row("  the process's own memory", told.own === null ? 'not told' : `${(told.own / 1e6).toFixed(0)} MB`);
}
