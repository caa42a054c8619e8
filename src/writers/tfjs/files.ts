/** The files of a TensorFlow.js layers model: shards of weights, streamed, and `model.json` that names them. */

import type { ByteSink } from '../../bytes/sink.ts';
import type { ReadOptions } from '../../bytes/source.ts';
import type { JsonObject, TensorRef } from '../../model/types.ts';
import { bytesOf, type DType, type TypedArray } from '../../numbers/dtype.ts';
import { packNumbers, unpackNumbers } from '../../numbers/pack.ts';
import { elementCount } from '../../numbers/tensor.ts';
import type { NamedTensor } from '../safetensors.ts';
import { tensorChunks } from '../tensors.ts';

export type Quantization = 'float16' | 'uint8';

export interface TfjsContent {
  /** `{class_name, config}` in the words of TensorFlow.js. */
  readonly config: JsonObject;
  readonly weights: readonly NamedTensor[];
  readonly quantize: Quantization | null;
  readonly kerasVersion: string;
  readonly convertedBy: string;
}

/** Opens a file of the folder by name; `closed` files are whole. */
export type OpenFile = (name: string) => Promise<ByteSink>;

/** What the converter of TensorFlow.js cuts weights into. */
const shardSize = 4 << 20;

/** Writes all files; closes each. */
export async function writeTfjs(content: TfjsContent, open: OpenFile, options: ReadOptions = {}): Promise<void> {
  const stored = content.weights.map(({ tensor }) => storedType(tensor, content.quantize));
  const width = (type: DType) => ({ float16: 2, uint8: 1, bool: 1 })[type as 'bool'] ?? 4;
  const total = content.weights.reduce(
    (sum, { tensor }, at) => sum + elementCount(tensor.shape) * width(stored[at]!),
    0,
  );
  const count = Math.ceil(total / shardSize);
  const paths = Array.from({ length: count }, (_, at) => `group1-shard${at + 1}of${count}.bin`);
  const shards = shardWriter(paths, open);
  const entries: JsonObject[] = [];
  for (const { name, tensor } of content.weights) {
    const { entry, chunks } = await encoded(name, tensor, content.quantize, options);
    entries.push(entry);
    for await (const chunk of chunks) await shards.write(chunk);
  }
  await shards.close();
  const model = await open('model.json');
  await model.write(new TextEncoder().encode(JSON.stringify(modelJson(content, paths, entries))));
  await model.close();
}

function modelJson(content: TfjsContent, paths: readonly string[], weights: readonly JsonObject[]): JsonObject {
  return {
    format: 'layers-model',
    generatedBy: `keras v${content.kerasVersion}`,
    convertedBy: content.convertedBy,
    modelTopology: { keras_version: content.kerasVersion, backend: 'tensorflow', model_config: content.config },
    weightsManifest: [{ paths, weights }],
  };
}

/** The dtype that TensorFlow.js has for a variable, quantised where it is a float. What the mend put in is kept whole. */
function storedType({ dtype, storage }: TensorRef, quantize: Quantization | null): DType {
  const type = plainType(dtype);
  return type === 'float32' && storage !== 'constant' ? (quantize ?? type) : type;
}

function plainType(dtype: DType): 'float32' | 'int32' | 'bool' {
  if (dtype === 'bool') return dtype;
  return /^u?int/.test(dtype) ? 'int32' : 'float32';
}

interface Encoded {
  readonly entry: JsonObject;
  readonly chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[];
}

async function encoded(
  name: string,
  tensor: TensorRef,
  quantize: Quantization | null,
  options: ReadOptions,
): Promise<Encoded> {
  const dtype = plainType(tensor.dtype);
  const entry = { name, shape: tensor.shape, dtype };
  const type = storedType(tensor, quantize);
  if (type === tensor.dtype) return { entry, chunks: tensorChunks(tensor, options) };
  const numbers = unpackNumbers(await tensor.read(options));
  if (type === 'uint8') {
    const { levels, scale, min } = inLevels(numbers);
    return { entry: { ...entry, quantization: { dtype: type, original_dtype: dtype, scale, min } }, chunks: [levels] };
  }
  const chunks = [bytesOf(packNumbers(numbers, type) as TypedArray)];
  if (type !== 'float16') return { entry, chunks };
  return { entry: { ...entry, quantization: { dtype: type, original_dtype: dtype } }, chunks };
}

/** 256 levels from the smallest to the largest number, one of which is zero itself, so that zeros stay zeros. */
function inLevels(numbers: ArrayLike<number>): { levels: Uint8Array; scale: number; min: number } {
  let [low, high] = [0, 0];
  for (let index = 0; index < numbers.length; index += 1) {
    const value = numbers[index]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? (high - low) / 255 : 1;
  const min = -Math.round(-low / scale) * scale;
  const levels = Uint8Array.from(numbers, value => Math.min(255, Math.max(0, Math.round((value - min) / scale))));
  return { levels, scale, min };
}

/** Cuts what is written into files of one size. */
function shardWriter(paths: readonly string[], open: OpenFile) {
  let sink: ByteSink | null = null;
  let [shard, free] = [0, 0];
  return {
    async write(bytes: Uint8Array): Promise<void> {
      for (let at = 0; at < bytes.byteLength; ) {
        if (free === 0) {
          await sink?.close();
          sink = await open(paths[shard]!);
          shard += 1;
          free = shardSize;
        }
        const part = bytes.subarray(at, at + free);
        await sink!.write(part);
        at += part.byteLength;
        free -= part.byteLength;
      }
    },
    async close(): Promise<void> {
      await sink?.close();
    },
  };
}
