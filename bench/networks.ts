/** Well-known networks as Keras 2 saves them, written with made-up weights, so that benchmarks need nobody's files. */

import { fileSink } from '../src/bytes/node/file-sink.ts';
import { type DatasetNode, type GroupNode, writeHdf5 } from '../src/containers/hdf5/writer/index.ts';
import type { Json, JsonObject } from '../src/model/types.ts';
import { pythonJson } from '../src/writers/json.ts';
import { namesAttributes } from '../src/writers/legacy-weights.ts';

interface NetworkLayer {
  readonly className: string;
  readonly config: JsonObject;
  readonly inputs: readonly string[];
  /** Shapes of the variables by name, in Keras's order. */
  readonly weights: { readonly [name: string]: readonly number[] };
}

export interface Network {
  readonly name: string;
  readonly layers: readonly NetworkLayer[];
}

type Shapes = NetworkLayer['weights'];

/** A network that grows layer by layer; each call gives the new layer's name, to be the next one's input. */
function growing(name: string, shape: readonly number[], dtype = 'float32') {
  const layers: NetworkLayer[] = [];
  const channels = new Map<string, number>();
  const add = (
    className: string,
    inputs: readonly string[],
    config: JsonObject,
    weights: Shapes,
    width: number,
  ): string => {
    const own = `${className.toLowerCase()}_${layers.length}`;
    layers.push({
      className,
      inputs,
      weights,
      config: { name: own, dtype, ...(inputs.length > 0 && { trainable: true }), ...config },
    });
    channels.set(own, width);
    return own;
  };
  const input = add(
    'InputLayer',
    [],
    { batch_input_shape: [null, ...shape], sparse: false, ragged: false },
    {},
    shape.at(-1)!,
  );
  const widthOf = (layer: string) => channels.get(layer)!;
  return {
    input,
    finish: (): Network => ({ name, layers: asKerasOrders(layers) }),
    conv(
      from: string,
      filters: number,
      size: number,
      { strides = 1, bias = false, activation = 'linear', padding = 'same' } = {},
    ): string {
      const config = {
        filters,
        kernel_size: [size, size],
        strides: [strides, strides],
        padding,
        use_bias: bias,
        activation,
        data_format: 'channels_last',
        dilation_rate: [1, 1],
        groups: 1,
      };
      const kernel = { kernel: [size, size, widthOf(from), filters] };
      return add('Conv2D', [from], config, bias ? { ...kernel, bias: [filters] } : kernel, filters);
    },
    depthwise(from: string, strides: number): string {
      const width = widthOf(from);
      const config = {
        kernel_size: [3, 3],
        strides: [strides, strides],
        padding: 'same',
        use_bias: false,
        activation: 'linear',
        data_format: 'channels_last',
        dilation_rate: [1, 1],
        depth_multiplier: 1,
      };
      return add('DepthwiseConv2D', [from], config, { depthwise_kernel: [3, 3, width, 1] }, width);
    },
    normalize(from: string): string {
      const width = widthOf(from);
      const weights = { gamma: [width], beta: [width], moving_mean: [width], moving_variance: [width] };
      return add(
        'BatchNormalization',
        [from],
        { axis: [3], momentum: 0.99, epsilon: 1e-3, center: true, scale: true },
        weights,
        width,
      );
    },
    relu: (from: string, limit: number | null = null): string =>
      add('ReLU', [from], { max_value: limit, negative_slope: 0, threshold: 0 }, {}, widthOf(from)),
    sum: (left: string, right: string): string => add('Add', [left, right], {}, {}, widthOf(left)),
    maxPool: (from: string): string =>
      add(
        'MaxPooling2D',
        [from],
        { pool_size: [3, 3], strides: [2, 2], padding: 'same', data_format: 'channels_last' },
        {},
        widthOf(from),
      ),
    mean: (from: string): string =>
      add('GlobalAveragePooling2D', [from], { data_format: 'channels_last', keepdims: false }, {}, widthOf(from)),
    meanOfSteps: (from: string): string =>
      add('GlobalAveragePooling1D', [from], { data_format: 'channels_last', keepdims: false }, {}, widthOf(from)),
    embedding: (from: string, rows: number, width: number): string =>
      add(
        'Embedding',
        [from],
        { input_dim: rows, output_dim: width, mask_zero: false, input_length: null },
        { embeddings: [rows, width] },
        width,
      ),
    dense(from: string, units: number, activation = 'linear'): string {
      return add(
        'Dense',
        [from],
        { units, activation, use_bias: true },
        { kernel: [widthOf(from), units], bias: [units] },
        units,
      );
    },
  };
}

/**
 * Keras lists the layers of a graph by their distance from its end, and stores their weights so; those as far away in
 * the order in which it meets them going back from the end.
 */
function asKerasOrders(layers: readonly NetworkLayer[]): NetworkLayer[] {
  const byName = new Map(layers.map(layer => [layer.config.name as string, layer]));
  const met = new Map<string, number>();
  const meet = (name: string): void => {
    if (met.has(name)) return;
    met.set(name, met.size);
    byName.get(name)!.inputs.forEach(meet);
  };
  meet(layers.at(-1)!.config.name as string);
  const depths = new Map<string, number>();
  for (const { config, inputs } of [...layers].reverse()) {
    const depth = depths.get(config.name as string) ?? 0;
    for (const input of inputs) depths.set(input, Math.max(depths.get(input) ?? 0, depth + 1));
  }
  const rank = ({ config }: NetworkLayer) => [depths.get(config.name as string) ?? 0, met.get(config.name as string)!];
  return [...layers].sort((a, b) => rank(b)[0]! - rank(a)[0]! || rank(a)[1]! - rank(b)[1]!);
}

