/** `loadstone convert MODEL out.onnx`: one ONNX model, its weights inside or in one file beside it. */

import { basename } from 'node:path';
import type { ByteSink } from '../src/bytes/sink.ts';
import type { Artefact } from '../src/model/types.ts';
import { type OnnxExport, planOnnx, writeExternalWeights, writeOnnxModel } from '../src/run/export/index.ts';
import { loadDefinitions } from './custom.ts';
import { version } from './version.ts';
import { writeTogether } from './write-together.ts';

export interface OnnxFlags {
  opset?: number;
  batchSize?: number | 'dynamic';
  externalData?: boolean;
  custom?: readonly string[];
}

/** Writes the model to `out`, or gives why it cannot be one. Both files appear whole, or neither. */
export async function writeOnnx(artefact: Artefact, out: string, flags: OnnxFlags) {
  const options = {
    customObjects: await loadDefinitions(flags.custom),
    opset: flags.opset,
    batchSize: typeof flags.batchSize === 'number' ? flags.batchSize : null,
  };
  const externalFile = `${basename(out)}.data`;
  const inside = flags.externalData ? null : await planOnnx(artefact, options);
  if (inside && 'refusals' in inside) return { refusals: inside.refusals, says: '' };
  const plan = inside && !isTooLarge(inside) ? inside : await planOnnx(artefact, { ...options, externalFile });
  if ('refusals' in plan) return { refusals: plan.refusals, says: '' };
  const outside = plan.weights.some(({ offset }) => offset !== null);
  const credits = { version: version(), provenance: artefact.provenance };
  await writeTogether([
    ...(outside ? [{ path: `${out}.data`, write: (sink: ByteSink) => writeExternalWeights(plan, sink) }] : []),
    { path: out, write: sink => writeOnnxModel(plan, credits, sink) },
  ]);
  return { refusals: [], says: `${describe(plan)}${outside ? `, weights in ${externalFile}` : ''}` };
}

/** One protobuf message holds 2 GB at most: larger weights go beside it, asked for or not. */
function isTooLarge({ weights }: OnnxExport): boolean {
  return weights.reduce((sum, { length }) => sum + length, 0) > 2 ** 31 - 2 ** 26;
}

function describe({ opset, boundary, states }: OnnxExport): string {
  const names = (list: readonly { readonly name?: string }[]) => list.map(({ name }) => name).join(', ');
  const kept = states.map(({ input, output }) => `; give ${output} back as ${input}, zeros at first`).join('');
  return `ONNX, opset ${opset}; inputs ${names(boundary.inputInfo)}; outputs ${names(boundary.outputInfo)}${kept}`;
}
