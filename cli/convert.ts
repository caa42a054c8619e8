/** `loadstone convert ARTEFACT OUT`: the same model in another form. OUT's ending, or `--to`, says which. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import type { ByteSink } from '../src/bytes/sink.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { type ConvertForm, convert, formOfPath } from '../src/mend/convert.ts';
import type { Artefact } from '../src/model/types.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { targetOf } from './mend.ts';
import { openGiven } from './open.ts';

interface ConvertFlags extends OutputOptions {
  to?: ConvertForm;
  for?: string;
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, URL, or - for standard input')
    .argument('<out>', 'what to write: .h5 .keras .weights.h5 .safetensors .npz .json .py')
    .addOption(new Option('--to <form>', 'the form, where the name does not say it').choices(['python']))
    .option('--for <spec>', 'the release whose words to use for .h5, .keras and .json')
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, out: string, flags: ConvertFlags) => {
      await answerEach([artefact], flags, given => convertOne(given, out, flags));
    });
}

async function convertOne(given: string, out: string, flags: ConvertFlags): Promise<Answer> {
  const form = flags.to ?? formOfPath(out);
  if (!form) {
    throw new LoadstoneError('usage', `"${out}" does not say what to write`, {
      do: 'Name an output that ends in .h5, .keras, .weights.h5, .safetensors, .npz or .json, or give --to.',
    });
  }
  if (given !== '-' && existsSync(given) && resolve(given) === resolve(out)) {
    throw new LoadstoneError('usage', 'the output is the input itself', { where: out, do: 'Name another file.' });
  }
  const { artefact } = await openGiven(given);
  try {
    return await written(artefact, given, out, form, flags);
  } finally {
    await artefact.close();
  }
}

async function written(
  artefact: Artefact,
  given: string,
  out: string,
  form: ConvertForm,
  flags: ConvertFlags,
): Promise<Answer> {
  const plan = convert(artefact, form, flags.for ? targetOf(flags.for) : null);
  if (plan.refusals.length > 0) {
    const lines = plan.refusals.map(({ layer, className, what }) => `  layer ${layer} (${className}): ${what}`);
    const json = { artefact: given, output: null, refusals: plan.refusals };
    return { json, text: ['No file was written.', ...lines].join('\n'), exit: 1 };
  }
  await writeWhole(out, sink => plan.write(sink));
  const changed = plan.changes.map(({ where, before, after }) => `  ${where}: ${before} → ${after}`);
  const json = { artefact: given, output: out, form, changes: plan.changes };
  return { json, text: [`${out}: ${plan.says}`, ...changed].join('\n'), exit: 0 };
}

/** The file appears whole or not at all. */
export async function writeWhole(path: string, write: (sink: ByteSink) => Promise<void>): Promise<void> {
  const sink = await fileSink(path);
  try {
    await write(sink);
    await sink.close();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
