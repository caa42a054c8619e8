/** Models exported as ONNX give, in ONNX Runtime, what Keras recorded for them. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { fileSink } from '../../src/bytes/node/file-sink.ts';
import { memorySink } from '../../src/bytes/sink.ts';
import { readNpz } from '../../src/containers/npy/index.ts';
import { modelProto } from '../../src/containers/onnx/schema.ts';
import { decode } from '../../src/containers/protobuf/message.ts';
import { compareTensors, float32Tolerance } from '../../src/numbers/compare.ts';
import type { Tensor } from '../../src/numbers/tensor.ts';
import {
  type OnnxExport,
  type OnnxExportOptions,
  planOnnx,
  writeExternalWeights,
  writeOnnxModel,
} from '../../src/run/export/index.ts';
import { nodeBackend } from '../../src/run/node/backend.ts';

const models = new URL('../fixtures/models/', import.meta.url);
const stateful = 'lstm_stateful--keras-3.3.3+tf-2.16--keras/model.keras';
const inception = 'arch_inception--tf-2.4.4--h5/model.h5';
const noCredits = { line: null, keras: null, tensorflow: null, backend: null, evidence: [] };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadstone-onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function pathOf(model: string): string {
  return decodeURIComponent(new URL(model, models).pathname);
}

async function exported(model: string, options: OnnxExportOptions = {}, beside?: string) {
  const artefact = await openPath(pathOf(model));
  const plan = await planOnnx(artefact, options);
  if ('refusals' in plan) throw new Error(JSON.stringify(plan.refusals));
  const sink = memorySink();
  await writeOnnxModel(plan, { version: '1.2.3', provenance: noCredits }, sink);
  if (beside) {
    const data = await fileSink(join(folder, beside));
    await writeExternalWeights(plan, data);
    await data.close();
  }
  await artefact.close();
  return { plan, bytes: sink.bytes() };
}

async function arrays(model: string, name: string): Promise<Tensor[]> {
  const path = join(pathOf(model), '..', name);
  return [...(await readNpz(memorySource(await readFile(path), name))).values()];
}

async function results({ boundary }: OnnxExport, bytes: Uint8Array, inputs: readonly Tensor[], within?: string) {
  const session = await nodeBackend.createSession(bytes, { prepack: false, folder: within });
  const feeds = Object.fromEntries(inputs.map((tensor, at) => [boundary.inputInfo[at]?.name ?? '', tensor]));
  const names = boundary.outputs.map(({ name }) => name);
  const found = await session.run(feeds, names);
  await session.release();
  return names.map(name => found[name] as Tensor);
}

describe('export as ONNX', () => {
  for (const opset of [13, 17, 21]) {
    it(`gives the recorded numbers in opset ${opset}`, async () => {
      const { plan, bytes } = await exported(inception, { opset });
      const [expected] = await arrays(inception, 'out.npz');
      const [found] = await results(plan, bytes, await arrays(inception, 'in.npz'));
      expect(compareTensors(found!, expected!, float32Tolerance)).toMatchObject({ same: true });
      expect(decode(modelProto, bytes).opsetImport).toEqual([{ domain: '', version: opset }]);
    });
  }

  it('puts large weights into a file beside the model', async () => {
    const { plan, bytes } = await exported(inception, { externalFile: 'm.data' }, 'm.data');
    const inside = await exported(inception);
    const data = await readFile(join(folder, 'm.data'));
    const outside = plan.weights.filter(({ offset }) => offset !== null);
    expect(outside.length).toBeGreaterThan(0);
    expect(data.byteLength).toBe(Math.max(...outside.map(({ offset, length }) => offset! + length)));
    const inputs = await arrays(inception, 'in.npz');
    expect(await results(plan, bytes, inputs, folder)).toEqual(await results(inside.plan, inside.bytes, inputs));
  });

  it('names inputs and outputs as the model does, with the batch open or of the size asked for', async () => {
    const open = decode(modelProto, (await exported(inception)).bytes);
    const fixed = decode(modelProto, (await exported(inception, { batchSize: 5 })).bytes);
    const first = (model: typeof open) => model.graph?.input[0]?.type?.tensorType?.shape?.dim[0];
    expect(first(open)).toMatchObject({ dimParam: 'batch' });
    expect(first(fixed)).toMatchObject({ dimValue: 5 });
    expect(open.producerName).toBe('loadstone');
    expect(open.producerVersion).toBe('1.2.3');
    expect(new Set(open.graph?.output.map(({ name }) => name)).size).toBe(open.graph?.output.length);
  });

  it('gives states as inputs, zeros at first, and as outputs to be given back', async () => {
    const { plan, bytes } = await exported(stateful);
    expect(plan.states.length).toBe(2);
    const zeros = plan.boundary.inputInfo.slice(1).map(({ type }): Tensor => {
      const shape = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => Number(dimValue));
      return { dtype: 'float32', shape, data: new Float32Array(shape.reduce((size, axis) => size * axis, 1)) };
    });
    const inputs = await arrays(stateful, 'in.npz');
    const [expected] = await arrays(stateful, 'out.npz');
    const [found, ...after] = await results(plan, bytes, [...inputs, ...zeros]);
    expect(compareTensors(found!, expected!, float32Tolerance)).toMatchObject({ same: true });
    const [second] = await results(plan, bytes, [...inputs, ...after]);
    expect(compareTensors(second!, expected!, float32Tolerance).same).toBe(false);
  });

  it('refuses an opset that is none', async () => {
    await expect(exported(inception, { opset: 5 })).rejects.toMatchObject({ code: 'usage' });
  });
});
