/** Optimizers' constructors in Keras 3. Facts: optimizers/base_optimizer.py. */

import { bind, functionName } from '../python/call.ts';
import { repr } from '../python/repr.ts';
import { copyDict, isDict, type PyDict } from '../python/values.ts';
import { obstacle, type Run } from '../run.ts';
import { deserialize, isKeras3 } from './deserialize.ts';
import type { FoundObject } from './retrieve.ts';

/** What `LossScaleOptimizer` stored of the base class up to 3.11; later ones take it out (loss_scale_optimizer.py). */
const ofEveryOptimizer = [
  'weight_decay',
  'clipnorm',
  'global_clipnorm',
  'clipvalue',
  'use_ema',
  'ema_momentum',
  'ema_overwrite_frequency',
  'loss_scale_factor',
  'gradient_accumulation_steps',
];

export function constructOptimizer(run: Run, found: FoundObject, config: PyDict, where: string): void {
  if (isDict(config.learning_rate)) deserialize(run, config.learning_rate, `${where}/config/learning_rate`);
  const { facts } = found;
  if (!facts?.parameters) return;
  bind(
    { parameters: facts.parameters, keywords: facts.keywords },
    Object.keys(config),
    functionName(found.name, '__init__', run.environment.python),
  );
  if (!isKeras3(run)) return;
  const around = found.name === 'LossScaleOptimizer' ? ofEveryOptimizer : [];
  const known = new Set([...facts.parameters.map(({ name }) => name), ...facts.inherited, ...around, 'decay']);
  const unknown = Object.keys(config).filter(key => !known.has(key));
  if (unknown.length === 0) return;
  const left = copyDict(
    config,
    Object.keys(config).filter(key => !unknown.includes(key)),
  );
  const written = run.writer?.classAt('optimizers', found.name)?.parameters;
  const edited = written !== undefined && written !== null && !written.some(({ name }) => unknown.includes(name));
  obstacle(run, 'ValueError', `Argument(s) not recognized: ${repr(left)}`, {
    failure: edited ? 'optimizer-state-mismatch' : 'keras2-file-in-keras3',
    evidence: {
      text: `the optimizer ${found.name} of Keras 3 takes no ${unknown.join(', ')}; only training needs it`,
      where,
      offset: null,
    },
    suppose: `optimizer:${unknown.join()}`,
  });
}
