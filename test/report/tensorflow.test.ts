import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { describeArtefact } from '../../src/report/description.ts';
import { summaryText } from '../../src/report/summary.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');

async function described(...path: string[]) {
  const artefact = await openPath(join(fixtures, ...path));
  await artefact.close();
  return describeArtefact(artefact, path.at(-1)!);
}

describe('what inspect tells of artefacts of TensorFlow', () => {
  it('lists the variables of a checkpoint by layer, and tells the optimizer’s apart', async () => {
    const description = await described('models', 'nested--tf-2.15.1--checkpoint', 'ckpt');
    const own = description.variables!.filter(({ role }) => role === 'model');
    expect(own.length).toBe(description.tensors!.length);
    expect(own.every(({ layer }) => layer !== null)).toBe(true);
    const slots = description.variables!.flatMap(({ slot }) => (slot ? [slot] : []));
    expect(slots.length).toBeGreaterThan(0);
    expect(slots.every(({ of }) => own.some(({ name }) => name === of))).toBe(true);
    const text = summaryText(description);
    expect(text).toMatch(/^Layer +Variable +Shape +dtype$/m);
    expect(text).toContain('State of the optimizer: ');
  });

  it('lists the signatures of a SavedModel with what they take and give', async () => {
    const description = await described('saved-models', 'dense-export-keras3.10');
    const names = description.signatures!.map(({ name }) => name);
    expect(names.sort()).toEqual(['serve', 'serving_default']);
    expect(summaryText(description)).toMatch(
      /serving_default\(.*\(None, \d+\) float32\) → output_0: \(None, \d+\) float32/,
    );
  });
});
