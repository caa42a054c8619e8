/** A layer's constructor in Keras 3: binding, the base class, what it looks up. Facts: layers/layer.py, ops/operation.py. */

import type { Built } from '../built.ts';
import { bindClass, identifierSpace, keywordFacts } from '../legacy/identifiers.ts';
import { bind, functionName } from '../python/call.ts';
import { raise } from '../python/exception.ts';
import { repr } from '../python/repr.ts';
import { copyDict, has, isDict, isList, type PyDict, put, typeName } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';
import { refusesUnsafe } from './deserialize.ts';
import { getIdentifier } from './identifiers.ts';
import type { FoundObject } from './retrieve.ts';

export interface Held {
  readonly inner?: readonly Built[];
  readonly passed?: readonly string[];
}

const base = ['activity_regularizer', 'trainable', 'dtype', 'autocast', 'name'];

/** Keywords that constructors or the base class take out of `**kwargs`. */
function taken(run: Run, className: string, bases: readonly string[]): readonly string[] {
  const always = ['input_dim', 'input_shape'];
  if (bases.includes('BaseConvTranspose')) return [...always, 'output_padding'];
  if (bases.includes('BaseImagePreprocessingLayer')) return [...always, 'factor', 'bounding_box_format', 'data_format'];
  if (/^(LSTM|GRU)(Cell)?$/.test(className)) return [...always, 'implementation'];
  if (className === 'LeakyReLU') return [...always, 'alpha'];
  if (className === 'Embedding' && since(run, '3.2')) return [...always, 'input_length'];
  if (/Lookup$/.test(className)) return [...always, 'vocabulary_size', 'has_input_vocabulary'];
  if (className === 'TextVectorization') return [...always, 'vocabulary_size', 'has_input_vocabulary'];
  return always;
}

export function constructLayer3(run: Run, found: FoundObject, config: PyDict, where: string, held: Held = {}): Built {
  const name = typeof config.name === 'string' ? config.name : '';
  const built: Built = {
    className: found.name,
    name,
    own: found.own,
    facts: found.facts,
    config,
    inner: held.inner ?? [],
    layers: null,
    where,
  };
  if (found.own || !found.facts?.parameters) return built;
  bindParameters(run, found, [...(held.passed ?? []), ...Object.keys(config)], where);
  if (found.space === 'ops') return built;
  requireTensorflow(run, found.name, where);
  if (found.name === 'InputLayer') {
    checkInput(run, config, where);
    return built;
  }
  const cell = /^(LSTM|GRU|SimpleRNN|ConvLSTM[123]D)$/.test(found.name);
  if (cell) lookUp(run, found, config, where);
  checkName(run, config, where);
  checkDtype(config, where);
  getIdentifier(run, 'regularizers', config.activity_regularizer, `${where}/config/activity_regularizer`);
  refuseUnknown(run, found, config, where);
  if (!cell) lookUp(run, found, config, where);
  if (found.name === 'BatchNormalization') checkAxis(run, config, where);
  if (/Lookup$|^TextVectorization$/.test(found.name)) checkVocabulary(run, config, where);
  if (found.name === 'RandomShear') checkShear(run, config, where);
  return built;
}

/** From 3.12 on safe mode reads no vocabulary from outside the archive. */
function checkVocabulary(run: Run, { vocabulary }: PyDict, where: string): void {
  if (typeof vocabulary !== 'string' || !since(run, '3.12') || !refusesUnsafe(run)) return;
  const text = `Requested the loading of a vocabulary file outside of the model archive. This carries a potential risk of loading arbitrary and sensitive files and thus it is disallowed by default. If you trust the source of the artifact, you can override this error by passing \`safe_mode=False\` to the loading function, or calling \`keras.config.enable_unsafe_deserialization(). Vocabulary file: '${vocabulary}'`;
  obstacle(run, 'ValueError', text, {
    failure: 'malicious-config',
    evidence: { text: `the vocabulary is a path, "${vocabulary}"`, where: `${where}/config/vocabulary`, offset: null },
    suppose: 'unsafe',
  });
}

/** tf.keras writes lists of axes, and Keras 3 takes one number. */
function checkAxis(run: Run, { axis }: PyDict, where: string): void {
  if (!isList(axis)) return;
  obstacle(run, 'TypeError', "int() argument must be a string, a bytes-like object or a real number, not 'list'", {
    failure: 'keras2-file-in-keras3',
    evidence: { text: `axis is ${repr(axis)}, where Keras 3 takes one number`, where, offset: null },
    suppose: `axis:${where}`,
  });
}

/** RandomShear writes its factors as a range around zero, and refuses to read what lies below. */
function checkShear(run: Run, config: PyDict, where: string): void {
  for (const key of ['x_factor', 'y_factor']) {
    const below = [config[key] ?? 0].flat().find(value => typeof value === 'number' && (value < 0 || value > 1));
    if (below === undefined) continue;
    const text = `The \`factor\` argument should be a number (or a list of two numbers) in the range [0, 1.0]. Received: input_number=${repr(below)}`;
    obstacle(run, 'ValueError', text, {
      failure: 'keras-regression',
      evidence: { text: `${key} is ${repr(config[key]!)}: RandomShear cannot read what it wrote`, where, offset: null },
      suppose: `shear:${where}`,
    });
  }
}

