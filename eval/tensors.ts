/**
 * Do the safetensors package, the parser of `@huggingface/hub` and NumPy read what `convert` writes for them? Converts a
 * sample of the corpus to both forms, and compares. Needs a Python that has safetensors and numpy, named by PEERS_PYTHON,
 * and for JavaScript `@huggingface/hub`: `npm install --no-save @huggingface/hub`, or PEERS_HUB set to its folder.
 * `PEERS_PYTHON=python3 npx tsx eval/tensors.ts [--limit N] [--floors]`
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPath } from '../src/artefacts/node/open-path.ts';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import { isLoadstoneError } from '../src/findings/errors.ts';
import { convert } from '../src/mend/convert.ts';
import type { Artefact } from '../src/model/types.ts';
import { namedTensors } from '../src/writers/named-tensors.ts';
import { artefactPath, type CorpusCase, corpusCases, corpusFolder } from './corpus.ts';
import { type Hub, hubDifference, hubPackage } from './tensors/hub.ts';

const { values: flags } = parseArgs({
  options: { limit: { type: 'string', default: '40' }, floors: { type: 'boolean', default: false } },
});
const folder = corpusFolder();
const python = process.env.PEERS_PYTHON;
if (folder === null || !python) {
  console.error(folder === null ? 'eval/tensors: no corpus here' : 'eval/tensors: PEERS_PYTHON names no Python');
} else {
  await evaluate(folder, python);
}

async function evaluate(root: string, peer: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'loadstone-tensors-'));
  const all = corpusCases(root).filter(entry => {
    return ['h5', 'keras', 'savedmodel', 'checkpoint'].includes(entry.format) && !entry.family.startsWith('fault');
  });
  const step = Math.max(1, Math.floor(all.length / Number(flags.limit)));
  const hub = hubPackage(process.env.PEERS_HUB);
  if (!hub) console.error('eval/tensors: @huggingface/hub is not installed');
  const parsed = { files: 0, bad: 0 };
  for (const entry of all.filter((_, at) => at % step === 0)) {
    const difference = await write(entry, root, work, hub);
    if (difference === undefined) continue;
    parsed.files += 1;
    if (difference === null) continue;
    parsed.bad += 1;
    console.log(`${entry.id}: ${difference}`);
  }
  if (hub) console.log(`${parsed.files} files read by @huggingface/hub, ${parsed.bad} bad`);
  const script = join(dirname(fileURLToPath(import.meta.url)), 'python', 'check_tensors.py');
  const { status } = spawnSync(peer, [script, work], { stdio: 'inherit' });
  rmSync(work, { recursive: true, force: true });
  if ((status !== 0 || parsed.bad > 0) && flags.floors) process.exitCode = 1;
}

/** What the parser in JavaScript finds otherwise; undefined where nothing was written or there is no parser. */
async function write(
  entry: CorpusCase,
  root: string,
  work: string,
  hub: Hub | null,
): Promise<string | null | undefined> {
  let artefact: Artefact | null = null;
  try {
    artefact = await openPath(artefactPath(root, entry));
    const path = join(work, `${entry.id}.safetensors`);
    for (const form of ['safetensors', 'npz'] as const) {
      const sink = await fileSink(join(work, `${entry.id}.${form}`));
      await convert(artefact, form).write(sink);
      await sink.close();
    }
    return hub ? await hubDifference(hub, path, namedTensors(artefact)) : undefined;
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    console.log(`${entry.id}: ${error.what}`);
    return undefined;
  } finally {
    await artefact?.close();
  }
}