/** MobileNet (v1): depthwise separable blocks. */
export function mobileNet(size: number, alpha: number, classes: number): Network {
  const net = growing('mobilenet', [size, size, 3]);
  const wide = (filters: number) => Math.floor(filters * alpha);
  const after = (from: string) => net.relu(net.normalize(from), 6);
  const blocks: [number, number][] = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ];
  let x = after(net.conv(net.input, wide(32), 3, { strides: 2 }));
  for (const [filters, strides] of blocks) x = after(net.conv(after(net.depthwise(x, strides)), wide(filters), 1));
  net.dense(net.mean(x), classes, 'softmax');
  return net.finish();
}

/** ResNet50 (v1): bottleneck blocks. */
export function resNet50(): Network {
  const net = growing('resnet50', [224, 224, 3]);
  const norm = (from: string) => net.normalize(from);
  let x = net.maxPool(net.relu(norm(net.conv(net.input, 64, 7, { strides: 2, bias: true }))));
  const stages: [number, number, number][] = [
    [64, 3, 1],
    [128, 4, 2],
    [256, 6, 2],
    [512, 3, 2],
  ];
  for (const [filters, count, first] of stages) {
    for (let block = 0; block < count; block += 1) {
      const strides = block === 0 ? first : 1;
      const shortcut = block === 0 ? norm(net.conv(x, 4 * filters, 1, { strides, bias: true })) : x;
      let y = net.relu(norm(net.conv(x, filters, 1, { strides, bias: true })));
      y = net.relu(norm(net.conv(y, filters, 3, { bias: true })));
      x = net.relu(net.sum(shortcut, norm(net.conv(y, 4 * filters, 1, { bias: true }))));
    }
  }
  net.dense(net.mean(x), 1000, 'softmax');
  return net.finish();
}

/** Half a gigabyte in an Embedding and Dense layers. */
export function largeDense(): Network {
  const net = growing('large_dense', [16], 'float32');
  let x = net.meanOfSteps(net.embedding(net.input, 40_000, 1024));
  for (let layer = 0; layer < 6; layer += 1) x = net.dense(x, 4096, 'relu');
  net.dense(x, 10);
  return net.finish();
}

/** Half a gigabyte in convolutions over few positions. */
export function largeConvolutions(): Network {
  const net = growing('large_convolutions', [16, 16, 64]);
  let x = net.conv(net.input, 512, 3, { bias: true, activation: 'relu' });
  for (let layer = 0; layer < 14; layer += 1) x = net.conv(x, 1024, 3, { bias: true, activation: 'relu' });
  net.mean(x);
  return net.finish();
}

function configOf({ name, layers }: Network): JsonObject {
  const entries: Json[] = layers.map(({ className, config, inputs }) => ({
    class_name: className,
    config,
    name: config.name!,
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map(input => [input, 0, 0, {}])],
  }));
  const ends = (at: number): Json => [[layers.at(at)!.config.name!, 0, 0]];
  return {
    class_name: 'Functional',
    config: { name, layers: entries, input_layers: ends(0), output_layers: ends(-1) },
  };
}

/** Numbers between -1 and 1 that repeat after a while, scaled so that values neither die nor grow. */
function numbersFor(name: string, shape: readonly number[]): DatasetNode {
  const count = shape.reduce((product, size) => product * size, 1);
  const inputs = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const [middle, spread] = rangeOf(name, inputs);
  const block = new Float32Array(65_521);
  let state = 12_345 + count;
  for (let at = 0; at < block.length; at += 1) {
    state = (state * 48_271) % 2_147_483_647;
    block[at] = middle + spread * ((2 * state) / 2_147_483_647 - 1);
  }
  function* chunks(): Generator<Uint8Array> {
    for (let done = 0; done < count; done += block.length) {
      yield new Uint8Array(block.buffer, 0, 4 * Math.min(block.length, count - done));
    }
  }
  return { kind: 'dataset', dtype: 'float32', shape, chunks };
}

/** Middle and half width of a variable's values. */
function rangeOf(name: string, inputs: number): readonly [number, number] {
  if (name === 'gamma') return [0.5, 0.1];
  if (name === 'moving_variance') return [1, 0.2];
  if (name === 'kernel') return [0, Math.sqrt(6 / inputs)];
  return name === 'depthwise_kernel' ? [0, Math.sqrt(6 / 9)] : [0, 0.05];
}

/** Writes the network as a .h5 of tf.keras 2.15. */
export async function writeNetwork(network: Network, path: string): Promise<void> {
  const text = (name: string, value: string) => ({ name, value: { kind: 'text', text: value, ascii: true } }) as const;
  const group = (
    members: Record<string, GroupNode | DatasetNode>,
    attributes: GroupNode['attributes'] = [],
  ): GroupNode => ({
    kind: 'group',
    attributes,
    members: new Map(Object.entries(members)),
  });
  const groups = network.layers.map(({ config, weights }) => {
    const name = config.name as string;
    const datasets = Object.fromEntries(
      Object.entries(weights).map(([key, shape]) => [`${key}:0`, numbersFor(key, shape)]),
    );
    const names = Object.keys(weights).map(key => `${name}/${key}:0`);
    return [
      name,
      group(names.length > 0 ? { [name]: group(datasets) } : {}, namesAttributes('weight_names', names)),
    ] as const;
  });
  const stored = group(
    Object.fromEntries(groups),
    namesAttributes(
      'layer_names',
      groups.map(([name]) => name),
    ),
  );
  const identity = [text('keras_version', '2.15.0'), text('backend', 'tensorflow')];
  const sink = await fileSink(path);
  await writeHdf5(
    group({ model_weights: stored }, [...identity, text('model_config', pythonJson(configOf(network)))]),
    sink,
  );
  await sink.close();
}