/** Layers that compute with TensorFlow whatever the backend. */
const onTensorflow = ['StringLookup', 'IntegerLookup', 'TextVectorization', 'Hashing', 'HashedCrossing'];

function requireTensorflow(run: Run, className: string, where: string): void {
  if (run.environment.tensorflow !== null || !onTensorflow.includes(className)) return;
  obstacle(run, 'ImportError', `Layer ${className} requires TensorFlow. Install it via \`pip install tensorflow\`.`, {
    failure: 'broken-install',
    evidence: { text: `${className} needs TensorFlow, and this environment has none`, where, offset: null },
    suppose: `tensorflow:${className}`,
  });
}

function bindParameters(run: Run, found: FoundObject, keywords: readonly string[], where: string): void {
  const { parameters, keywords: open, positional } = found.facts!;
  if (run.supposed.has(`missing:${found.name}`)) return;
  if (parameters!.length === 0 && open && positional) return bindClass(run, found.facts!, {}, where);
  const kept = keywords.filter(keyword => !run.supposed.has(`keyword:${found.name}.${keyword}`));
  bind(
    { parameters: parameters!, keywords: open },
    kept,
    functionName(found.name, '__init__', run.environment.python),
    keyword => {
      const facts = keywordFacts(run, found.name, keyword, where);
      return kept.includes(keyword) ? facts : { ...facts, suppose: `missing:${found.name}` };
    },
  );
}

function checkInput(run: Run, config: PyDict, where: string): void {
  checkName(run, config, where);
  const old = since(run, '3.0.2') ? ['batch_input_shape', 'input_shape'] : ['input_shape'];
  const shape = ['shape', 'batch_shape', ...old].find(key => config[key] !== undefined && config[key] !== null);
  if (shape) return;
  obstacle(run, 'ValueError', 'You must pass a `shape` argument.', {
    failure: 'input-shape-unknown',
    evidence: { text: 'the InputLayer has no shape under a name that Keras 3 reads', where, offset: null },
    suppose: `shape:${where}`,
  });
}

function checkName(run: Run, config: PyDict, where: string): void {
  const name = config.name;
  if (name === undefined || name === null || (typeof name === 'string' && !name.includes('/'))) return;
  const text = `Argument \`name\` must be a string and cannot contain character \`/\`. Received: name=${typeof name === 'string' ? name : repr(name)} (of type <class '${typeName(name)}'>)`;
  obstacle(run, 'ValueError', text, {
    failure: 'keras2-file-in-keras3',
    evidence: {
      text: `the layer is named ${repr(name)}; Keras 3 allows no slash in names`,
      where: `${where}/config/name`,
      offset: null,
    },
    suppose: `name:${where}`,
  });
}

const dtypes =
  /^(float(16|32|64|8_\w+)|bfloat16|u?int(8|16|32|64)|bool|string|complex(64|128)|mixed_\w+|\w+_from_\w+)$/;

function checkDtype(config: PyDict, where: string): void {
  const { dtype } = config;
  if (dtype === undefined || dtype === null || (typeof dtype === 'string' && dtypes.test(dtype))) return;
  if (isDict(dtype)) return;
  raise(
    'ValueError',
    `Cannot convert '${String(dtype)}' to a mixed precision DTypePolicy. Valid policies include 'mixed_float16', 'mixed_bfloat16', and the name of any float dtype such as 'float32'.`,
    {
      failure: 'mixed-precision-policy',
      evidence: { text: `dtype ${repr(dtype)}`, where, offset: null },
    },
  );
}

function refuseUnknown(run: Run, found: FoundObject, config: PyDict, where: string): void {
  const { parameters, inherited } = found.facts!;
  const known = new Set([
    ...parameters!.map(({ name }) => name),
    ...inherited,
    ...base,
    ...taken(run, found.name, found.facts!.bases),
  ]);
  const unknown = Object.keys(config).filter(
    key => !known.has(key) && !run.supposed.has(`keyword:${found.name}.${key}`),
  );
  if (unknown.length === 0) return;
  const left: PyDict = copyDict(
    config,
    Object.keys(config).filter(key => !unknown.includes(key)),
  );
  const facts = keywordFacts(run, found.name, unknown[0]!, where);
  obstacle(run, 'ValueError', `Unrecognized keyword arguments passed to ${found.name}: ${repr(left)}`, facts);
}

const order = ['activations', 'initializers', 'regularizers', 'constraints'] as const;

function lookUp(run: Run, found: FoundObject, config: PyDict, where: string): void {
  const names = found.facts!.parameters!.map(({ name }) => name);
  for (const space of order)
    for (const name of names)
      if (name !== 'activity_regularizer' && identifierSpace(name) === space && has(config, name))
        getIdentifier(run, space, config[name], `${where}/config/${name}`);
}

export { put };
