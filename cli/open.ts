/** Opens what a command was given: a path, a folder, a URL, or standard input; and counts what is read of it. */

import { buffer } from 'node:stream/consumers';
import { openArtefact } from '../src/artefacts/open.ts';
import { countedSource } from '../src/bytes/count.ts';
import { httpSource } from '../src/bytes/http.ts';
import { memorySource } from '../src/bytes/memory.ts';
import { fileSource } from '../src/bytes/node/file.ts';
import type { ByteSource, ReadCounts } from '../src/bytes/source.ts';
import type { GivenObjects } from '../src/layers/custom.ts';
import type { Artefact } from '../src/model/types.ts';

export interface Opened {
  readonly artefact: Artefact;
  /** Requests and bytes so far. */
  counts(): ReadCounts;
}

export async function openGiven(given: string, options: { customObjects?: GivenObjects } = {}): Promise<Opened> {
  const source = countedSource(await sourceOf(given));
  return { artefact: await openArtefact(source, options), counts: () => source.counts };
}

async function sourceOf(given: string): Promise<ByteSource> {
  if (given === '-') return memorySource(new Uint8Array(await buffer(process.stdin)), 'standard input');
  return /^https?:\/\//.test(given) ? httpSource(given) : fileSource(given);
}

/** What `--trace-reads` prints. */
export function traceLine({ requests, bytes }: ReadCounts): string {
  return `${requests} reads, ${bytes.toLocaleString('en')} bytes`;
}
