/**
 * Do the safetensors package and NumPy read what `convert` writes for them? Converts a sample of the corpus to both forms
 * and lets Python compare. Needs a Python that has safetensors and numpy, named by PEERS_PYTHON.
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
import { artefactPath, type CorpusCase, corpusCases, corpusFolder } from './corpus.ts';

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
  for (const entry of all.filter((_, at) => at % step === 0)) await write(entry, root, work);
  const script = join(dirname(fileURLToPath(import.meta.url)), 'python', 'check_tensors.py');
  const { status } = spawnSync(peer, [script, work], { stdio: 'inherit' });
  rmSync(work, { recursive: true, force: true });
  if (status !== 0 && flags.floors) process.exitCode = 1;
}

async function write(entry: CorpusCase, root: string, work: string): Promise<void> {
  try {
    const artefact = await openPath(artefactPath(root, entry));
    for (const form of ['safetensors', 'npz'] as const) {
      const sink = await fileSink(join(work, `${entry.id}.${form}`));
      await convert(artefact, form).write(sink);
      await sink.close();
    }
    await artefact.close();
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    console.log(`${entry.id}: ${error.what}`);
  }
}
