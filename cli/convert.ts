/** `loadstone convert ARTEFACT OUT`: the same model in another form. OUT's ending, or `--to`, says which. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Converted, type ConvertRequest, convertArtefact, refuseOutput } from '../src/copies/node/convert.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { type Answer, answerEach, errorLine, type OutputOptions } from './answer.ts';
import { collect, loadDefinitions } from './custom.ts';
import { declarationOf } from './mend.ts';
import { openGiven } from './open.ts';

interface ConvertFlags
  extends OutputOptions,
    Pick<ConvertRequest, 'to' | 'quantize' | 'opset' | 'batchSize' | 'externalData'> {
  for?: string;
  inputShape?: readonly string[];
  custom?: readonly string[];
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

async function convertOne(given: string, out: string, flags: ConvertFlags): Promise<Answer> {
  const { custom, inputShape, ...request } = flags;
  refuseOutput(given, out, request);
  const customObjects = await loadDefinitions(custom);
  const inputs = inputShape ? (declarationOf({ inputShape }) ?? undefined) : undefined;
  const { artefact } = await openGiven(given, { customObjects });
  try {
    return answerOf(given, await convertArtefact(artefact, out, { ...request, inputs, customObjects }));
  } catch (error) {
    // The artefact is whole: it only cannot become that.
    if (!isLoadstoneError(error, 'unsupported')) throw error;
    const layer = error.where ?? artefact.name;
    return notWritten(given, [{ layer, className: '', key: null, what: errorLine(error) }]);
  } finally {
    await artefact.close();
  }
}

function answerOf(given: string, { output, form, changes, refusals, says }: Converted): Answer {
  if (output === null) return notWritten(given, refusals);
  const changed = changes.map(({ where, before, after }) => `  ${where}: ${before} → ${after}`);
  const json = { artefact: given, output, form, changes };
  return { json, text: [`${output}: ${says}`, ...changed].join('\n'), exit: 0 };
}

function notWritten(given: string, refusals: Converted['refusals']): Answer {
  const lines = refusals.map(({ layer, className, what }) => {
    return className === '' ? `  ${what}` : `  layer ${layer} (${className}): ${what}`;
  });
  const json = { artefact: given, output: null, refusals };
  return { json, text: ['No file was written.', ...lines].join('\n'), exit: 1 };
}
