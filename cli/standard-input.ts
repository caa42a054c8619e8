/** What was piped in, read once however many parts of a command ask for it. */

import { buffer } from 'node:stream/consumers';

let piped: Promise<Uint8Array> | null = null;

/** All bytes of standard input. */
export function standardInput(): Promise<Uint8Array> {
  piped ??= buffer(process.stdin).then(bytes => new Uint8Array(bytes));
  return piped;
}
