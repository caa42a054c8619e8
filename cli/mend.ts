/** `loadstone mend ARTEFACT --for SPEC -o OUT`: a copy that loads there and computes the same. */

import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import type { Target } from '../src/eras/write/target.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { type Form, type MendPlan, planMend, writeMended } from '../src/mend/mend.ts';
import { parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { mendText } from '../src/report/mend.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { openGiven } from './open.ts';
import { compareByRunning } from './same-numbers.ts';

interface MendFlags extends OutputOptions {
  for: string;
  output: string;
  dropOptimizer?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, URL, or - for standard input')
    .requiredOption('--for <spec>', 'where it must load: pip pins (keras==3.10.0) or a known id (tf-2.4.4)')
    .requiredOption('-o, --output <file>', '.h5 or .keras')
    .addOption(new Option('--drop-optimizer', 'leave compile arguments and optimizer state out'))
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, flags: MendFlags) => {
      await answerEach([artefact], flags, given => mend(given, flags));
    });
}

async function mend(given: string, flags: MendFlags): Promise<Answer> {
  const form = formOf(flags.output);
  refuseOwnInput(given, flags.output);
  const target = targetOf(flags.for);
  const { artefact } = await openGiven(given);
  try {
    const plan = planMend(artefact, target, form, flags);
    if (plan.refusals.length > 0) return refusedAnswer(given, plan);
    const sink = await fileSink(flags.output);
    try {
      await writeMended(plan, sink);
      const doubt = plan.doubts.length > 0 ? await compareByRunning(artefact, sink.path) : null;
      if (doubt) {
        await sink.abandon();
        return refusedAnswer(given, plan, doubt);
      }
      await sink.close();
    } catch (error) {
      await sink.abandon();
      throw error;
    }
    const { changes } = plan;
    return { json: { artefact: given, changes, output: flags.output }, text: mendText(plan, flags.output), exit: 0 };
  } finally {
    await artefact.close();
  }
}

function refusedAnswer(given: string, plan: MendPlan, doubt: string | null = null): Answer {
  const understood = plan.doubts.map(({ layer, className, key, meant, understood: read }) => ({
    layer,
    className,
    key,
    what: `${key} ${JSON.stringify(meant)} would be understood as ${JSON.stringify(read)}`,
  }));
  const refusals = [...plan.refusals, ...(doubt ? understood : [])];
  const json = { artefact: given, changes: [], output: null, refusals };
  return { json, text: mendText({ ...plan, refusals }, null, doubt), exit: 1 };
}

function formOf(output: string): Form {
  const extension = extname(output).toLowerCase();
  if (extension === '.keras') return 'keras';
  if (['.h5', '.hdf5'].includes(extension) && !output.endsWith('.weights.h5')) return 'h5';
  throw new LoadstoneError('usage', `"${output}" does not say what to write`, {
    do: 'Name an output that ends in .h5 or .keras.',
  });
}

function refuseOwnInput(given: string, output: string): void {
  if (given === '-' || !existsSync(given) || resolve(given) !== resolve(output)) return;
  throw new LoadstoneError('usage', 'the output is the input itself', { where: output, do: 'Name another file.' });
}

/** The environment as writers see it. */
export function targetOf(spec: string): Target {
  const { line, keras, tensorflow, backend, python } = parseEnvironment(spec);
  return { line, keras: keras.replace(/-tf$/, ''), tensorflow, backend, python };
}
