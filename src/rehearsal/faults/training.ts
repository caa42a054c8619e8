/**
 * An optimizer's state that the config promises and the file does not hold. From TensorFlow 2.11 on optimizers have
 * variables before they are trained, and every save writes them; older ones get them in the first step, so that a file
 * without them may be sound. Facts: `save_optimizer_weights_to_hdf5_group`, optimizers/optimizer.py.
 */

import type { RawArtefact, RawGroup } from '../../artefacts/raw/index.ts';
import { firstToTake } from '../../eras/signatures/arguments.ts';
import { isKerasName } from '../../eras/signatures/index.ts';
import { compareVersions, plainVersion } from '../../eras/versions.ts';
import type { Json, JsonObject } from '../../model/types.ts';
import { parsedConfig } from '../infer-raw.ts';
import { attributeText, storedBy } from '../stored.ts';
import { type Fault, fault } from './types.ts';
import { eachDataset } from './walk.ts';

export function trainingFault(raw: RawArtefact): Fault | null {
  const root = raw.hdf5?.root;
  if (root) return stateOfHdf5(raw, root);
  const config = parsedConfig(raw);
  const compiled = isObject(config) ? config.compile_config : null;
  const optimizer = isObject(compiled) ? compiled.optimizer : null;
  const store = raw.zip?.weights?.root ?? raw.unzipped?.weights?.root;
  return optimizer && store ? stateOfArchive(raw, optimizer, store) : null;
}

/** What HDF5 files say of their training. */
export function trainingConfig({ hdf5 }: RawArtefact): JsonObject | null {
  const text = attributeText(hdf5?.root?.attributes.training_config);
  try {
    const config = JSON.parse(text ?? 'null') as Json;
    return isObject(config) ? config : null;
  } catch {
    return null;
  }
}

function stateOfHdf5(raw: RawArtefact, root: RawGroup): Fault | null {
  const optimizer = trainingConfig(raw)?.optimizer_config;
  if (!isObject(optimizer)) return null;
  const state = root.children.optimizer_weights;
  if (state === undefined) return hasStateAlways(raw, optimizer) ? missing('optimizer_weights') : null;
  if (state.kind !== 'group') return null;
  const listed = state.attributes.weight_names?.values?.length;
  const lying = [...eachDataset(state)].length;
  if (listed === undefined || listed === lying) return null;
  const text = `the optimizer's state lists ${listed} variables, and ${lying} lie there: loaders leave it all out`;
  return fault('optimizer-state-mismatch', text, state.path);
}

function stateOfArchive(raw: RawArtefact, optimizer: Json, store: RawGroup): Fault | null {
  const group = store.children.optimizer;
  const vars = group?.kind === 'group' ? group.children.vars : undefined;
  const names = vars?.kind === 'group' ? Object.keys(vars.children) : [];
  if (names.length === 0) return hasStateAlways(raw, optimizer) ? missing('optimizer/vars') : null;
  const highest = Math.max(...names.map(Number));
  if (!(highest >= names.length)) return null;
  const text = `the optimizer's variables are numbered up to ${highest}, and ${names.length} lie there`;
  return fault('weights-missing-in-file', text, 'optimizer/vars');
}

function missing(where: string): Fault {
  const text = "the optimizer's state is not in the file, though its settings are: training would begin anew";
  return fault('weights-missing-in-file', text, where);
}

