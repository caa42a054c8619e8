/** Opens what a command was given: a path, a folder, a URL, or standard input; and counts what is read of it. */

import { openPath } from '../src/artefacts/node/open-path.ts';
import { type OpenOptions, openArtefact } from '../src/artefacts/open.ts';
import { countedSource } from '../src/bytes/count.ts';
import { memorySource } from '../src/bytes/memory.ts';
import type { ByteSource, ReadCounts } from '../src/bytes/source.ts';
import type { Artefact } from '../src/model/types.ts';
import { standardInput } from './standard-input.ts';

export interface Opened {
  readonly artefact: Artefact;
  /** Requests and bytes so far. */
  counts(): ReadCounts;
}

export async function openGiven(given: string, options: OpenOptions = {}): Promise<Opened> {
  const counted: { readonly counts: ReadCounts }[] = [];
  const wrap = (source: ByteSource): ByteSource => {
    const one = countedSource(source);
    counted.push(one);
    return one;
  };
  const artefact =
    given === '-'
      ? await openArtefact(wrap(memorySource(await standardInput(), 'standard input')), options)
      : await openPath(given, { ...options, wrap });
  return { artefact, counts: () => counted.map(one => one.counts).reduce(sum, { requests: 0, bytes: 0 }) };
}

function sum(a: ReadCounts, b: ReadCounts): ReadCounts {
  return { requests: a.requests + b.requests, bytes: a.bytes + b.bytes };
}

/** What `--trace-reads` prints. */
export function traceLine({ requests, bytes }: ReadCounts): string {
  return `${requests} reads, ${bytes.toLocaleString('en')} bytes`;
}
