/** Calls a command in this process and gives what it printed and its exit code. */

import { Command } from 'commander';

export interface Called {
  readonly out: string;
  readonly err: string;
  readonly exit: number;
}

export async function callCommand(configure: (command: Command) => void, words: readonly string[]): Promise<Called> {
  const written = { out: '', err: '' };
  const [out, err] = [process.stdout.write, process.stderr.write];
  const keep = (stream: 'out' | 'err') => (chunk: unknown) => {
    written[stream] += String(chunk);
    return true;
  };
  process.stdout.write = keep('out');
  process.stderr.write = keep('err');
  process.exitCode = 0;
  try {
    const command = new Command('command').exitOverride();
    configure(command);
    await command.parseAsync([...words], { from: 'user' });
    return { ...written, exit: Number(process.exitCode) };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
    process.exitCode = 0;
  }
}
