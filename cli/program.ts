/** The commands of `loadstone`: one file a command, each loaded only when it is called. */

import { Command, CommanderError } from 'commander';
import { version } from '../src/copies/node/version.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { asLoadstoneError, report } from './answer.ts';
import { cleanUpWhenInterrupted } from './interrupt.ts';

/** Commands by name: what they are for, and the module whose `configure` declares arguments and action. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<CommandModule> }>> = {
  inspect: {
    summary: 'what an artefact is: model, weights, who wrote it, what it needs',
    load: () => import('./inspect.ts'),
  },
  run: { summary: 'predict with a saved model', load: () => import('./run.ts') },
  mend: { summary: 'a copy that loads there and computes the same', load: () => import('./mend.ts') },
  convert: { summary: 'the same model in another form', load: () => import('./convert.ts') },
  doctor: { summary: 'would load_model work there, and if not, why', load: () => import('./doctor.ts') },
  'check-input': {
    summary: 'would predict take this input, and if not, what mends it',
    load: () => import('./check-input.ts'),
  },
  transfer: { summary: 'the weights that fit another architecture', load: () => import('./transfer.ts') },
  repro: { summary: 'a minimal script with exact pins that shows what happens', load: () => import('./repro.ts') },
  env: { summary: 'the environment it was made in, and the newest it loads in', load: () => import('./env.ts') },
  explain: { summary: 'from a pasted traceback to its cause', load: () => import('./explain.ts') },
};

interface CommandModule {
  configure(command: Command): void;
}

/** Does what the words after `loadstone` ask for; sets the process's exit code. */
export async function main(words: readonly string[]): Promise<void> {
  cleanUpWhenInterrupted();
  await parse(words).catch(thrown => finish(words, thrown));
}

async function parse(words: readonly string[]): Promise<void> {
  const program = new Command('loadstone')
    .description('Opens, explains, mends, converts and runs any saved Keras model.')
    .version(version())
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const called = words.find(word => word in commands);
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program.command(name).description(summary).exitOverride();
    if (name === called) (await load()).configure(command);
  }
  await program.parseAsync(words, { from: 'user' });
}

/** A wrong call is exit 2 (its line is already printed, JSON is not); `--help` and `--version` are exit 0. */
function finish(words: readonly string[], thrown: unknown): void {
  const json = words.includes('--json');
  const artefact = words.slice(1).find(word => !word.startsWith('-')) ?? '';
  if (!(thrown instanceof CommanderError)) {
    process.exitCode = report(artefact || 'loadstone', asLoadstoneError(thrown), { json });
  } else if (thrown.exitCode === 0) process.exitCode = 0;
  else {
    process.exitCode = 2;
    const what = thrown.message.replace(/^error: /, '');
    if (json) report(artefact, new LoadstoneError('usage', what, { do: 'See --help.' }), { json });
  }
}

process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
});
