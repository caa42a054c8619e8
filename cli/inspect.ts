/** `loadstone inspect ARTEFACT…`: what the thing is, read lazily. */

import type { Command } from 'commander';
import colors from 'picocolors';
import { customObjects } from '../src/layers/custom.ts';
import { describeArtefact } from '../src/report/description.ts';
import { lambdasText } from '../src/report/lambdas.ts';
import { type Style, summaryText } from '../src/report/summary.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { collect, loadDefinitions } from './custom.ts';
import { openGiven, traceLine } from './open.ts';
import { writeStubs } from './stubs.ts';

interface InspectFlags extends OutputOptions {
  custom?: readonly string[];
  stubs?: string;
  traceReads?: boolean;
  lambda?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('<artefact...>', 'file, folder, checkpoint prefix, URL, or - for standard input')
    .option('--custom <file>', "TypeScript or JavaScript with the user's own layers; repeatable", collect)
    .option('--stubs <file>', 'write stubs to fill in of every custom object that it needs: Python (.py) or TypeScript')
    .option('--lambda', 'show what Lambda layers do: source, names, risks, bytecode')
    .option('--trace-reads', 'say what was read of the artefact')
    .option('--json', 'print one JSON document for each artefact')
    .action(async (artefacts: string[], flags: InspectFlags) => {
      await answerEach(artefacts, flags, artefact => inspect(artefact, flags));
    });
}

async function inspect(given: string, flags: InspectFlags): Promise<Answer> {
  const definitions = await loadDefinitions(flags.custom);
  const { artefact, counts } = await openGiven(given, { customObjects: definitions });
  try {
    const description = describeArtefact(artefact, given, customObjects(definitions));
    if (flags.stubs) await writeStubs(artefact, flags.stubs);
    if (flags.traceReads) process.stderr.write(`${given}: ${traceLine(counts())}\n`);
    const text = flags.lambda ? lambdasText(description.lambdas) : summaryText(description, terminalStyle());
    return { json: description, text, exit: description.integrity.ok ? 0 : 1 };
  } finally {
    await artefact.close();
  }
}

/** Colours where they are seen: on a terminal, unless NO_COLOR asks for none. */
function terminalStyle(): Style {
  const { bold, red, dim } = colors.createColors(process.stdout.isTTY === true && colors.isColorSupported);
  const lines = (paint: (text: string) => string) => (text: string) => (text === '' ? text : paint(text));
  return { heading: lines(bold), bad: lines(red), quiet: lines(dim) };
}
