/** `loadstone convert ARTEFACT OUT`: the same model in another form. OUT's ending, or `--to`, says which. */

import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import type { ByteSink } from '../src/bytes/sink.ts';
import type { Target } from '../src/eras/write/target.ts';
import { isLoadstoneError, LoadstoneError } from '../src/findings/errors.ts';
import { type Conversion, type ConvertForm, convert, formOfPath } from '../src/mend/convert.ts';
import { convertTfjs } from '../src/mend/convert-tfjs.ts';
import { declareInputs } from '../src/mend/input-shape.ts';
import type { Artefact } from '../src/model/types.ts';
import type { Quantization } from '../src/writers/tfjs/files.ts';
import { type Answer, answerEach, errorLine, type OutputOptions } from './answer.ts';
import { collect, loadDefinitions } from './custom.ts';
import { declarationOf, targetOf } from './mend.ts';
import { openGiven } from './open.ts';
import { probeCopy } from './probe.ts';
import { compareByRunning } from './same-numbers.ts';
import { version } from './version.ts';
import { writeFolder } from './write-folder.ts';
import { type OnnxFlags, writeOnnx } from './write-onnx.ts';
import { writeTogether } from './write-together.ts';

type OutputForm = ConvertForm | 'onnx' | 'tfjs-layers';

interface ConvertFlags extends OutputOptions, OnnxFlags {
  to?: OutputForm;
  for?: string;
  quantize?: Quantization;
  inputShape?: readonly string[];
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, URL, or - for standard input')
    .argument('<out>', 'what to write: .h5 .keras .weights.h5 .safetensors .npz .json .py .onnx')
    .addOption(
      new Option('--to <form>', 'the form, where the name does not say it').choices(['python', 'onnx', 'tfjs-layers']),
    )
    .option('--for <spec>', 'the release whose words to use for .h5, .keras and .json')
    .option('--opset <n>', 'operator set of the ONNX model (default 21)', wholeNumber)
    .option('--batch-size <n>', 'samples that the ONNX model takes, or "dynamic" (default)', batchSize)
    .option('--input-shape <shape>', 'declare an input: [NAME=]28,28,1 without the batch axis; repeatable', collect)
    .option('--external-data', 'put the weights of the ONNX model into a file beside it')
    .addOption(
      new Option('--quantize <dtype>', 'store the weights of a TensorFlow.js model in fewer bits').choices([
        'float16',
        'uint8',
      ]),
    )
    .option('--custom <file>', "TypeScript or JavaScript with the user's own layers; repeatable", collect)
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, out: string, flags: ConvertFlags) => {
      await answerEach([artefact], flags, given => convertOne(given, out, flags));
    });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it must be a positive whole number.');
  return value;
}

function batchSize(text: string): number | 'dynamic' {
  return text === 'dynamic' ? text : wholeNumber(text);
}

/** The form that flags or the name of the output say. */
function formOf(out: string, { to }: ConvertFlags): OutputForm | null {
  return to ?? (out.toLowerCase().endsWith('.onnx') ? 'onnx' : formOfPath(out));
}

async function convertOne(given: string, out: string, flags: ConvertFlags): Promise<Answer> {
  const form = formOf(out, flags);
  if (!form) {
    throw new LoadstoneError('usage', `"${out}" does not say what to write`, {
      do: 'Name an output that ends in .h5, .keras, .weights.h5, .safetensors, .npz, .json or .onnx, or give --to.',
    });
  }
  if (given !== '-' && existsSync(given) && resolve(given) === resolve(out)) {
    throw new LoadstoneError('usage', 'the output is the input itself', { where: out, do: 'Name another file.' });
  }
  const customObjects = await loadDefinitions(flags.custom);
  const { artefact } = await openGiven(given, { customObjects });
  try {
    const declaration = flags.inputShape ? declarationOf({ inputShape: flags.inputShape }) : null;
    const declared = declaration && artefact.model && declareInputs(artefact.model, declaration);
    if (declared && 'refused' in declared) {
      const { layer, what } = declared.refused;
      return notWritten(given, [{ layer, className: layer, key: null, what }]);
    }
    const source = declared ? { ...artefact, model: declared.model } : artefact;
    return await written(source, given, out, form, flags);
  } catch (error) {
    // The artefact is whole: it only cannot become that.
    if (!isLoadstoneError(error, 'unsupported')) throw error;
    return notWritten(given, [
      { layer: error.where ?? artefact.name, className: '', key: null, what: errorLine(error) },
    ]);
  } finally {
    await artefact.close();
  }
}

async function written(
  artefact: Artefact,
  given: string,
  out: string,
  form: OutputForm,
  flags: ConvertFlags,
): Promise<Answer> {
  const done = await writtenAs(form, artefact, out, flags);
  if (done.refusals.length > 0) return notWritten(given, done.refusals);
  const changed = done.changes.map(({ where, before, after }) => `  ${where}: ${before} → ${after}`);
  const json = { artefact: given, output: out, form, changes: done.changes };
  return { json, text: [`${out}: ${done.says}`, ...changed].join('\n'), exit: 0 };
}

function notWritten(given: string, refusals: Conversion['refusals']): Answer {
  const lines = refusals.map(({ layer, className, what }) => {
    return className === '' ? `  ${what}` : `  layer ${layer} (${className}): ${what}`;
  });
  const json = { artefact: given, output: null, refusals };
  return { json, text: ['No file was written.', ...lines].join('\n'), exit: 1 };
}

type Done = Pick<Conversion, 'changes' | 'refusals' | 'says'>;

/** Writes the output, unless something is refused. */
async function writtenAs(form: OutputForm, artefact: Artefact, out: string, flags: ConvertFlags): Promise<Done> {
  if (form === 'onnx') return { changes: [], ...(await writeOnnx(artefact, out, flags)) };
  if (form === 'tfjs-layers') {
    const plan = convertTfjs(artefact, {
      quantize: flags.quantize,
      version: version(),
      customObjects: await loadDefinitions(flags.custom),
    });
    if (plan.refusals.length > 0) return plan;
    // What was said by other means counts as the same when a run shows the same numbers.
    const doubt = await writeFolder(out, async (open, beside) => {
      await plan.write(open);
      return plan.inDoubt ? await compareByRunning(artefact, join(beside, 'model.json')) : null;
    });
    return doubt ? { ...plan, refusals: [{ layer: '', className: '', key: null, what: doubt }] } : plan;
  }
  const target = flags.for ? targetOf(flags.for) : null;
  if (form === 'python') return await writePython(artefact, out, target);
  const plan = convert(artefact, form, target);
  if (plan.refusals.length > 0) return plan;
  const doubt = await writeWhole(
    out,
    sink => plan.write(sink),
    async path => (plan.doubts?.length ? await compareByRunning(artefact, path) : null),
  );
  return doubt ? { ...plan, refusals: doubted(plan, doubt) } : plan;
}

/** Code and its weights: beside each other, in a folder where the name of the output has no ending. */
async function writePython(artefact: Artefact, out: string, target: Target | null): Promise<Done> {
  const stem = basename(out, extname(out));
  const plan = convert(artefact, 'python', target, extname(out) === '' ? undefined : `${stem}.weights.h5`);
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

/** The file appears whole or not at all, and not where `check` finds something against it, which is given back. */
export async function writeWhole(
  path: string,
  write: (sink: ByteSink) => Promise<void>,
  check: (written: string) => Promise<string | null> = async () => null,
): Promise<string | null> {
  const sink = await fileSink(path);
  try {
    await write(sink);
    const against = await check(sink.path);
    if (against === null) await sink.close();
    else await sink.abandon();
    return against;
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
