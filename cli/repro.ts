/** `loadstone repro ARTEFACT --env SPEC`: a minimal Python script with exact pins that shows what happens there. */

import type { Command } from 'commander';
import { parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import { reproScript } from '../src/report/repro.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { rawThere } from './raw.ts';

interface ReproFlags extends OutputOptions {
  env: string;
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, or checkpoint prefix')
    .requiredOption('--env <spec>', 'pip pins (keras==3.6.0,tensorflow==2.18.0) or a known id (tf-2.4.4)')
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, flags: ReproFlags) => {
      await answerEach([artefact], flags, given => repro(given, flags));
    });
}

async function repro(given: string, { env }: ReproFlags): Promise<Answer> {
  const rehearsal = rehearse(await rawThere(given), parseEnvironment(env), 'default');
  const script = reproScript(given, rehearsal);
  const { outcome, exception, failure } = rehearsal;
  return { json: { artefact: given, env, outcome, exception, failure, script }, text: script, exit: 0 };
}
