/**
 * `optimizers.deserialize` before Keras 3: lookup without regard to case, the registered new optimizers (`Custom>Adam`),
 * and which keywords each base class takes. Facts: optimizers.py, optimizer_v2.py, optimizer_experimental of the tags.
 */

import { type ExportedClass, releaseOf } from '../../eras/signatures/index.ts';
import { bindClass, deserializeIdentifier, since2 } from '../legacy/identifiers.ts';
import { findClass, isOwnName } from '../legacy/registry.ts';
import { foreignFailure, improperText, raiseUnknown } from '../legacy/unknown.ts';
import { type RaiseFacts, raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { has, isDict, type PyDict, type PyValue } from '../python/values.ts';
import { isGiven, obstacle, type Run, since } from '../run.ts';

const where = 'training_config/optimizer_config';

const builtIn: { readonly [lower: string]: string } = {
  adadelta: 'Adadelta',
  adagrad: 'Adagrad',
  adam: 'Adam',
  adamax: 'Adamax',
  nadam: 'Nadam',
  rmsprop: 'RMSprop',
  sgd: 'SGD',
  ftrl: 'Ftrl',
  adamw: 'AdamW',
  adafactor: 'Adafactor',
};

/** New optimizers as they were registered, release by release: first as an experiment, then for all. */
const registeredSince: { readonly [name: string]: string } = {
  Adadelta: '2.8',
  Adagrad: '2.8',
  Adam: '2.8',
  SGD: '2.8',
  Adamax: '2.9',
  Ftrl: '2.9',
  Nadam: '2.9',
  RMSprop: '2.9',
  AdamW: '2.9',
  Adafactor: '2.11',
  Lion: '2.13',
};

export function deserializeOptimizer(run: Run, config: PyValue): void {
  if (!isDict(config) || !has(config, 'class_name') || !has(config, 'config'))
    raise('ValueError', improperText(run, config), { failure: 'optimizer-state-mismatch' });
  const name = String(config.class_name);
  const inner = isDict(config.config) ? config.config : {};
  if (isGiven(run, name)) return;
  const registered = /^Custom>(\w+)$/.exec(name)?.[1];
  if (registered && isRegistered(run, registered)) return newOptimizer(run, registered, inner);
  if (isLossScale(run, name)) return lossScale(run, inner);
  const usual = builtIn[name.toLowerCase()];
  const found = usual ? optimizerClass(run, usual) : null;
  if (!found?.facts) return raiseUnknown(run, 'optimizer', name, 'dict', isOwnName(registered ?? name), where);
  if (since2(run, '2.10') && inner.is_legacy_optimizer === false) return newOptimizer(run, usual!, inner);
  oldOptimizer(run, found.facts, inner);
}

/** The optimizer around another one that mixed precision brings; its third form came with the new optimizers. */
function isLossScale(run: Run, name: string): boolean {
  if (name === 'LossScaleOptimizerV3') return since2(run, '2.8');
  return name === 'LossScaleOptimizer' ? since2(run, '2.1') : name === 'LossScaleOptimizerV1' && since2(run, '2.4');
}

/** Up to 2.3 it names its `optimizer`, since then the `inner_optimizer` (mixed_precision/loss_scale_optimizer.py). */
function lossScale(run: Run, config: PyDict): void {
  if (since2(run, '2.4')) return deserializeOptimizer(run, config.inner_optimizer ?? config.optimizer ?? null);
  if (has(config, 'optimizer')) return deserializeOptimizer(run, config.optimizer!);
  raise('KeyError', "'optimizer'", {
    failure: 'newer-file-older-keras',
    evidence: { text: 'LossScaleOptimizer is described as TensorFlow reads it from 2.4 on', where, offset: null },
  });
}

/** TensorFlow 1.14 has the optimizers of 1.15 already, which the tables know (optimizers.py of both). */
function optimizerClass(run: Run, name: string): ReturnType<typeof findClass> {
  const release = since2(run, '1.14', '1.15') ? releaseOf('tf.keras', '1.15.0') : run.release;
  return findClass({ ...run, release }, 'optimizers', name);
}

function isRegistered(run: Run, name: string): boolean {
  const from = registeredSince[name];
  return from !== undefined && since2(run, from);
}

/** Optimizers whose base class takes a few keywords and refuses the rest. */
function oldOptimizer(run: Run, facts: ExportedClass, given: PyDict): void {
  const config = renameRate(run, given);
  schedule(run, config.learning_rate);
  const named = new Set(facts.parameters?.map(({ name }) => name));
  const allowed = new Set([
    ...named,
    ...facts.inherited,
    ...(run.release.baseKeywords('optimizer') ?? ['clipnorm', 'clipvalue', 'lr', 'decay', 'global_clipnorm']),
  ]);
  if (run.environment.line === 'keras2' && since(run, '2.3')) allowed.add('learning_rate').add('lr');
  if (isV2(run)) allowed.add('name');
  // Its constructor takes standalone Keras's word for the decay (optimizer_v2/nadam.py).
  if (isV2(run) && facts.className === 'Nadam') allowed.add('schedule_decay');
  const unknown = Object.keys(config).find(key => !allowed.has(key));
  if (unknown === undefined) return;
  const suffix = since2(run, '2.7') ? `. Allowed kwargs are ${allowedText}.` : '';
  obstacle(
    run,
    'TypeError',
    `Unexpected keyword argument passed to optimizer: ${unknown}${suffix}`,
    refusal(run, facts.className, unknown),
  );
}

function isV2(run: Run): boolean {
  return since2(run, '1.14');
}

const allowedText = "{'clipnorm', 'clipvalue', 'lr', 'decay', 'global_clipnorm'}";

function refusal(run: Run, className: string, key: string): RaiseFacts {
  const failure = key === 'learning_rate' || isKnownKey(key) ? foreignFailure(run) : 'optimizer-state-mismatch';
  return {
    failure:
      failure === 'newer-file-older-keras' || failure === 'keras3-file-in-keras2'
        ? failure
        : 'optimizer-state-mismatch',
    evidence: { text: `${className} of this release takes no "${key}"; only training needs it`, where, offset: null },
    suppose: `optimizer:${key}`,
  };
}

function isKnownKey(key: string): boolean {
  return ['weight_decay', 'jit_compile', 'is_legacy_optimizer', 'amsgrad', 'ema_momentum'].includes(key);
}

/** `lr` of older files, where `from_config` renames it. */
function renameRate(run: Run, config: PyDict): PyDict {
  if (!has(config, 'lr') || !(isV2(run) || (run.environment.line === 'keras2' && since(run, '2.3')))) return config;
  const { lr, ...rest } = config;
  return { ...rest, learning_rate: lr! };
}

/** A learning rate that is a schedule. */
function schedule(run: Run, rate: PyValue | undefined): void {
  if (!isDict(rate)) return;
  if (!isV2(run)) return;
  const what = since2(run, '2.3') ? 'decay' : 'learning rate schedule';
  deserializeIdentifier(run, 'schedules', rate, what, `${where}/config/learning_rate`);
}

/** The new optimizers: what they do not know is refused, with other words. */
function newOptimizer(run: Run, name: string, config: PyDict): void {
  schedule(run, config.learning_rate);
  const space = since2(run, '2.11') ? 'optimizers' : 'optimizers.experimental';
  const facts = run.release.classAt(space, name) ?? run.release.classAt('optimizers.experimental', name);
  const known = new Set(facts?.parameters?.map(({ name: parameter }) => parameter) ?? experimental28);
  for (const key of ['is_legacy_optimizer', 'name', 'lr', ...(facts?.inherited ?? [])]) known.add(key);
  if (!since2(run, '2.11')) for (const key of ['decay', 'gradient_transformers', 'gradient_aggregator']) known.add(key);
  if (facts && !facts.keywords) return bindClass(run, facts, config, where);
  const unknown = Object.keys(config).find(key => !known.has(key));
  if (unknown === undefined) return;
  if (['decay', 'gradient_aggregator', 'gradient_transformers'].includes(unknown)) {
    const text = `${unknown} is deprecated in the new Keras optimizer, pleasecheck the docstring for valid arguments, or use the legacy optimizer, e.g., tf.keras.optimizers.legacy.${name}.`;
    return obstacle(run, 'ValueError', text, refusal(run, name, unknown));
  }
  const text = `${unknown} is not a valid argument, kwargs should be empty  for \`optimizer_experimental.Optimizer\`.`;
  obstacle(run, 'TypeError', text, refusal(run, name, unknown));
}

/** TensorFlow 2.8 and 2.9 have them unexported; what their constructors take. */
const experimental28 = [
  'learning_rate',
  'beta_1',
  'beta_2',
  'epsilon',
  'amsgrad',
  'rho',
  'momentum',
  'nesterov',
  'centered',
  'initial_accumulator_value',
  'clipnorm',
  'clipvalue',
  'global_clipnorm',
  'use_ema',
  'ema_momentum',
  'ema_overwrite_frequency',
  'jit_compile',
  'name',
];

export { repr };