/** `optimizer`: its config, or the name that the model was compiled with. */
function hasStateAlways(raw: RawArtefact, optimizer: Json): boolean {
  const { keras } = storedBy(raw);
  if (keras === null || compareVersions(plainVersion(keras), '2.11') < 0) return false;
  if (compareVersions(plainVersion(keras), '3') >= 0) return true;
  if (!isObject(optimizer)) return true;
  return isObject(optimizer.config) && optimizer.config.is_legacy_optimizer === false;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The config names one optimizer, and the state beside it was another's: no class of that name would take it. */
export function optimizerOfAnother(raw: RawArtefact): Fault | null {
  const optimizer = trainingConfig(raw)?.optimizer_config;
  const state = raw.hdf5?.root?.children.optimizer_weights;
  if (!isObject(optimizer) || typeof optimizer.class_name !== 'string' || state?.kind !== 'group') return null;
  const named = optimizer.class_name.replace(/^.*>/, '');
  if (isKerasName(named)) return null;
  const holder = [...ownersOf(state)].find(name => isKerasName(name));
  // A subclass keeps its state under the name of its base: SlowSGD under SGD.
  if (!holder || named.includes(holder)) return null;
  const text = `training_config names the optimizer "${named}", and the state in the file is that of ${holder}; only training needs it`;
  return fault('optimizer-state-mismatch', text, 'training_config/optimizer_config');
}

/** Classes in whose name variables are kept: `Adam/dense/kernel/m:0`, `training/Adam/Variable:0`. */
function* ownersOf({ children }: RawGroup): Generator<string> {
  for (const [name, child] of Object.entries(children)) {
    if (name === 'training' && child.kind === 'group') yield* Object.keys(child.children);
    else yield name;
  }
}

/** Losses and metrics of the author's own, which some loaders leave unresolved until they are used. */
export function ownTraining(raw: RawArtefact): (Fault & { readonly name: string }) | null {
  const { loss, metrics, weighted_metrics: weighted } = trainingConfig(raw) ?? {};
  for (const name of namesIn([loss ?? null, metrics ?? null, weighted ?? null])) {
    if (isKerasName(name) || aliases.has(name)) continue;
    const text = `"${name}" is none of Keras's own losses or metrics: it must be given in custom_objects; only training needs it`;
    return { ...fault('custom-object-missing', text, 'training_config'), name };
  }
  return null;
}

const aliases: ReadonlySet<string> = new Set(['accuracy', 'acc', 'crossentropy', 'ce', 'mse', 'mae', 'mape', 'msle']);

/** Classes and functions named in any nesting of lists and dictionaries by output. */
function* namesIn(value: Json): Generator<string> {
  if (typeof value === 'string') yield value.replace(/^.*>/, '');
  else if (Array.isArray(value)) for (const item of value as readonly Json[]) yield* namesIn(item);
  else if (isObject(value)) {
    if (typeof value.class_name !== 'string') for (const item of Object.values(value)) yield* namesIn(item);
    else if (value.class_name === 'function' && typeof value.config === 'string') yield value.config;
    else if (!/Wrapper$/.test(value.class_name)) yield value.class_name.replace(/^.*>/, '');
    else if (isObject(value.config) && typeof value.config.fn === 'string') yield value.config.fn.replace(/^.*>/, '');
  }
}

/** Taken by optimizers' bases in one release or another, or written beside what constructors take. */
const commonSettings: ReadonlySet<string> = new Set([
  'name',
  'lr',
  'decay',
  'clipnorm',
  'clipvalue',
  'global_clipnorm',
  'learning_rate',
  'is_legacy_optimizer',
  'jit_compile',
  'gradient_accumulation_steps',
  'loss_scale_factor',
]);

/** A setting of a Keras optimizer that no Keras ever had: some loaders refuse it, others never look. */
export function unknownSetting(raw: RawArtefact): Fault | null {
  const optimizer = trainingConfig(raw)?.optimizer_config;
  if (!isObject(optimizer) || typeof optimizer.class_name !== 'string' || !isObject(optimizer.config)) return null;
  const name = optimizer.class_name.replace(/^.*>/, '');
  if (firstToTake(name, 'learning_rate', 'optimizers').size === 0) return null;
  const unknown = Object.keys(optimizer.config).find(
    key => !commonSettings.has(key) && firstToTake(name, key, 'optimizers').size === 0,
  );
  if (unknown === undefined) return null;
  const text = `the optimizer ${name} has a setting "${unknown}", which no Keras knows; only training needs it`;
  return fault('optimizer-state-mismatch', text, 'training_config/optimizer_config');
}
