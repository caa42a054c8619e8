/** `loadstone repro ARTEFACT --env SPEC`: a minimal Python script with exact pins that shows what happens there. */

import { type Command, Option } from 'commander';
import { parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import type { Mode } from '../src/rehearsal/types.ts';
import { reproScript } from '../src/report/repro.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { architectureGiven } from './doctor-weights.ts';
import { rawThere } from './raw.ts';

interface ReproFlags extends OutputOptions {
  env: string;
  architecture?: string;
  mode: Mode;
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, or checkpoint prefix')
    .requiredOption('--env <spec>', 'pip pins (keras==3.6.0,tensorflow==2.18.0) or a known id (tf-2.4.4)')
    .option('--architecture <artefact>', 'load_weights of the first into this one (.json, .h5, .keras)')
    .addOption(
      new Option('--mode <mode>', 'how it is loaded').choices(['default', 'nocompile', 'unsafe']).default('default'),
    )
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, flags: ReproFlags) => {
      await answerEach([artefact], flags, given => repro(given, flags));
    });
}

async function repro(given: string, { env, architecture, mode }: ReproFlags): Promise<Answer> {
  const raw = await rawThere(given);
  const environment = parseEnvironment(env);
  const rehearsal = architecture
    ? rehearse(raw, environment, 'weights', { architecture: await architectureGiven(architecture), inferred: null })
    : rehearse(raw, environment, mode);
  const script = reproScript(given, rehearsal, architecture ?? null);
  const { outcome, exception, failure } = rehearsal;
  return { json: { artefact: given, env, outcome, exception, failure, script }, text: script, exit: 0 };
}
