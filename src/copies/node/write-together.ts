/** Files that belong together: all appear, or none. */

import { type FileSink, fileSink } from '../../bytes/node/file-sink.ts';
import type { ByteSink } from '../../bytes/sink.ts';

export interface PartToWrite {
  readonly path: string;
  write(sink: ByteSink): Promise<void>;
}

/** Fills each file beside its place, then gives them their names. Throws what writing throws, and leaves nothing. */
export async function writeTogether(parts: readonly PartToWrite[]): Promise<void> {
  const sinks: FileSink[] = [];
  try {
    for (const { path, write } of parts) {
      const sink = await fileSink(path);
      sinks.push(sink);
      await write(sink);
    }
    for (const sink of sinks) await sink.close();
  } catch (error) {
    for (const sink of sinks) await sink.abandon();
    throw error;
  }
}
