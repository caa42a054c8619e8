/**
 * A layer's constructor before Keras 3, as far as it can refuse: binding, the base class's keywords, the objects it
 * looks up, the dtype. Facts: engine/base_layer.py and the layers of the tags; which keywords a class takes is data.
 */

import type { Built } from '../built.ts';
import { bind, functionName } from '../python/call.ts';
import { exception, isPythonException, raise, reworded } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { has, isDict, type PyDict, type PyValue } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';
import { bindClass, getIdentifier, identifierSpace, keywordFacts, since2 } from './identifiers.ts';
import { refuseIntegerEmbedding } from './integer-embedding.ts';

import { renameKeras1 } from './keras1-arguments.ts';
import { refuseLookupDtype } from './lookup-dtype.ts';
import { bareNamesFail } from './modern.ts';
import type { FoundClass } from './registry.ts';
import { touchBackend } from './tensorflow-two.ts';
import { unknownText } from './unknown.ts';

/** What the base class takes since tf.keras 2.4; no release from 2.12 on lists it. */
const baseKeywords = [
  'input_dim',
  'input_shape',
  'batch_input_shape',
  'batch_size',
  'weights',
  'activity_regularizer',
  'autocast',
  'implementation',
];
const namedByBase = ['trainable', 'name', 'dtype', 'dynamic'];

/** Keywords that constructors take out of `**kwargs` themselves. */
const popped: readonly (readonly [classes: RegExp, keywords: readonly string[]])[] = [
  [
    /(LSTM|GRU|RNN|ConvLSTM[123]D)$/,
    ['enable_caching_device', 'zero_output_for_mask', 'return_runtime', 'input_dim', 'input_length'],
  ],
  [/(LSTM|GRU|RNN)$/, ['implementation']],
  [/Cell$/, ['implementation', 'enable_caching_device']],
  [/^StackedRNNCells$/, ['reverse_state_order']],
  [
    /^BatchNormalization(V[12])?$/,
    ['renorm', 'renorm_clipping', 'renorm_momentum', 'fused', 'virtual_batch_size', 'adjustment'],
  ],
  [/^Dense$/, ['input_dim']],
  [/^SpatialDropout[123]D$/, ['noise_shape', 'seed']],
  [/^(Additive)?Attention$/, ['causal']],
  [/^(StringLookup|IntegerLookup|TextVectorization)$/, ['vocabulary_size', 'has_input_vocabulary', 'has_static_table']],
  [/^CategoryEncoding$/, ['max_tokens']],
  [/^Discretization$/, ['bins']],
];

/** Recurrent layers make their cell first, and with it look up what they were given, before the base class is asked. */
function looksUpFirst(className: string): boolean {
  return /^(LSTM|GRU|SimpleRNN|ConvLSTM[123]D)(V2)?$/.test(className);
}

/** Classes whose `from_config` calls the constructor unguarded in tf.keras 2.12 to 2.15 and tf_keras. */
const unguarded =
  /^(MultiHeadAttention|TextVectorization|LSTM|GRU|SimpleRNN|ConvLSTM[123]D|StackedRNNCells|Bidirectional|TimeDistributed|Wrapper|RNN|\w*Wrapper|Lambda|TensorFlowOpLayer|TFOpLambda|SlicingOpLambda|ClassMethod|InstanceMethod|InstanceProperty|CuDNNLSTM|CuDNNGRU|DenseFeatures|Sequential|Functional|Model)$/;

export interface Made {
  readonly inner?: readonly Built[];
  /** Names of parameters that `from_config` passes besides the config. */
  readonly passed?: readonly string[];
  /** The config as messages print it, where it is not what is passed. */
  readonly printed?: PyDict;
}

/** `cls.from_config(config)` as far as the base class's goes: the constructor, guarded where this release guards it. */
export function constructLayer(run: Run, found: FoundClass, config: PyDict, where: string, made: Made = {}): Built {
  const construct = () => callConstructor(run, found, config, where, made);
  if (!since2(run, '2.12') || unguarded.test(found.name)) return construct();
  return guarded(found.name, made.printed ?? config, construct);
}

/** Runs `body`; what it raises is re-raised as the base class's `from_config` words it (base_layer.py, from 2.12.0). */
export function guarded<T>(className: string, config: PyValue, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!isPythonException(error) || error.type === 'Hang') throw error;
    const text = `Error when deserializing class '${className}' using config=${repr(config)}.\n\nException encountered: ${error.message}`;
    throw reworded(error, 'TypeError', text);
  }
}

