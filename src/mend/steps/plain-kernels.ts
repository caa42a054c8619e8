/**
 * Kernels that only Keras 3 knows, for releases before it: 8-bit ones are divided by their scales, the low-rank ones of
 * LoRA are added to the kernel that they adapt (keras/src/layers/core/dense.py: _int8_call, and the property kernel).
 */

import { derivedTensor } from '../../eras/layouts/derived.ts';
import type { DTypePolicy, Layer, TensorRef } from '../../model/types.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { mapLayers } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

const float32: DTypePolicy = { name: 'float32', compute: 'float32', variable: 'float32' };

export const plainKernels: MendStep = {
  title: '8-bit and low-rank kernels as plain ones',
  apply(model, target, tell) {
    if (target.line === 'keras3') return model;
    return mapLayers(model, layer => withoutLora(withoutBits(withoutFloat8(layer, tell), tell), tell));
  },
};

/** The kernel itself is float32; scales and histories only say how inputs and kernel are rounded on their way. */
function withoutFloat8(layer: Layer, tell: Tell): Layer {
  if (layer.dtype.name !== 'float8_from_float32' || !/^(Dense|EinsumDense)$/.test(layer.className)) return layer;
  tell(changeOf(layer, 'float8 with scales', 'rounding of inputs and kernels to float8 is only in Keras 3'));
  const { dtype: _dtype, quantization_config: _quantization, ...config } = layer.config;
  const weights = layer.weights.filter(({ name }) => /^(kernel|bias)$/.test(name));
  return { ...layer, weights, config, dtype: float32 };
}

/** Scales belong to columns of a Dense kernel, to rows of an embedding. */
function withoutBits(layer: Layer, tell: Tell): Layer {
  const kinds = /^(Dense|EinsumDense|Embedding)$/;
  if (!/^int8_from_float32$/.test(layer.dtype.name) || !kinds.test(layer.className)) return layer;
  const main = layer.className === 'Embedding' ? 'embeddings' : 'kernel';
  const stored = tensorOf(layer, main);
  const scale = tensorOf(layer, `${main}_scale`);
  if (!stored || !scale) return layer;
  const placeOf = scalePlaces(layer, stored.shape);
  if (!placeOf) return layer;
  const plain = floats([stored, scale], stored.shape, '8-bit numbers divided by their scales', ([whole, by], at) => {
    return Number(whole?.data[at]) / Number(by?.data[placeOf(at)]);
  });
  tell(changeOf(layer, 'int8 with scales', '8-bit kernels and inputs that are rounded to 8 bits are only in Keras 3'));
  const { dtype: _dtype, quantization_config: _quantization, ...config } = layer.config;
  const weights = layer.weights
    .filter(({ name }) => name !== `${main}_scale`)
    .map(weight => (weight.name === main ? { ...weight, trainable: true, tensor: plain } : weight));
  return { ...layer, weights, config, dtype: float32 };
}

/** Which scale belongs to a number of the kernel; null for equations that do not name its axes. */
function scalePlaces(layer: Layer, shape: readonly number[]): ((at: number) => number) | null {
  const columns = shape.at(-1) ?? 1;
  if (layer.className === 'Dense') return at => at % columns;
  if (layer.className === 'Embedding') return at => Math.floor(at / columns);
  const [, kernel, output] = /^[^,]*,([a-zA-Z]+)->(?:\.\.\.)?([a-zA-Z]+)/.exec(String(layer.config.equation)) ?? [];
  if (kernel?.length !== shape.length || !output) return null;
  // One scale for each place of the kernel's axes that the result keeps, in the result's order.
  const strides = new Map<string, number>();
  let stride = 1;
  for (const label of [...output].reverse()) {
    if (!kernel.includes(label)) continue;
    strides.set(label, stride);
    stride *= shape[kernel.indexOf(label)] ?? 1;
  }
  return at => {
    let [rest, place] = [at, 0];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const size = shape[axis] ?? 1;
      place += (rest % size) * (strides.get(kernel[axis] as string) ?? 0);
      rest = Math.floor(rest / size);
    }
    return place;
  };
}

function withoutLora(layer: Layer, tell: Tell): Layer {
  const main = layer.className === 'Embedding' ? 'embeddings' : 'kernel';
  const kernel = tensorOf(layer, main);
  const first = layer.weights.find(({ name }) => new RegExp(`^lora_${main}_a$`).test(name))?.tensor;
  const second = layer.weights.find(({ name }) => new RegExp(`^lora_${main}_b$`).test(name))?.tensor;
  const rank = layer.config.lora_rank;
  // Without tensors of its own the adaption is in the stored kernel (dense.py: save_own_variables).
  if (typeof rank === 'number' && !first && !second) return withoutRank(layer);
  if (!kernel || !first || !second || typeof rank !== 'number') return layer;
  const alpha = typeof layer.config.lora_alpha === 'number' ? layer.config.lora_alpha : rank;
  const columns = kernel.shape.at(-1) ?? 1;
  const why = 'the low-rank product added to the kernel';
  const merged = floats([kernel, first, second], kernel.shape, why, ([base, a, b], at) => {
    const row = Math.floor(at / columns);
    let sum = 0;
    for (let inner = 0; inner < rank; inner += 1) {
      sum += Number(a?.data[row * rank + inner]) * Number(b?.data[inner * columns + (at % columns)]);
    }
    return Number(base?.data[at]) + (alpha / rank) * sum;
  });
  tell(changeOf(layer, `${main} with LoRA of rank ${rank}`, 'LoRA is only in Keras 3; the sum computes the same'));
  const weights = layer.weights
    .filter(({ name }) => !name.startsWith('lora_'))
    .map(weight => (weight.name === main ? { ...weight, trainable: true, tensor: merged } : weight));
  return withoutRank({ ...layer, weights });
}

function withoutRank(layer: Layer): Layer {
  const { lora_rank: _rank, lora_alpha: _alpha, ...config } = layer.config;
  return { ...layer, config };
}

function tensorOf(layer: Layer, name: string): TensorRef | null {
  return layer.weights.find(weight => weight.name === name)?.tensor ?? null;
}

function floats(
  parts: readonly TensorRef[],
  shape: readonly number[],
  why: string,
  number: (tensors: readonly Tensor[], at: number) => number,
): TensorRef {
  const made = derivedTensor(parts, shape, why, tensors => {
    const data = new Float32Array(elementCount(shape));
    for (let at = 0; at < data.length; at += 1) data[at] = number(tensors, at);
    return { dtype: 'float32', shape, data };
  });
  return { ...made, dtype: 'float32' };
}

function changeOf(layer: Layer, before: string, why: string): Parameters<Tell>[0] {
  return {
    failure: 'newer-file-older-keras',
    where: `layer ${layer.name}`,
    before,
    after: 'a plain float32 kernel',
    why,
  };
}
