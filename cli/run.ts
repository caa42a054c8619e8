/** `loadstone run ARTEFACT --input IN --output OUT`: predicts with a saved model. */

import { type Command, InvalidArgumentError } from 'commander';
import { unknownKeys } from '../src/report/unknown-keys.ts';
import { loadModel } from '../src/run.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { readInputFile } from './arrays-in.ts';
import { checkOutput, nested, outputTable, writeOutputs } from './arrays-out.ts';
import { collect, loadDefinitions } from './custom.ts';
import { openGiven, traceLine } from './open.ts';

interface RunFlags extends OutputOptions {
  input: string;
  output?: string;
  batchSize?: number;
  custom?: readonly string[];
  traceReads?: boolean;
  signature?: string;
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, URL, or - for standard input')
    .requiredOption('-i, --input <file>', '.npz, .npy or .json, or a picture for a single image input')
    .option('-o, --output <file>', '.npz, .npy or .json; left out, a table is printed')
    .option('--batch-size <n>', 'samples computed at once (default 32)', positive)
    .option('--custom <file>', "TypeScript or JavaScript with the user's own layers; repeatable", collect)
    .option('--signature <name>', 'of a SavedModel: the signature to run in place of the model')
    .option('--trace-reads', 'say what was read of the artefact')
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, flags: RunFlags) => {
      await answerEach([artefact], flags, path => run(path, flags));
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it must be a positive whole number.');
  return value;
}

async function run(path: string, flags: RunFlags): Promise<Answer> {
  if (flags.output) checkOutput(flags.output, [path, flags.input]);
  const customObjects = await loadDefinitions(flags.custom);
  const { artefact, counts } = await openGiven(path, { customObjects });
  const model = await loadModel(artefact, { customObjects, prepack: false, signature: flags.signature });
  for (const { what } of unknownKeys(model.artefact)) note(what);
  try {
    const inputs = await readInputFile(flags.input, model.inputs, note);
    const results = await model.predictAll(inputs, { batchSize: flags.batchSize });
    if (flags.output) await writeOutputs(flags.output, model.outputs, results);
    if (flags.traceReads) note(traceLine(counts()));
    const outputs = results.map((tensor, at) => ({
      name: model.outputs[at]!.name,
      shape: tensor.shape,
      dtype: tensor.dtype,
      ...(flags.output ? {} : { values: nested(tensor) }),
    }));
    const json = { artefact: path, output: flags.output ?? null, outputs };
    return { json, text: flags.output ? '' : outputTable(model.outputs, results), exit: 0 };
  } finally {
    await model.dispose();
  }
}

function note(text: string): void {
  process.stderr.write(`loadstone: ${text}\n`);
}