function callConstructor(run: Run, found: FoundClass, given: PyDict, where: string, made: Made): Built {
  refuseOld(run, found.name, given, where);
  const config = run.environment.line === 'keras2' && !found.own ? renameKeras1(found.name, given) : given;
  const name = typeof config.name === 'string' ? config.name : '';
  const built: Built = {
    className: found.name,
    name,
    own: found.own,
    facts: found.facts,
    config,
    inner: made.inner ?? [],
    layers: null,
    where,
  };
  if (/^CuDNN/.test(found.name)) run.cudnn.set(name, found.name);
  if (found.own || !found.facts?.parameters) return built;
  const { parameters, keywords } = found.facts;
  const passed = [...(made.passed ?? []), ...Object.keys(config)];
  const kept = passed.filter(keyword => !run.supposed.has(`keyword:${found.name}.${keyword}`));
  const called = functionName(found.name, '__init__', run.environment.python);
  if (!run.supposed.has(`missing:${found.name}`)) {
    bind({ parameters, keywords }, kept, called, keyword => {
      const facts = keywordFacts(run, found.name, keyword, where);
      return kept.includes(keyword) ? facts : { ...facts, suppose: `missing:${found.name}` };
    });
  }
  if (found.name === 'InputLayer') {
    refuseInputKeywords(run, found, kept, where);
    touchBackend(run, 'input');
    return built;
  }
  refuseLookupDtype(run, found.name, config, where);
  const bare = new Map<string, string>();
  if (looksUpFirst(found.name)) lookUp(run, found, config, where, bare);
  refuseBaseKeywords(run, found, kept, where);
  if (!looksUpFirst(found.name)) lookUp(run, found, config, where, bare);
  checkDtype(run, config, where);
  refuseIntegerEmbedding(run, found.name, config, where);
  if (found.name === 'ReLU') refuseArrays(run, config, where);
  return bare.size > 0 ? { ...built, ...bareNamesFail(run, bare, config, where) } : built;
}

/** What Keras 2's BatchNormalization says to Keras 1's modes (legacy/interfaces.py, batchnorm_args_preprocessor). */
function refuseOld(run: Run, className: string, config: PyDict, where: string): void {
  if (run.environment.line !== 'keras2' || className !== 'BatchNormalization' || !has(config, 'mode')) return;
  if (config.mode !== 0) {
    raise(
      'TypeError',
      'The `mode` argument of `BatchNormalization` no longer exists. `mode=1` and `mode=2` are no longer supported.',
      { failure: 'keras1-config', evidence: { text: `mode=${repr(config.mode)}`, where, offset: null } },
    );
  }
}

function refuseInputKeywords(run: Run, found: FoundClass, keywords: readonly string[], where: string): void {
  if (!found.facts!.keywords) return;
  const known = new Set([...found.facts!.parameters!.map(({ name }) => name), 'batch_input_shape']);
  const unknown = keywords.filter(keyword => !known.has(keyword));
  if (unknown.length === 0) return;
  const listed = `[${unknown.map(keyword => repr(keyword)).join(', ')}]`;
  const text = since2(run, '2.8')
    ? `Unrecognized keyword arguments: ${listed}`
    : `('Unrecognized keyword arguments:', dict_keys(${listed}))`;
  obstacle(run, 'ValueError', text, keywordFacts(run, found.name, unknown[0]!, where));
}

function refuseBaseKeywords(run: Run, found: FoundClass, keywords: readonly string[], where: string): void {
  const { parameters, inherited } = found.facts!;
  const allowed = new Set([
    ...parameters!.map(({ name }) => name),
    ...inherited,
    ...(run.release.baseKeywords('layer') ?? baseKeywords),
    ...namedByBase,
    ...popped.flatMap(([classes, taken]) => (classes.test(found.name) ? taken : [])),
  ]);
  const unknown = keywords.find(keyword => !allowed.has(keyword));
  if (unknown === undefined) return;
  const text = `('Keyword argument not understood:', ${repr(unknown)})`;
  obstacle(run, 'TypeError', text, keywordFacts(run, found.name, unknown, where));
}

const order = ['activations', 'initializers', 'regularizers', 'constraints'] as const;

/** `bare` takes the arguments that came back as names, by argument. */
function lookUp(run: Run, found: FoundClass, config: PyDict, where: string, bare: Map<string, string>): void {
  const names = found.facts!.parameters!.map(({ name }) => name);
  for (const space of order)
    for (const name of names)
      if (identifierSpace(name) === space && has(config, name)) {
        const unknown = getIdentifier(run, space, config[name]!, `${where}/config/${name}`);
        if (unknown !== null) bare.set(name, unknown);
      }
}

function checkDtype(run: Run, config: PyDict, where: string): void {
  const { dtype } = config;
  if (!isDict(dtype)) return;
  // Standalone Keras asks for the dtype only of a layer that brings its input, up to 2.2.
  if (run.environment.line === 'keras2' && !since(run, '2.3') && !has(config, 'batch_input_shape')) return;
  const facts = {
    failure: 'mixed-precision-policy',
    evidence: { text: `dtype is ${repr(dtype)}`, where: `${where}/config/dtype`, offset: null },
  };
  if (!since2(run, '2.1')) return obstacle(run, 'TypeError', "unhashable type: 'dict'", facts);
  const name = String(dtype.class_name ?? '');
  if (['Policy', 'PolicyV1', 'LossScaleOptimizer'].includes(name)) return;
  const failure = name === 'DTypePolicy' ? 'keras3-file-in-keras2' : 'mixed-precision-policy';
  obstacle(run, 'ValueError', unknownText(run, 'dtype policy', name, 'dict'), {
    ...facts,
    failure,
    suppose: `custom:${name}`,
  });
}

/** TensorFlow 2.12 writes ReLU's numbers to `.keras` as arrays, which no release makes numbers of again. */
function refuseArrays(run: Run, config: PyDict, where: string): void {
  const key = ['max_value', 'negative_slope', 'threshold'].find(name => isDict(config[name] ?? null));
  if (key === undefined) return;
  obstacle(run, 'TypeError', "'<' not supported between instances of 'dict' and 'float'", {
    failure: 'keras-regression',
    evidence: { text: `${key} of ReLU is ${repr(config[key]!)}, not a number`, where, offset: null },
    suppose: `number:${where}`,
  });
}

export { bindClass, exception };
