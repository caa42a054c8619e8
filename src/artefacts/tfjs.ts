/**
 * TensorFlow.js layers models: `model.json` with Keras's own config and a manifest of weights that lie one after the
 * other in binary shards (tfjs-converter's keras_h5_conversion; tfjs-core's io/types.ts).
 */

import { sliceSource } from '../bytes/slice.ts';
import type { ByteSource } from '../bytes/source.ts';
import { type Era, eraOf } from '../eras/era.ts';
import { isRecord } from '../eras/normalise/values.ts';
import { traceProvenance } from '../eras/provenance.ts';
import type { Finding } from '../findings/finding.ts';
import { parseDType } from '../layers/policy.ts';
import type { Artefact, Json, JsonObject, Layer, Model, Provenance, TensorRef } from '../model/types.ts';
import { bytesPerElement, type DType, viewBytes } from '../numbers/dtype.ts';
import { decodeFloat16 } from '../numbers/float16.ts';
import { elementCount } from '../numbers/tensor.ts';
import { readTraining } from './config/training.ts';
import { censusOf } from './custom-objects.ts';
import { describeModel } from './describe-model.ts';
import type { Reading } from './reading.ts';
import { unknown } from './sniff.ts';
import { bindLegacy } from './weights/bind-legacy.ts';
import type { StoredLayer } from './weights/legacy-file.ts';
import type { StoredWeight } from './weights/match.ts';

/** Reads `model.json`. Shards are looked for beside it. Throws `unknown-format` for graph models, which hold no Keras model. */
export async function readTfjs(stored: JsonObject, source: ByteSource, reading: Reading): Promise<Artefact> {
  const topology = isRecord(stored.modelTopology) ? stored.modelTopology : {};
  const config = topology.model_config ?? (typeof topology.class_name === 'string' ? topology : undefined);
  if (config === undefined || stored.format === 'graph-model') {
    throw unknown(
      source,
      'it is a TensorFlow.js graph model, which holds no Keras model',
      'Run it with TensorFlow.js, or give the Keras model that it was made of.',
    );
  }
  const findings: Finding[] = [];
  const parsed = withInferredSizes(typeof config === 'string' ? (JSON.parse(config) as Json) : config);
  const { provenance, era } = writerOf(topology, parsed);
  const weights = await manifestWeights(stored.weightsManifest ?? [], findings, reading);
  const described = describeModel(parsed, era, 'model.json', findings, reading.customObjects);
  const layers = described ? byLayer(weights, described.model) : [];
  const training = topology.training_config ?? stored.trainingConfig ?? null;
  return {
    name: reading.name,
    format: 'tfjs-layers',
    provenance,
    model: described && bindLegacy(described.model, described.inferred, layers, era, findings),
    training: readTraining(training, []),
    tensors: weights.map(weight => weight.tensor),
    customObjects: censusOf(parsed, training, era, 'model.json'),
    findings,
    close: async () => source.close?.(),
  };
}

/** TensorFlow.js saves the size of Reshape that is worked out as null, Keras as −1. */
function withInferredSizes(value: Json): Json {
  if (Array.isArray(value)) return value.map(withInferredSizes);
  if (!isRecord(value)) return value;
  const inside = Object.entries(value).map(([key, held]): [string, Json] => {
    const isShape = key === 'target_shape' && Array.isArray(held);
    return [key, isShape ? held.map(size => size ?? -1) : withInferredSizes(held as Json)];
  });
  return Object.fromEntries(inside);
}

/** What TensorFlow.js itself saves has the configs of tf.keras 2, whose words its layers follow. */
const ownEra: Era = { line: 'tf.keras', keras: '2.10.0', backend: 'tensorflow' };

/** Who wrote it, and how its configs are to be understood: a converter leaves what the Keras model said of itself. */
function writerOf(topology: JsonObject, config: Json): { readonly provenance: Provenance; readonly era: Era } {
  const version = typeof topology.keras_version === 'string' ? topology.keras_version : null;
  if (version?.startsWith('tfjs-layers')) {
    const evidence = [`${version} is stated by modelTopology.keras_version: TensorFlow.js saved it`];
    return { provenance: { line: null, keras: null, tensorflow: null, backend: null, evidence }, era: ownEra };
  }
  const provenance = traceProvenance({
    kerasVersion: version === null ? null : { text: version, where: 'modelTopology.keras_version' },
    backend: typeof topology.backend === 'string' ? topology.backend : null,
    config,
  });
  return { provenance, era: eraOf(provenance) };
}

/**
 * Weights are named `dense/kernel`, also those of layers in a model inside, which has no name there; older converters put
 * the group's name before.
 */
