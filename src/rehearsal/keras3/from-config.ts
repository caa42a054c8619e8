/** `cls.from_config(config)` of each kind of class in Keras 3, and of tf.keras 2.12 to 2.15 when it reads `.keras`. */

import type { Built } from '../built.ts';
import { guarded } from '../legacy/construct.ts';
import { bindClass } from '../legacy/identifiers.ts';
import { raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { copyDict, has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';
import { constructLayer3 } from './construct.ts';
import { deserialize, isKeras3, type Revived, refusesUnsafe } from './deserialize.ts';
import { lambda3 } from './lambda.ts';
import { functional3, sequential3 } from './models.ts';
import { constructOptimizer } from './optimizer.ts';
import type { FoundObject } from './retrieve.ts';
import { tfLayerFromConfig } from './tf-layer.ts';

/** `found` is null where a missing class is supposed to be given: then its config is taken as it is. */
export function objectFromConfig(
  run: Run,
  found: FoundObject | null,
  config: PyValue,
  full: PyDict,
  where: string,
): Revived {
  const space = found?.space ?? '';
  if (!found || found.own) return ownFromConfig(run, found, config, full, where);
  if (isModelClass(found)) return { kind: 'layer', built: modelFromConfig(run, found, config, where) };
  const dict = isDict(config) ? config : {};
  if (space.startsWith('layers') || space === 'ops') {
    if (!isKeras3(run)) return { kind: 'layer', built: tfLayerFromConfig(run, found, dict, where) };
    return layerFromConfig(run, found, dict, where);
  }
  if (space === 'optimizers.legacy' && isKeras3(run) && !since(run, '3.11'))
    refuseLegacyOptimizer(run, found, full, where);
  if (space === 'optimizers' || space === 'optimizers.experimental' || space === 'optimizers.legacy')
    constructOptimizer(run, found, dict, where);
  else if (found.facts) constructOther(run, found, dict, where);
  return { kind: 'object', found, config: dict };
}

/** What stands in Keras 3 for Keras 2's old optimizers only warns, and can be made from no config. */
function refuseLegacyOptimizer(run: Run, { name }: FoundObject, full: PyDict, where: string): void {
  const text = `Unable to reconstruct an instance of '${name}' because the class is missing a \`from_config()\` method. Full object config: ${repr(full)}`;
  obstacle(run, 'TypeError', text, {
    failure: 'keras2-file-in-keras3',
    evidence: { text: `optimizers.legacy.${name} is not there any more; only training needs it`, where, offset: null },
    suppose: `optimizer:legacy.${name}`,
  });
}

function isModelClass({ name, space, facts }: FoundObject): boolean {
  return (
    (['Functional', 'Sequential', 'Model'].includes(name) && (space === 'models' || space === 'layers')) ||
    facts?.bases.includes('Functional') === true
  );
}

function modelFromConfig(run: Run, found: FoundObject, config: PyValue, where: string) {
  return found.name === 'Sequential' ? sequential3(run, found, config, where) : functional3(run, found, config, where);
}

/** The user's class. A graph in its config is revived as one; else the constructor is the user's. */
function ownFromConfig(run: Run, found: FoundObject | null, config: PyValue, full: PyDict, where: string): Revived {
  const name = found?.name ?? String(full.class_name);
  const dict = isDict(config) ? config : {};
  const like: FoundObject = found ?? {
    kind: 'class',
    name,
    printed: `<class '${name}'>`,
    own: true,
    facts: null,
    space: '',
  };
  if (isList(dict.layers) && has(dict, 'input_layers'))
    return { kind: 'layer', built: functional3(run, like, dict, where) };
  if (where === '' && isKeras3(run)) refuseBare(run, like, dict);
  const ownName = typeof dict.name === 'string' ? dict.name : name;
  return {
    kind: 'layer',
    built: { className: name, name: ownName, own: true, facts: null, config: dict, inner: [], layers: null, where },
  };
}

/**
 * A model of the user's own class of which only what every layer has was stored: its `get_config` is Keras's, and its
 * constructor wants what is not there.
 */
function refuseBare(run: Run, { name, printed }: FoundObject, config: PyDict): void {
  const keys = Object.keys(config);
  if (keys.length === 0 || has(config, 'name') || !keys.every(key => key === 'trainable' || key === 'dtype')) return;
  const inner = `${name}.__init__() missing required positional arguments`;
  const text = `Unable to revive model from config. When overriding the \`get_config()\` method, make sure that the returned config contains all items used as arguments in the  constructor to ${printed}, which is the default behavior. You can override this default behavior by defining a \`from_config(cls, config)\` class method to specify how to create an instance of ${name} from its config.\n\nReceived config=${repr(config)}\n\nError encountered during deserialization: ${inner}`;
  obstacle(run, 'TypeError', text, {
    failure: 'custom-object-no-get-config',
    evidence: {
      text: `the config of ${name} holds none of its constructor's arguments`,
      where: '/config',
      offset: null,
    },
    suppose: `bare:${name}`,
  });
}

/** Keras 3's layers: a few classes make what they hold first; the base class guards the constructor of the others. */
export function layerFromConfig(run: Run, found: FoundObject, config: PyDict, where: string): Revived {
  if (found.name === 'Lambda') return { kind: 'layer', built: lambda3(run, found, config, where) };
  if (found.name === 'TFSMLayer') refuseSavedModelLayer(run, where);
  const held = heldKeys(found);
  if (held.length > 0) {
    const inner = held.flatMap(key => {
      const value = config[key];
      if (value === undefined || value === null) return [];
      const items = isList(value) ? value : [value];
      return items.flatMap((item, index) => {
        const revived = deserialize(run, item, `${where}/config/${key}${isList(value) ? `/${index}` : ''}`);
        return revived.kind === 'layer' ? [revived.built] : [];
      });
    });
    const rest = copyDict(config, held);
    const built = constructLayer3(run, found, rest, where, { inner, passed: held.filter(key => has(config, key)) });
    return {
      kind: 'layer',
      built: tellsNoShape(run, built) ? { ...built, callFails: () => raiseNoShape(where) } : built,
    };
  }
  if (isGuarded(found.name)) return { kind: 'layer', built: guardedLayer(run, found, config, where) };
  return { kind: 'layer', built: constructLayer3(run, found, config, where) };
}

/** A Sequential cannot tell its output's shape before 3.4, which TimeDistributed asks of what it holds. */
function tellsNoShape(run: Run, { className, inner }: Built): boolean {
  return className === 'TimeDistributed' && inner[0]?.className === 'Sequential' && !since(run, '3.4');
}

function raiseNoShape(where: string): never {
  const text = 'Layer Sequential should implement `def compute_output_shape(self, input_shape)`.';
  raise(
    'NotImplementedError',
    `Exception encountered when calling TimeDistributed.call().\n\n\u001b[1m${text}\u001b[0m`,
    {
      failure: 'keras-regression',
      evidence: { text: 'TimeDistributed holds a Sequential, which Keras 3 can do from 3.4 on', where, offset: null },
    },
  );
}

/** Safe mode reads no SavedModel from outside the archive, since the fixes of the 3.12 and 3.14 releases. */
function refuseSavedModelLayer(run: Run, where: string): void {
  const asks = since(run, '3.12.3', '3.13') || since(run, '3.14.1');
  if (!asks || !refusesUnsafe(run)) return;
  const text =
    'Requested the deserialization of a `TFSMLayer`, which loads an external SavedModel. This carries a potential risk of arbitrary code execution and thus it is disallowed by default. If you trust the source of the artifact, you can override this error by passing `safe_mode=False` to the loading function, or calling `keras.config.enable_unsafe_deserialization().';
  obstacle(run, 'ValueError', text, {
    failure: 'malicious-config',
    evidence: { text: 'a TFSMLayer runs a SavedModel that lies outside the archive', where, offset: null },
    suppose: 'unsafe',
  });
}

function guardedLayer(run: Run, found: FoundObject, given: PyDict, where: string) {
  const config = withQuantization(run, found.name, policyByName(run, given, where));
  return guarded(found.name, config, () => {
    // Before 3.4 the constructor makes what it is given as an object.
    if (isDict(config.dtype) && isKeras3(run) && !since(run, '3.4') && !run.supposed.has(policyKey(config.dtype)))
      deserialize(run, config.dtype, `${where}/config/dtype`);
    return constructLayer3(run, found, config, where);
  });
}

/** From 3.13 on these classes put in what older files do not have, before anything can fail. */
function withQuantization(run: Run, className: string, config: PyDict): PyDict {
  const quantized = /^(Dense|EinsumDense|Embedding|ReversibleEmbedding)$/.test(className);
  if (!quantized || !isKeras3(run) || !since(run, '3.13') || has(config, 'quantization_config')) return config;
  const copy = copyDict(config);
  copy.quantization_config = null;
  return copy;
}

function policyKey(dtype: PyDict): string {
  return `custom:${String(dtype.class_name ?? '')}`;
}

/** Keras 3.4 and later: a dtype given as an object is made first, and replaced by its name. */
function policyByName(run: Run, config: PyDict, where: string): PyDict {
  if (!isDict(config.dtype) || (isKeras3(run) && !since(run, '3.3'))) return config;
  const name = String(config.dtype.class_name ?? '');
  const known = run.release.classAt('dtype_policies', name);
  const early = isKeras3(run) && !since(run, '3.4');
  if (!known) {
    // The name comes back as it was, and is asked as if it were a policy: at once, or (3.3) when weights are made.
    const asked = !early ? 'quantization_mode' : run.legacyConfig ? 'convert_input' : 'variable_dtype';
    obstacle(run, 'AttributeError', `'str' object has no attribute '${asked}'`, {
      failure: 'mixed-precision-policy',
      evidence: {
        text: `dtype is ${repr(config.dtype)}, a policy that Keras 3 does not have`,
        where: `${where}/config/dtype`,
        offset: null,
      },
      suppose: policyKey(config.dtype),
    });
    return config;
  }
  if (early) return config;
  const inner = isDict(config.dtype.config) ? config.dtype.config : {};
  if (has(inner, 'source_name') || !has(inner, 'name')) return config;
  const copy = copyDict(config);
  copy.dtype = inner.name!;
  return copy;
}

function heldKeys({ name, facts }: FoundObject): readonly string[] {
  if (name === 'Bidirectional') return ['layer', 'backward_layer'];
  if (name === 'TimeDistributed' || name === 'SpectralNormalization' || facts?.bases.includes('Wrapper'))
    return ['layer'];
  if (name === 'RNN') return ['cell'];
  return name === 'StackedRNNCells' ? ['cells'] : [];
}

/** Classes whose own `from_config` calls the constructor unguarded. */
const unguarded =
  /^(LSTM|GRU|SimpleRNN|ConvLSTM[123]D|TextVectorization|Discretization|FeatureSpace|Rescaling|Pipeline|JaxLayer|FlaxLayer|TorchModuleWrapper|TFSMLayer)$/;

function isGuarded(name: string): boolean {
  return !unguarded.test(name);
}

const reductions = ['sum_over_batch_size', 'sum', 'mean', 'mean_with_sample_weight', 'none'];

/** Initializers, regularizers, losses, metrics, schedules, policies: the constructor as it is. */
function constructOther(run: Run, found: FoundObject, config: PyDict, where: string): void {
  // Losses and metrics around plain functions take its name away before they are made.
  const wraps = !isKeras3(run) && (found.space === 'losses' || found.space === 'metrics');
  bindClass(run, found.facts!, wraps ? copyDict(config, ['fn']) : config, where);
  if (found.space !== 'losses' || !isKeras3(run) || !has(config, 'reduction')) return;
  const { reduction } = config;
  if (reduction === null || reductions.includes(String(reduction))) return;
  raise(
    'ValueError',
    `Invalid value for argument \`reduction\`. Expected one of {'sum', None, 'none', 'sum_over_batch_size'}. Received: reduction=${String(reduction)}`,
    {
      failure: 'keras2-file-in-keras3',
      evidence: { text: `the loss has reduction="${String(reduction)}", which only Keras 2 has`, where, offset: null },
      suppose: 'loss-reduction',
    },
  );
}
