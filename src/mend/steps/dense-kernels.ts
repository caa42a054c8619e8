/**
 * Kernels in the only form that older releases have: grouped convolutions with zeros between the groups, locally
 * connected ones as one kernel for each position, and depthwise ones whole where the release or Theano has none.
 */

import { derivedTensor } from '../../eras/layouts/derived.ts';
import { isTarget, type Target, targetForm, targetHas } from '../../eras/write/target.ts';
import { receptiveField } from '../../layers/connections.ts';
import type { Layer, TensorRef, Weight } from '../../model/types.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { mapLayers } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

export const denseKernels: MendStep = {
  title: 'grouped and locally connected kernels in the form that older releases have',
  apply(model, target, tell) {
    return mapLayers(model, layer => {
      return ungrouped(unseparated(byPosition(layer, target, tell), target, tell), target, tell);
    });
  },
};

/** `groups` came with TF 2.3; on the CPU it does not run before 2.5 at least, and does in 2.8. */
function lacksGroups(target: Target): boolean {
  if (target.line === 'keras1' || target.line === 'keras2') return true;
  return target.line === 'tf.keras' && !isTarget(target, 'tf.keras', '2.8');
}

function ungrouped(layer: Layer, target: Target, tell: Tell): Layer {
  const groups = layer.config.groups;
  const kernel = layer.weights.find(({ name }) => name === 'kernel')?.tensor;
  if (!/^Conv[123]D$/.test(layer.className) || typeof groups !== 'number' || groups < 2) return layer;
  if (!kernel || !lacksGroups(target)) return layer;
  const whole = blocks(kernel, groups);
  tell(changeOf(layer, `${groups} groups`, 'one kernel with zeros between the groups'));
  return withKernel({ ...layer, config: { ...layer.config, groups: 1 } }, whole);
}

/** (…, in / groups, out) to (…, in, out): what belongs to other groups is zero. */
function blocks(kernel: TensorRef, groups: number): TensorRef {
  const [into, out] = kernel.shape.slice(-2) as [number, number];
  const shape = [...kernel.shape.slice(0, -2), into * groups, out];
  return derivedTensor([kernel], shape, 'zeros between the groups', ([stored]) => {
    const { data, dtype } = stored as Tensor;
    const whole = new (data.constructor as Float32ArrayConstructor)(elementCount(shape));
    const spots = elementCount(kernel.shape.slice(0, -2));
    for (let at = 0; at < spots * into * out; at += 1) {
      const column = at % out;
      const row = Math.floor(at / out) % into;
      const spot = Math.floor(at / (out * into));
      const group = Math.floor(column / (out / groups));
      whole[(spot * into * groups + group * into + row) * out + column] = data[at] as number;
    }
    return { dtype, shape, data: whole } as Tensor;
  });
}

/** Theano has no separate convolutions; `DepthwiseConv2D` came with Keras 2.1.5, on the others `SeparableConv2D` is there. */
function separatesNot(target: Target, kind: string): boolean {
  return target.backend === 'theano' || (kind === 'Depthwise' && !targetHas(target, 'layers', 'DepthwiseConv2D'));
}

/** Depthwise kernels and what mixes them make one kernel: nothing is between them that is not linear. */
function unseparated(layer: Layer, target: Target, tell: Tell): Layer {
  const [, kind] = /^(Depthwise|Separable)Conv2D$/.exec(layer.className) ?? [];
  const tensorOf = (name: RegExp) => layer.weights.find(weight => name.test(weight.name))?.tensor;
  const [depthwise, pointwise] = [tensorOf(/^(depthwise_)?kernel$/), tensorOf(/^pointwise_kernel$/)];
  if (!kind || !separatesNot(target, kind) || !depthwise || (kind === 'Separable' && !pointwise)) return layer;
  const kernel = wholeKernel(depthwise, pointwise ?? null);
  const filters = kernel.shape.at(-1) as number;
  tell(changeOf(layer, layer.className, 'one kernel over all channels'));
  const { depth_multiplier: _multiplier, ...config } = layer.config;
  const bias = layer.weights.filter(({ name }) => name === 'bias');
  return {
    ...layer,
    className: 'Conv2D',
    config: { ...config, filters },
    weights: [{ name: 'kernel', shape: kernel.shape, trainable: true, tensor: kernel }, ...bias],
  };
}

