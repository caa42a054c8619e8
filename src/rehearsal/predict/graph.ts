/**
 * What only shows when the graph runs: indices that an Embedding has no row for, numbers where text is wanted,
 * convolutions that TensorFlow does on a GPU only.
 */

import type { Layer, Model, TensorSpec } from '../../model/types.ts';
import { type Evidence, raise } from '../python/exception.ts';
import { differs, type Run, since } from '../run.ts';
import type { GivenInput } from './given.ts';

export function executeGraph(
  run: Run,
  model: Model,
  specs: readonly TensorSpec[],
  inputs: readonly GivenInput[],
): void {
  if (run.environment.backend === 'theano') return;
  if (run.legacyConfig) for (const layer of model.layers) lookUpTable(run, layer);
  for (const layer of model.layers) refuseChannelsFirst(run, layer);
  for (const [index, spec] of specs.entries()) {
    const given = inputs[index];
    if (!given) continue;
    if ((spec.dtype === 'string') !== (given.kind === 'text')) refuseKind(run, model, spec, given);
    lookUp(run, model, given, spec);
  }
}

/** Layers that the input goes into directly. */
function readers(model: Model, input: string): readonly Layer[] {
  return model.layers.filter(layer =>
    layer.calls.some(call => call.args.some(value => value.kind === 'tensor' && value.at.layer === input)),
  );
}

function refuseKind(run: Run, model: Model, spec: TensorSpec, { kind }: GivenInput): never {
  const [given, wanted] = kind === 'text' ? ['string', castName(spec.dtype)] : ['float', 'string'];
  raiseExecution(run, 'UnimplementedError', `Cast ${given} to ${wanted} is not supported`, `${model.name}/Cast`, {
    failure: 'input-shape-mismatch-predict',
    evidence: kindEvidence(spec, kind),
  });
}

/** How TensorFlow's kernels name a dtype. */
function castName(dtype: string): string {
  return { float32: 'float', float64: 'double', float16: 'half' }[dtype] ?? dtype;
}

/** Keras 3 asks for the arrays' dtypes before anything else (`standardize_dtype`). */
export function refuseText(specs: readonly TensorSpec[], inputs: readonly GivenInput[]): void {
  for (const [index, spec] of specs.entries()) {
    const given = inputs[index];
    if (given?.kind !== 'text' || spec.dtype === 'string') continue;
    const evidence = kindEvidence(spec, 'text');
    raise('ValueError', `Invalid dtype: str${32 * given.characters}`, {
      failure: 'input-shape-mismatch-predict',
      evidence,
    });
  }
}

function kindEvidence({ name }: TensorSpec, kind: GivenInput['kind']): Evidence {
  const text = kind === 'text' ? 'takes numbers, text is given' : 'takes text, numbers are given';
  return { text: `input "${name}" ${text}`, where: null, offset: null };
}

/** An index that a table of rows does not have. */
export interface MissingRow {
  readonly layer: string;
  readonly rows: number;
  readonly worst: number;
}

/** The first Embedding behind the input that has no row for one of its values; null where all have. */
export function missingRow(model: Model, { name }: TensorSpec, range: GivenInput['range']): MissingRow | null {
  for (const layer of readers(model, name)) {
    const rows = layer.className === 'Embedding' ? layer.config.input_dim : null;
    if (typeof rows !== 'number' || range === null || (range[0] >= 0 && range[1] < rows)) continue;
    return { layer: layer.name, rows, worst: range[1] >= rows ? range[1] : range[0] };
  }
  return null;
}

function lookUp(run: Run, model: Model, { range, shape }: GivenInput, spec: TensorSpec): void {
  const missing = missingRow(model, spec, range);
  if (!missing) return;
  const { layer, rows, worst } = missing;
  const evidence = {
    text: `input "${spec.name}" holds ${worst}, and "${layer}" has ${rows} rows`,
    where: layer,
    offset: null,
  };
  const facts = { failure: 'input-out-of-range', evidence };
  if (run.environment.backend === 'jax') return differs(run, facts.failure, evidence);
  const at = shape.map(() => 0).join(',');
  raiseExecution(
    run,
    'InvalidArgumentError',
    `indices[${at}] = ${worst} is not in [0, ${rows})`,
    `${layer}/embedding_lookup`,
    facts,
  );
}

/** TensorFlow's CPU convolves pictures with channels last only; standalone Keras 2 turned them round. */
function refuseChannelsFirst(run: Run, { className, config, name }: Layer): void {
  const { line, backend } = run.environment;
  if (backend !== 'tensorflow' || line === 'keras1' || line === 'keras2') return;
  if (!/^(Depthwise|Separable)?Conv2D$/.test(className) || config.data_format !== 'channels_first') return;
  const text =
    'The Conv2D op currently only supports the NHWC tensor format on the CPU. The op was given the format: NCHW';
  raiseExecution(run, 'UnimplementedError', text, `${name}/Conv2D`, {
    failure: 'tool-limitation',
    evidence: {
      text: `"${name}" takes channels first, which TensorFlow computes on a GPU only`,
      where: name,
      offset: null,
    },
  });
}

const lookups = /^(StringLookup|IntegerLookup|TextVectorization)$/;

/** Keras 3 keeps an adapted vocabulary in the assets of a `.keras` archive; an HDF5 file has no place for it. */
function lookUpTable(run: Run, { className, config, name }: Layer): void {
  if (!lookups.test(className) || (config.vocabulary ?? null) !== null) return;
  const facts = {
    failure: 'lookup-table-preprocessing-state',
    evidence: { text: `the file does not hold the vocabulary of "${name}"`, where: name, offset: null },
  };
  if (config.output_mode === 'tf_idf') {
    const text = "'StringLookup' object has no attribute 'idf_weights_const'";
    raise(
      'AttributeError',
      `Exception encountered when calling ${className}.call().\n\n\u001b[1m${text}\u001b[0m`,
      facts,
    );
  }
  raiseExecution(
    run,
    'FailedPreconditionError',
    'Table not initialized.',
    `${name}/None_Lookup/LookupTableFindV2`,
    facts,
  );
}

/** How TensorFlow tells of an operation that failed. */
function raiseExecution(run: Run, type: string, text: string, node: string, facts: object): never {
  const { line } = run.environment;
  if (line === 'keras3' || line === 'tf_keras' || (line === 'tf.keras' && since(run, '2.8'))) {
    raise(
      type,
      `Graph execution error:\n\nDetected at node ${node} defined at (most recent call last):\n${text}`,
      facts,
    );
  }
  raise(type, `${line === 'tf.keras' && since(run, '2.0') ? ' ' : ''}${text}\n\t [[{{node ${node}}}]]`, facts);
}
