/** Layers that TensorFlow.js lacks are said with layers that it has, and give the recorded numbers when read back. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../../src/artefacts/node/open-path.ts';
import { openArtefact } from '../../../src/artefacts/open.ts';
import { memoryFolder } from '../../../src/bytes/folder.ts';
import { memorySource } from '../../../src/bytes/memory.ts';
import { type MemorySink, memorySink } from '../../../src/bytes/sink.ts';
import { readNpz } from '../../../src/containers/npy/index.ts';
import { convertTfjs } from '../../../src/mend/convert-tfjs.ts';
import { compareTensors, float32Tolerance } from '../../../src/numbers/compare.ts';
import { loadModel } from '../../../src/run.ts';

const models = join(import.meta.dirname, '..', '..', 'fixtures', 'models');

/** Case, and what it lacks there. */
const said = [
  ['gru_reset_after--keras-3.3.3+tf-2.16--keras', 'a GRU whose gate comes after'],
  ['attention--keras-3.0.5+tf-2.16--keras', 'attention'],
  ['conv1d_groups--keras-3.3.3+tf-2.16--keras', 'groups'],
  ['einsum_dense_2--keras-3.3.3+tf-2.16--keras', 'products over several axes'],
  ['k1_zeropad1d--keras-1.2.2+theano--h5', 'borders of one axis'],
  ['mask_flow--keras-3.3.3+tf-2.16--keras', 'masks for what it lacks, its own masks kept apart'],
  ['masking--keras-3.3.3+tf-2.16--keras', 'a masked GRU in a chain'],
  ['mask_attn--keras-3.10.0+tf-2.19--keras', 'a mask of attention'],
  ['bidir_rnn_cells--keras-2.2.4+tf-1.15--h5', 'two directions of cells'],
  ['ln_rms--keras-3.3.3+tf-2.16--keras', 'a root that something is divided by'],
  ['k1_srelu--keras-1.2.2+tf-1.13--h5', 'comparisons and choices'],
  ['arch_nested_model--tf-2.11.0--h5', 'nothing'],
] as const;

async function arrays(folder: string, name: string) {
  const path = join(models, folder, name);
  return [...(await readNpz(memorySource(await readFile(path), name))).values()];
}

describe('layers that TensorFlow.js lacks', () => {
  for (const [folder, what] of said) {
    it(`says ${what}: ${folder}`, async () => {
      const file = folder.endsWith('--h5') ? 'model.h5' : 'model.keras';
      const artefact = await openPath(join(models, folder, file));
      const plan = convertTfjs(artefact, { version: '0' });
      expect(plan.refusals).toEqual([]);
      expect(plan.changes.some(({ why }) => why.startsWith('TensorFlow.js has no'))).toBe(what !== 'nothing');
      const sinks = new Map<string, MemorySink>();
      await plan.write(async name => {
        const sink = memorySink();
        sinks.set(name, sink);
        return sink;
      });
      await artefact.close();
      const files = Object.fromEntries([...sinks].map(([name, sink]) => [name, sink.bytes()]));
      const copy = await loadModel(await openArtefact(memoryFolder(files)), { prepack: false });
      const found = await copy.predictAll(await arrays(folder, 'in.npz'));
      await copy.dispose();
      const expected = await arrays(folder, 'out.npz');
      expect(found.length).toBe(expected.length);
      for (const [at, tensor] of found.entries()) {
        expect(compareTensors(tensor, expected[at]!, float32Tolerance)).toMatchObject({ same: true });
      }
    });
  }
});