/** (rows, columns, in, multiplier) and (1, 1, in × multiplier, out) to (rows, columns, in, out). */
function wholeKernel(depthwise: TensorRef, pointwise: TensorRef | null): TensorRef {
  const [rows, columns, into, multiplier] = depthwise.shape as readonly [number, number, number, number];
  const between = into * multiplier;
  const out = pointwise?.shape.at(-1) ?? between;
  const shape = [rows, columns, into, out];
  const parts = pointwise ? [depthwise, pointwise] : [depthwise];
  return derivedTensor(parts, shape, 'one kernel over all channels', ([apart, mixed]) => {
    const { data, dtype } = apart as Tensor;
    const whole = new Float32Array(elementCount(shape));
    for (let at = 0; at < rows * columns * between; at += 1) {
      const [spot, channel] = [Math.floor(at / between), at % between];
      const to = (spot * into + Math.floor(channel / multiplier)) * out;
      if (!mixed) whole[to + channel] = Number(data[at]);
      else
        for (let unit = 0; unit < out; unit += 1)
          addTo(whole, to + unit, Number(data[at]) * Number(mixed.data[channel * out + unit]));
    }
    return { dtype, shape, data: whole } as Tensor;
  });
}

function addTo(numbers: Float32Array, at: number, more: number): void {
  numbers[at] = (numbers[at] as number) + more;
}

/** Keras knew only the form of `implementation=1` before TF 1.14. */
function byPosition(layer: Layer, target: Target, tell: Tell): Layer {
  const { implementation, data_format: format } = layer.config;
  const kernel = layer.weights.find(({ name }) => name === 'kernel')?.tensor;
  if (!/^LocallyConnected[12]D$/.test(layer.className) || implementation !== 2 || !kernel) return layer;
  const form = targetForm(target, 'layers', layer.className);
  if (form === null || 'implementation' in form || format === 'channels_first') return layer;
  tell(changeOf(layer, 'implementation 2', 'the same numbers position by position'));
  const config = { ...layer.config, implementation: 1 };
  return withKernel(
    { ...layer, config },
    positions(kernel, numbersOf(layer.config.kernel_size), numbersOf(layer.config.strides)),
  );
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? (value as number[]) : [value as number];
}

/** From (input…, channels, output…, filters) to (positions, window × channels, filters), without padding. */
function positions(kernel: TensorRef, window: readonly number[], strides: readonly number[]): TensorRef {
  const rank = window.length;
  const input = kernel.shape.slice(0, rank);
  const channels = kernel.shape[rank] as number;
  const output = kernel.shape.slice(rank + 1, 2 * rank + 1);
  const filters = kernel.shape.at(-1) as number;
  const shape = [elementCount(output), elementCount(window) * channels, filters];
  return derivedTensor([kernel], shape, 'one kernel for each position', ([stored]) => {
    const { data, dtype } = stored as Tensor;
    const whole = new (data.constructor as Float32ArrayConstructor)(elementCount(shape));
    const outputs = elementCount(output) * filters;
    let to = 0;
    for (const at of receptiveField(output)) {
      for (const offset of receptiveField(window)) {
        const cell = offset.map((step, axis) => (at[axis] as number) * (strides[axis] ?? 1) + step);
        for (let channel = 0; channel < channels; channel += 1) {
          const from = (flat(cell, input) * channels + channel) * outputs + flat(at, output) * filters;
          for (let filter = 0; filter < filters; filter += 1) whole[to++] = data[from + filter] as number;
        }
      }
    }
    return { dtype, shape, data: whole } as Tensor;
  });
}

function flat(place: readonly number[], sizes: readonly number[]): number {
  return place.reduce((sum, index, axis) => sum * (sizes[axis] as number) + index, 0);
}

function withKernel(layer: Layer, tensor: TensorRef): Layer {
  const weights = layer.weights.map((weight): Weight => {
    return weight.name === 'kernel' ? { ...weight, shape: tensor.shape, tensor } : weight;
  });
  return { ...layer, weights };
}

function changeOf(layer: Layer, before: string, after: string): Parameters<Tell>[0] {
  return {
    failure: 'newer-file-older-keras',
    where: `layer ${layer.name}, kernel`,
    before,
    after,
    why: 'the release has no other form; the sums are the same',
  };
}
