/** One ONNX model as files: its weights inside, or in one file beside it. */

import { basename } from 'node:path';
import type { ByteSink } from '../../bytes/sink.ts';
import type { GivenObjects } from '../../layers/custom.ts';
import type { Artefact } from '../../model/types.ts';
import { type OnnxExport, planOnnx, writeExternalWeights, writeOnnxModel } from '../../run/export/index.ts';
import { version } from './version.ts';
import { writeTogether } from './write-together.ts';

export interface OnnxFileOptions {
  /** Operator set; 21 where it is left out. */
  readonly opset?: number;
  /** Samples that the model takes; any number where it is left out. */
  readonly batchSize?: number | 'dynamic';
  /** Weights in a file beside the model, `OUT.data`. Those beyond 2 GB go there in any case. */
  readonly externalData?: boolean;
  readonly customObjects?: GivenObjects;
}

/** Writes the model to `out`, or gives why it cannot be one. Both files appear whole, or neither. */
export async function writeOnnx(artefact: Artefact, out: string, flags: OnnxFileOptions) {
  const options = {
    customObjects: flags.customObjects,
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
