/** What is written for releases before Keras 3: it loads there by the rehearsal and computes the same when both are run. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { writeMendedFile } from '../../src/copies/node/mended-file.ts';
import { type MendPlan, planMend } from '../../src/mend/mend.ts';
import { targetOf } from '../../src/mend/target.ts';
import type { Model } from '../../src/model/types.ts';
import { parseEnvironment } from '../../src/rehearsal/environments/index.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const work = mkdtempSync(join(tmpdir(), 'loadstone-old-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The plan, and whether the copy appeared: its load is foreseen, and both compute the same where that was in doubt. */
async function mended(id: string, file: string, env: string): Promise<{ plan: MendPlan; appeared: boolean }> {
  const artefact = await openPath(join(models, id, file));
  try {
    const plan = planMend(artefact, targetOf(env), 'h5');
    if (plan.refusals.length > 0) return { plan, appeared: false };
    const output = join(work, `${id}-${env}.h5`);
    const { appeared } = await writeMendedFile(artefact, plan, output, parseEnvironment(env));
    expect(existsSync(output)).toBe(appeared);
    return { plan, appeared };
  } finally {
    await artefact.close();
  }
}

function classesIn(model: Model): string[] {
  return model.layers.flatMap(layer => [layer.className, ...(layer.model ? classesIn(layer.model) : [])]);
}

describe('mending for Keras 1, Keras 2 and early tf.keras', () => {
  it('says a layer that is not there by a function, its variables in Dense layers', async () => {
    const { plan, appeared } = await mended('additive_attention--tf-2.15.1--h5', 'model.h5', 'keras-2.2.4+tf-1.15');
    expect(appeared).toBe(true);
    expect(classesIn(plan.model)).toEqual(expect.arrayContaining(['Functional', 'Dense', 'Lambda']));
    expect(classesIn(plan.model)).not.toContain('AdditiveAttention');
  });

  it('says operations of later tf.keras by functions of that Python', async () => {
    const { plan, appeared } = await mended('arch_backend_ops--tf-2.11.0--h5', 'model.h5', 'tf-1.15.0');
    expect(appeared).toBe(true);
    expect(classesIn(plan.model)).not.toContain('TFOpLambda');
  });

  it('makes one type of float out of a mixed policy', async () => {
    const { plan, appeared } = await mended('arch_mixed_fp16--tf-2.1.4--h5', 'model.h5', 'keras-2.2.4+tf-1.15');
    expect(appeared).toBe(true);
    expect(plan.changes).toContainEqual(
      expect.objectContaining({ failure: 'mixed-precision-policy', after: 'float32' }),
    );
  });

  it('writes grouped kernels with zeros between the groups', async () => {
    const { plan, appeared } = await mended(
      'conv1d_groups--keras-3.3.3+tf-2.16--keras',
      'model.keras',
      'keras-2.2.4+tf-1.15',
    );
    expect(appeared).toBe(true);
    const conv = plan.model.layers.find(({ className }) => className === 'Conv1D');
    const kernel = await conv?.weights[0]?.tensor?.read();
    expect(conv?.config.groups).toBe(1);
    expect(Array.from(kernel?.data as Float32Array).filter(value => value === 0).length).toBe(
      (kernel?.data.length ?? 0) / 2,
    );
  });

  it('lists outputs of a dictionary, and layers in the order that follows from it', async () => {
    const { plan, appeared } = await mended('fn_dict_io--keras-3.0.5+tf-2.16--h5', 'model.h5', 'tf-1.15.0');
    expect(appeared).toBe(true);
    expect(plan.model.outputs).toMatchObject([{ layer: 'score' }, { layer: 'aux' }]);
    expect(plan.model.layers.slice(-2).map(({ name }) => name)).toEqual(['score', 'aux']);
  });

  it('writes Keras 1 for what it has', async () => {
    const { appeared } = await mended('arch_multi_io--tf-2.11.0--h5', 'model.h5', 'keras-1.2.2+tf-1.13');
    expect(appeared).toBe(true);
  });

  it('says functions in words of keras.backend where Keras 1 runs on Theano', async () => {
    const { plan, appeared } = await mended('mha--tf-2.8.4--h5', 'model.h5', 'keras-1.2.2+theano');
    expect(appeared).toBe(true);
    expect(classesIn(plan.model)).toEqual(expect.arrayContaining(['Dense', 'Lambda']));
    expect(classesIn(plan.model)).not.toContain('MultiHeadAttention');
  });

  it('makes one kernel of a separable one for Theano', async () => {
    const { plan, appeared } = await mended('sepconv2d--keras-2.0.8+tf-1.15--h5', 'model.h5', 'keras-1.2.2+theano');
    expect(appeared).toBe(true);
    expect(classesIn(plan.model)).toContain('Conv2D');
    expect(classesIn(plan.model)).not.toContain('SeparableConv2D');
  });
});
