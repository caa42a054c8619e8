/** `loadstone explain [TRACEBACK_FILE | -] [--artefact A]`: from a pasted traceback or error line to its root cause. */

import { readFileSync } from 'node:fs';
import { text as readStream } from 'node:stream/consumers';
import type { Command } from 'commander';
import { explain, type Foreseen } from '../src/failures/explain/explain.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { knownEnvironments } from '../src/rehearsal/environments/index.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import { explanationText } from '../src/report/explanation.ts';
import { answerEach, type OutputOptions } from './answer.ts';
import { rawGiven } from './raw.ts';

interface ExplainFlags extends OutputOptions {
  artefact?: string;
}

export function configure(command: Command): void {
  command
    .argument('[traceback]', 'file with the pasted text; - or nothing for standard input', '-')
    .option('--artefact <artefact>', 'the model that the error is about: its content decides between causes')
    .option('--json', 'print one JSON document')
    .action(async (traceback: string, flags: ExplainFlags) => {
      await answerEach([traceback], flags, async path => {
        const foreseen = flags.artefact ? await foresee(flags.artefact) : undefined;
        const explanation = explain(await pastedText(path), { artefact: flags.artefact, foreseen });
        return { json: explanation, text: explanationText(explanation), exit: explanation.causes.length > 0 ? 0 : 1 };
      });
    });
}

/** What each environment would say of the artefact, and why: that decides between causes. */
async function foresee(artefact: string): Promise<readonly Foreseen[]> {
  const raw = await rawGiven(artefact);
  return knownEnvironments.flatMap(environment => {
    const { failure, exception } = rehearse(raw, environment, 'default', { firstOnly: true });
    return failure === null ? [] : [{ failure, message: exception?.message ?? null }];
  });
}

async function pastedText(path: string): Promise<string> {
  if (path === '-') return readStream(process.stdin);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LoadstoneError('not-found', 'there is no readable file of that name', {
      where: path,
      do: 'Give a text file, or paste the error into standard input.',
      cause,
    });
  }
}
