/** One file that is looked at before it appears. */

import { fileSink } from '../../bytes/node/file-sink.ts';
import type { ByteSink } from '../../bytes/sink.ts';

/** The file appears whole or not at all, and not where `check` finds something against it, which is given back. */
export async function writeWhole(
  path: string,
  write: (sink: ByteSink) => Promise<void>,
  check: (written: string) => Promise<string | null> = async () => null,
): Promise<string | null> {
  const sink = await fileSink(path);
  try {
    await write(sink);
    const against = await check(sink.path);
    if (against === null) await sink.close();
    else await sink.abandon();
    return against;
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
