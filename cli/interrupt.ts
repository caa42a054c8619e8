/** What an interrupted command does before it ends: takes away what it has half written, and says so in a line. */

import { rmSync } from 'node:fs';
import { unfinishedFiles } from '../src/bytes/node/file-sink.ts';

/** Exit codes as shells give them: 128 and the signal's number. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

let watching = false;

/** Call before a command writes anything; more calls in one process add nothing. */
export function cleanUpWhenInterrupted(): void {
  if (watching) return;
  watching = true;
  for (const [signal, code] of Object.entries(codes)) {
    process.once(signal as keyof typeof codes, () => {
      for (const path of unfinishedFiles()) rmSync(path, { recursive: true, force: true });
      process.stderr.write('loadstone: interrupted. Nothing was left half written.\n');
      process.exit(code);
    });
  }
}
