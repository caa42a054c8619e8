/**
 * Nadam multiplies its momentum of each step into a product that corrects for the start. TensorFlow 2.11 to 2.15 and
 * Keras 2 do not save it, so it is worked out from the number of steps, as the release that saved had it.
 */

import type { OptimizerFamily } from '../eras/optimizers.ts';
import type { JsonObject, TensorRef } from '../model/types.ts';

export interface NadamState {
  /** The family that saved. */
  readonly family: OptimizerFamily;
  readonly config: JsonObject;
  /** Trainable variables. */
  readonly variables: number;
}

/** The product after as many steps as `iterations` counts. */
export function momentumProduct(iterations: TensorRef, state: NadamState): TensorRef {
  return {
    ...iterations,
    shape: [],
    dtype: 'float32',
    storage: 'derived',
    plain: null,
    conversions: ['the product of the momentum of every step so far'],
    read: async options => {
      const { data } = await iterations.read(options);
      return { dtype: 'float32', shape: [], data: Float32Array.of(productAfter(Number(data[0]), state)) };
    },
  };
}

/** Steps after which nothing of it is left in float32. */
const longest = 1000;

function productAfter(steps: number, { family, config, variables }: NadamState): number {
  const beta = Number(config.beta_1 ?? 0.9);
  const slowly = Number(config.schedule_decay ?? config.decay ?? 0.004);
  const slow = growsSlowly(family);
  let product = 1;
  for (let step = 1; step <= Math.min(steps, longest); step += 1) {
    const momentum = beta * (1 - 0.5 * 0.96 ** (slow ? step * slowly : step));
    product *= momentum ** (family === 'modern' ? timesInStep(step, variables) : 1);
  }
  return product;
}

/** Keras 1 and 2 and TensorFlow before 2.11 let the momentum grow 250 times more slowly (optimizer_v2/nadam.py). */
function growsSlowly(family: OptimizerFamily): boolean {
  return family !== 'modern' && family !== 'keras3';
}

/** What training does otherwise where the momentum grows otherwise; undefined where it does not. */
export function otherSchedule(from: OptimizerFamily, to: OptimizerFamily): string | undefined {
  if (growsSlowly(from) === growsSlowly(to)) return undefined;
  return `the momentum of Nadam grows ${growsSlowly(to) ? 'more slowly' : 'faster'} there; its state goes on from the same numbers`;
}

/**
 * TensorFlow's compiled step multiplies once for each variable, save the one whose place in the list is the step's
 * number: a count in Python that was meant to prevent it stands still there (keras/optimizers/nadam.py of 2.15).
 */
function timesInStep(step: number, variables: number): number {
  return step < variables ? variables - 1 : variables;
}
