/** `loadstone convert MODEL out.onnx`: one ONNX model, its weights inside or in one file beside it. */

import { basename } from 'node:path';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import type { ByteSink } from '../src/bytes/sink.ts';
import type { Artefact } from '../src/model/types.ts';
import { type OnnxExport, planOnnx, writeExternalWeights, writeOnnxModel } from '../src/run/export/index.ts';
import { loadDefinitions } from './custom.ts';
import { version } from './version.ts';

export interface OnnxFlags {
  opset?: number;
  batchSize?: number | 'dynamic';
  externalData?: boolean;
  custom?: readonly string[];
}

/** Writes the model to `out`, or gives why it cannot be one. Both files appear whole, or neither. */
export async function writeOnnx(artefact: Artefact, out: string, flags: OnnxFlags) {
  const externalFile = flags.externalData ? `${basename(out)}.data` : undefined;
  const plan = await planOnnx(artefact, {
    customObjects: await loadDefinitions(flags.custom),
    opset: flags.opset,
    batchSize: typeof flags.batchSize === 'number' ? flags.batchSize : null,
    externalFile,
  });
  if ('refusals' in plan) return { refusals: plan.refusals, says: '' };
  const outside = plan.weights.some(({ offset }) => offset !== null);
  const sinks: ByteSink[] = [];
  try {
    const model = await fileSink(out);
    sinks.push(model);
    const data = outside ? await fileSink(`${out}.data`) : null;
    if (data) sinks.push(data);
    if (data) await writeExternalWeights(plan, data);
    await writeOnnxModel(plan, { version: version(), provenance: artefact.provenance }, model);
    await data?.close();
    await model.close();
  } catch (error) {
    await Promise.all(sinks.map(sink => sink.abandon()));
    throw error;
  }
  return { refusals: [], says: `${describe(plan)}${outside ? `, weights in ${externalFile}` : ''}` };
}

function describe({ opset, boundary, states }: OnnxExport): string {
  const names = (list: readonly { readonly name?: string }[]) => list.map(({ name }) => name).join(', ');
  const kept = states.map(({ input, output }) => `; give ${output} back as ${input}, zeros at first`).join('');
  return `ONNX, opset ${opset}; inputs ${names(boundary.inputInfo)}; outputs ${names(boundary.outputInfo)}${kept}`;
}
