/**
 * In which order the releases list an optimizer's variables when they save its state, under one set of names. Facts:
 * `optimizers.py` of Keras 1 and 2, `optimizer_v2/*.py` (later `legacy/`), `optimizer_experimental/*.py` of TensorFlow
 * 2.11 and later, `src/optimizers/*.py` of Keras 3, and what those releases wrote.
 */

import type { JsonObject, Line } from '../model/types.ts';
import { compareVersions } from './versions.ts';

/** Families of optimizers with one manner of listing. `modern` is that of TensorFlow 2.11 to 2.15 and tf_keras. */
export type OptimizerFamily = 'keras1' | 'keras2' | 'v2' | 'modern' | 'keras3';

/** Scalars that an optimizer keeps besides what it keeps for each trainable variable. */
export type OptimizerScalar = 'iterations' | 'learningRate' | 'momentumProduct';

export interface StateLayout {
  readonly before: readonly OptimizerScalar[];
  /** Groups one after another; in a group each variable has its slots side by side. */
  readonly groups: readonly (readonly string[])[];
  readonly after: readonly OptimizerScalar[];
  /** Slots of which the family keeps a placeholder of one number. */
  readonly placeholders: readonly string[];
}

export interface OptimizerRelease {
  readonly line: Line;
  /** Keras's own version, or TensorFlow's for tf.keras. */
  readonly version: string;
}

/** `stored` is the optimizer as a config names it: the classes before TensorFlow 2.11 stay there under `legacy`. */
export function optimizerFamily({ line, version }: OptimizerRelease, stored: JsonObject): OptimizerFamily {
  if (line === 'keras1' || line === 'keras2' || line === 'keras3') return line;
  const named = String(stored.module ?? '');
  const config = (stored.config ?? {}) as JsonObject;
  const old = named.includes('legacy') || config.is_legacy_optimizer === true;
  if (old || (line === 'tf.keras' && compareVersions(version, '2.11') < 0)) return 'v2';
  // Legacy files say which by the package: `Custom>Adam` is the modern one.
  const unmarked = named === '' && config.is_legacy_optimizer === undefined;
  return unmarked && !String(stored.class_name).includes('>') && !('use_ema' in config) ? 'v2' : 'modern';
}

/** Slots by class in the order in which they are made; null where a class is not known. */
function slotsOf(className: string, config: JsonObject, family: OptimizerFamily): string[][] | null {
  const on = (key: string) => Boolean(config[key]);
  // Before Keras 3 there is a momentum even where none is used; those of TensorFlow's own old classes are the exception.
  const always = family === 'keras1' || family === 'keras2' || family === 'modern';
  switch (className) {
    case 'SGD':
      return on('momentum') || always ? [['momentum']] : [];
    case 'Adam':
    case 'AdamW':
      if (family === 'keras2') return [['m', 'v'], ['vhat']];
      return on('amsgrad') ? [['m', 'v'], ['vhat']] : [['m', 'v']];
    case 'Adamax':
    case 'Nadam':
    case 'Lamb':
      return [['m', 'v']];
    case 'RMSprop':
      return [['velocity'], ...(on('momentum') ? [['momentum']] : []), ...(on('centered') ? [['mean']] : [])];
    case 'Adagrad':
      return [['accumulator']];
    case 'Adadelta':
      return [['gradient', 'delta']];
    case 'Ftrl':
      return [['accumulator', 'linear']];
    case 'Lion':
      return [['m']];
    default:
      return null;
  }
}

/** Classes of Keras 1 and 2 whose count of steps is not saved (up to 2.2; SGD's, Adam's, Adamax's and Nadam's are). */
const uncounted = /^(RMSprop|Adagrad|Adadelta)$/;

/** How a release lists the state of an optimizer with that config; null for classes whose state is not known. */
export function stateLayout(
  family: OptimizerFamily,
  className: string,
  config: JsonObject,
  version: string,
): StateLayout | null {
  const slots = slotsOf(className, config, family);
  if (!slots || config.gradient_accumulation_steps) return null;
  const averages = config.use_ema ? [['average']] : [];
  const scheduled = typeof config.learning_rate === 'object' && config.learning_rate !== null;
  if (family === 'keras3') {
    const product = className === 'Nadam';
    const early = product && compareVersions(version, '3.9') < 0;
    return {
      before: ['iterations', ...rate(!scheduled), ...momentumProduct(early)],
      groups: [...averages, ...slots],
      after: momentumProduct(product && !early),
      placeholders: [],
    };
  }
  if (family === 'modern') return plain(['iterations'], [...averages, ...slots]);
  // Slot after slot, but for Ftrl, which makes both of a variable at once.
  const apart = className === 'Ftrl' ? slots : slots.flat().map(slot => [slot]);
  if (family === 'v2') return plain(['iterations', ...momentumProduct(className === 'Nadam')], apart);
  const counted = !uncounted.test(className) || (family === 'keras2' && compareVersions(version, '2.3') >= 0);
  const placeholders = family === 'keras2' && className === 'Adam' && !config.amsgrad ? ['vhat'] : [];
  return { ...plain(counted ? ['iterations'] : [], apart), placeholders };
}

function rate(kept: boolean): OptimizerScalar[] {
  return kept ? ['learningRate'] : [];
}

function momentumProduct(kept: boolean): OptimizerScalar[] {
  return kept ? ['momentumProduct'] : [];
}

function plain(before: readonly OptimizerScalar[], groups: readonly (readonly string[])[]): StateLayout {
  return { before, groups, after: [], placeholders: [] };
}
