/**
 * `convert`: a saved model in another form, as files that appear whole or not at all. What had to be said by other
 * means is run before and after, and appears only where the numbers are the same.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { openPath } from '../../artefacts/node/open-path.ts';
import type { Target } from '../../eras/write/target.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import { type Conversion, type ConvertForm, formOfPath, convert as planConversion } from '../../mend/convert.ts';
import { convertTfjs } from '../../mend/convert-tfjs.ts';
import { declareInputs, type InputDeclaration } from '../../mend/input-shape.ts';
import type { Change } from '../../mend/step.ts';
import { targetOf } from '../../mend/target.ts';
import type { Artefact } from '../../model/types.ts';
import type { Environment } from '../../rehearsal/environments/index.ts';
import type { ConfigRefusal } from '../../writers/config/context.ts';
import type { Quantization } from '../../writers/tfjs/files.ts';
import { probeCopy } from './probe.ts';
import { compareByRunning } from './same-numbers.ts';
import { version } from './version.ts';
import { writeFolder } from './write-folder.ts';
import { type OnnxFileOptions, writeOnnx } from './write-onnx.ts';
import { writeTogether } from './write-together.ts';
import { writeWhole } from './write-whole.ts';

/** What a conversion can become. `weights` is a `.weights.h5`, `tfjs-layers` and `python` without an ending are folders. */
export type OutputForm = ConvertForm | 'onnx' | 'tfjs-layers';

/** `opset`, `batchSize` and `externalData` are for ONNX; `customObjects` for it and TensorFlow.js. */
export interface ConvertRequest extends OnnxFileOptions {
  /** The form, where the name of the output does not say it. */
  readonly to?: OutputForm;
  /** The release in whose words Keras's own forms and Python are written, as pins or a known id. */
  readonly for?: string | Environment;
  /** Weights of a TensorFlow.js model in fewer bits. */
  readonly quantize?: Quantization;
  /** Shapes that inputs are to declare. */
  readonly inputs?: InputDeclaration;
}

export interface Converted {
  /** The path of what was written; null where nothing was. */
  readonly output: string | null;
  readonly form: OutputForm;
  /** What had to be said otherwise, with its reason. */
  readonly changes: readonly Change[];
  /** Why nothing was written, by layer; empty where it was. */
  readonly refusals: readonly ConfigRefusal[];
  /** What was written, for people. */
  readonly says: string;
}

/** The form that is asked for, or that the name of the output says; null where neither does. */
export function formOfOutput(output: string, to?: OutputForm): OutputForm | null {
  return to ?? (output.toLowerCase().endsWith('.onnx') ? 'onnx' : formOfPath(output));
}

/**
 * Writes what lies at `path` (file, folder, URL) in another form: `.h5 .keras .weights.h5 .onnx .safetensors .npz .json
 * .py`, or a folder with `to`. Throws what opening throws; `usage` for an output without a form, that is the input
 * itself or cannot be put there; `unsupported` where the artefact lacks what the form needs.
 */
export async function convert(path: string, output: string, request: ConvertRequest = {}): Promise<Converted> {
  refuseOutput(path, output, request);
  const artefact = await openPath(path, { customObjects: request.customObjects });
  try {
    return await convertArtefact(artefact, output, request);
  } finally {
    await artefact.close();
  }
}

/** Throws `usage` where the output says no form, or is the input itself. */
export function refuseOutput(path: string, output: string, { to }: ConvertRequest): void {
  if (!formOfOutput(output, to)) {
    throw new LoadstoneError('usage', `"${output}" does not say what to write`, {
      do: 'Name an output that ends in .h5, .keras, .weights.h5, .safetensors, .npz, .json or .onnx, or give --to.',
    });
  }
  if (existsSync(path) && resolve(path) === resolve(output)) {
    throw new LoadstoneError('usage', 'the output is the input itself', { where: output, do: 'Name another file.' });
  }
}

/** The same for an artefact that is open, which stays so. */
export async function convertArtefact(
  artefact: Artefact,
  output: string,
  request: ConvertRequest = {},
): Promise<Converted> {
  const form = formOfOutput(output, request.to) as OutputForm;
  const declared = request.inputs && artefact.model && declareInputs(artefact.model, request.inputs);
  if (declared && 'refused' in declared) {
    const { layer, what } = declared.refused;
    return { output: null, form, changes: [], says: '', refusals: [{ layer, className: layer, key: null, what }] };
  }
  const source = declared ? { ...artefact, model: declared.model } : artefact;
  const { changes, refusals, says } = await writtenAs(form, source, output, request);
  return { output: refusals.length > 0 ? null : output, form, changes, refusals, says };
}

type Done = Pick<Conversion, 'changes' | 'refusals' | 'says'>;

/** Writes the output, unless something is refused. */
async function writtenAs(form: OutputForm, artefact: Artefact, out: string, request: ConvertRequest): Promise<Done> {
  if (form === 'onnx') return { changes: [], ...(await writeOnnx(artefact, out, request)) };
  if (form === 'tfjs-layers') return writeTfjsFolder(artefact, out, request);
  const target = request.for ? targetOf(request.for) : null;
  if (form === 'python') return writePython(artefact, out, target);
  const plan = planConversion(artefact, form, target);
  if (plan.refusals.length > 0) return plan;
  const doubt = await writeWhole(
    out,
    sink => plan.write(sink),
    async path => (plan.doubts?.length ? await compareByRunning(artefact, path) : null),
  );
  return doubt ? { ...plan, refusals: doubted(plan, doubt) } : plan;
}

async function writeTfjsFolder(artefact: Artefact, out: string, request: ConvertRequest): Promise<Done> {
  const { quantize, customObjects } = request;
  const plan = convertTfjs(artefact, { quantize, version: version(), customObjects });
  if (plan.refusals.length > 0) return plan;
  // What was said by other means counts as the same when a run shows the same numbers.
  const doubt = await writeFolder(out, async (open, beside) => {
    await plan.write(open);
    return plan.inDoubt ? await compareByRunning(artefact, join(beside, 'model.json')) : null;
  });
  return doubt ? { ...plan, refusals: [{ layer: '', className: '', key: null, what: doubt }] } : plan;
}

/** Code and its weights: beside each other, in a folder where the name of the output has no ending. */
async function writePython(artefact: Artefact, out: string, target: Target | null): Promise<Done> {
  const stem = basename(out, extname(out));
  const plan = planConversion(artefact, 'python', target, extname(out) === '' ? undefined : `${stem}.weights.h5`);
  const { beside } = plan;
  if (plan.refusals.length > 0 || !beside) return plan;
  const doubt = plan.doubts?.length && plan.target ? await probeCopy(artefact, plan.target) : null;
  if (doubt) return { ...plan, refusals: doubted(plan, doubt) };
  if (extname(out) === '') {
    await writeFolder(out, async open => {
      for (const [name, part] of [['model.py', plan] as const, [beside.name, beside] as const]) {
        const sink = await open(name);
        await part.write(sink);
        await sink.close();
      }
      return null;
    });
    return plan;
  }
  await writeTogether([
    { path: join(dirname(out), beside.name), write: sink => beside.write(sink) },
    { path: out, write: sink => plan.write(sink) },
  ]);
  return plan;
}

/** What the release would read otherwise, and a run showed to matter. */
function doubted({ doubts = [] }: Conversion, why: string): Conversion['refusals'] {
  return doubts.map(({ layer, className, key, meant, understood }) => {
    const read = `${key} ${JSON.stringify(meant)} would be understood as ${JSON.stringify(understood)}`;
    return { layer, className, key, what: `${read}: ${why}` };
  });
}