function byLayer(weights: readonly StoredWeight[], model: Model): StoredLayer[] {
  const owners = new Map<string, string[]>();
  for (const layer of model.layers) {
    const { name } = layer;
    // A model that stands in several others has its weights once.
    for (const within of modelsIn(layer).flatMap(namesWithin))
      owners.set(within, [...(owners.get(within) ?? []), name]);
  }
  for (const { name } of model.layers) owners.set(name, [name]);
  const longestFirst = [...owners.keys()].sort((a, b) => b.length - a.length);
  const layers = new Map<string, StoredWeight[]>(model.layers.map(({ name }) => [name, []]));
  for (const weight of weights) {
    const found = longestFirst.find(name => weight.name === name || weight.name.startsWith(`${name}/`));
    const own = (found === undefined ? undefined : owners.get(found)) ?? [weight.name.split('/')[0]!];
    for (const owner of new Set(own)) layers.set(owner, [...(layers.get(owner) ?? []), weight]);
  }
  return [...layers].map(([name, held]) => ({ name, weights: held }));
}

/** The model that a layer is, or those that it holds, as TimeDistributed does. */
function modelsIn({ model, sublayers }: Layer): Model[] {
  const held = (Object.values(sublayers).flat() as Layer[]).flatMap(modelsIn);
  return model ? [model, ...held] : held;
}

function namesWithin(model: Model): string[] {
  return model.layers.flatMap(layer => [layer.name, ...modelsIn(layer).flatMap(namesWithin)]);
}

async function manifestWeights(manifest: Json, findings: Finding[], reading: Reading): Promise<StoredWeight[]> {
  const weights: StoredWeight[] = [];
  for (const group of Array.isArray(manifest) ? manifest : []) {
    if (!isRecord(group)) continue;
    const paths = (Array.isArray(group.paths) ? group.paths : []).filter(
      (path): path is string => typeof path === 'string',
    );
    const shards = await Promise.all(
      paths.map(async path => ({ path, source: (await reading.beside?.file(path)) ?? null })),
    );
    for (const { path } of shards.filter(({ source }) => source === null)) {
      const what = `the shard "${path}" is not beside model.json`;
      findings.push({ code: 'shard-missing', severity: 'error', what, at: { path } });
    }
    const there = shards.every(({ source }) => source !== null);
    const joined = there
      ? joinedSource(
          shards.map(({ source }) => source!),
          paths,
        )
      : null;
    let offset = 0;
    for (const entry of Array.isArray(group.weights) ? group.weights : []) {
      const weight = isRecord(entry) ? manifestTensor(entry, joined, offset, paths[0] ?? 'model.json') : null;
      if (!weight) continue;
      offset += weight.bytes;
      weights.push(weight.stored);
    }
  }
  return weights;
}

interface ManifestTensor {
  readonly stored: StoredWeight;
  readonly bytes: number;
}

/** One entry; quantised ones are numbers of 1 or 2 bytes to be scaled. */
function manifestTensor(
  entry: JsonObject,
  joined: ByteSource | null,
  offset: number,
  path: string,
): ManifestTensor | null {
  const { name, shape, quantization } = entry;
  const dtype = parseDType(entry.dtype);
  if (typeof name !== 'string' || !Array.isArray(shape) || dtype === null) return null;
  const sizes = shape.map(Number);
  const scale = isRecord(quantization) ? quantization : null;
  const storedType: DType = (scale && parseDType(scale.dtype)) ?? dtype;
  const bytes = elementCount(sizes) * bytesPerElement[storedType];
  const inside = joined !== null && offset + bytes <= joined.size;
  const tensor: TensorRef = {
    path: name,
    shape: sizes,
    dtype,
    storage: scale ? 'shard, quantised' : 'shard',
    plain: inside && !scale ? { source: joined, offset, length: bytes } : null,
    at: { path, offset, length: bytes },
    conversions: scale ? ['scaled back from quantised numbers'] : [],
    async read(options) {
      if (!joined) throw unknown({ name: path }, 'the shard is missing', 'Put the shards beside model.json.');
      const data = viewBytes(storedType as Exclude<DType, 'string'>, await joined.read(offset, bytes, options));
      if (storedType === 'float16')
        return { dtype, shape: sizes, data: Float32Array.from(data as Uint16Array, decodeFloat16) };
      return { dtype, shape: sizes, data: scale ? rescaled(data, scale) : data };
    },
  };
  return { stored: { name, tensor }, bytes };
}

function rescaled(data: ArrayLike<number | bigint>, { scale, min }: JsonObject): Float32Array {
  return Float32Array.from(data as ArrayLike<number>, value => Number(value) * Number(scale ?? 1) + Number(min ?? 0));
}

/** Shards one after the other as one source. */
function joinedSource(shards: readonly ByteSource[], paths: readonly string[]): ByteSource {
  if (shards.length === 1) return sliceSource(shards[0]!, 0, shards[0]!.size, paths[0]);
  const starts = shards.map((_, index) => shards.slice(0, index).reduce((sum, shard) => sum + shard.size, 0));
  const size = shards.reduce((sum, shard) => sum + shard.size, 0);
  return {
    name: paths.join(', '),
    size,
    async read(offset, length, options) {
      const result = new Uint8Array(length);
      for (const [index, shard] of shards.entries()) {
        const from = Math.max(offset, starts[index]!);
        const to = Math.min(offset + length, starts[index]! + shard.size);
        if (from < to) result.set(await shard.read(from - starts[index]!, to - from, options), from - offset);
      }
      return result;
    },
  };
}
