/** What is planned for Keras 3: models never told their input, layers it lacks, operations without names. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../src/artefacts/node/open-path.ts';
import { type MendPlan, planMend } from '../../src/mend/mend.ts';
import { pythonStubs } from '../../src/mend/stubs.ts';
import { targetOf } from '../../src/mend/target.ts';
import type { UsersCode } from '../../src/mend/users-code.ts';
import type { JsonObject, Model } from '../../src/model/types.ts';

const models = join(import.meta.dirname, '..', 'fixtures', 'models');

async function planned(id: string, file: string, env: string): Promise<MendPlan> {
  const artefact = await openPath(join(models, id, file));
  const plan = planMend(artefact, targetOf(env), 'keras');
  await artefact.close();
  return plan;
}

/** Every operation of `keras.ops` in a config. */
function operationsIn(value: unknown): JsonObject[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = String((value as JsonObject).module).startsWith('keras.src.ops') ? [value as JsonObject] : [];
  return [...own, ...Object.values(value).flatMap(operationsIn)];
}

describe('mending for Keras 3', () => {
  it('declares the input that the stored weights fit', async () => {
    const plan = await planned('densefeatures_none--keras-2.2.4+tf-1.15--h5', 'model.h5', 'keras-3.15.1+tf-2.21');
    expect(plan.changes).toContainEqual(expect.objectContaining({ failure: 'unbuilt-model', after: '(None, 4)' }));
  });

  it('names operations only where their constructors take a name', async () => {
    const names = async (env: string) => {
      const plan = await planned('arch_backend_ops--tf-2.11.0--h5', 'model.h5', env);
      const sums = operationsIn(plan.config).filter(({ class_name }) => class_name === 'Sum');
      return sums.map(({ config }) => 'name' in (config as JsonObject));
    };
    expect(new Set(await names('keras-3.3.3+tf-2.16'))).toEqual(new Set([false]));
    expect(new Set(await names('keras-3.15.1+tf-2.21'))).toEqual(new Set([true]));
  });

  it('takes layers that only train for the identity', async () => {
    const plan = await planned('aug_randomheight--tf-2.15.1--keras', 'model.keras', 'keras-3.15.1+tf-2.21');
    expect(plan.refusals).toEqual([]);
    expect(plan.changes).toContainEqual(expect.objectContaining({ before: 'RandomHeight', after: 'Activation' }));
  });
});

describe('pythonStubs', () => {
  it('registers each class and function under the name by which it is looked up', () => {
    const object = (name: string, kind: string) => ({
      name,
      registeredName: `mine>${name}`,
      kind,
      neededFor: 'architecture',
    });
    const config = { name: 's', factor: 2 };
    const place = { layer: 's', className: 'Scale', key: null, config };
    const needed = [
      { ...place, object: object('Scale', 'layer') },
      { ...place, object: object('swish2', 'activation') },
    ] as unknown as UsersCode[];
    const weights = [{ name: 'gain', tensor: { shape: [3] }, trainable: true }];
    const layer = { origin: 'custom', className: 'Scale', config, weights, sublayers: {}, model: null };
    const model = { layers: [layer] } as unknown as Model;
    const [imports, first = '', second = ''] = pythonStubs(needed, model, targetOf('keras-3.15.1+tf-2.21'));
    expect(imports).toBe('import keras');
    expect(first).toContain('class Scale(keras.layers.Layer):\n    def __init__(self, factor=2, **kwargs):');
    expect(first).toContain("self.gain = self.add_weight(name='gain', shape=(3,), initializer='zeros')");
    expect(first).toContain("keras.utils.get_custom_objects().update({'mine>Scale': Scale, 'Scale': Scale})");
    expect(second).toContain('def swish2(x):');
  });
});
