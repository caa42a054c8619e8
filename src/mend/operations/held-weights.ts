/**
 * Variables of a layer that a release lacks, held by Dense layers: a Dense of one input that is always one gives its
 * kernel, which stays a variable that can be trained. The graph reshapes it to what the layer had.
 */

import { reshaped } from '../../eras/layouts/derived.ts';
import type { Call, Layer, TensorAddress } from '../../model/types.ts';
import { elementCount } from '../../numbers/tensor.ts';
import { input } from '../../ops/graph.ts';
import { record, recordAll } from '../../ops/record.ts';
import type { OpNode, SymbolicTensor } from '../../ops/types.ts';
import { plainLayer } from '../rewrite.ts';
import { type Ends, nodesInOrder } from './emission.ts';
import type { TracedLayer } from './trace-layer.ts';

export interface HeldWeight {
  /** The graph's input that stands for the kernel: one row. */
  readonly row: SymbolicTensor;
  readonly holder: Layer;
}

export interface HeldGraph {
  /** Inputs of the layer, then one for each variable. */
  readonly ends: Ends;
  readonly held: readonly HeldWeight[];
}

/** Null where a variable is not stored or not of floats. `one` makes the number one inside the model of that layer. */
export function holdWeights({ ends, weights }: TracedLayer, layer: Layer, one: TensorAddress): HeldGraph | null {
  const used = new Set(nodesInOrder(ends));
  const needed = weights.filter(({ tensor }) => used.has(tensor.node));
  const made = new Map<SymbolicTensor, SymbolicTensor>();
  const held: HeldWeight[] = [];
  for (const { tensor, path, weight } of needed) {
    if (!weight?.tensor || !/^b?float/.test(weight.tensor.dtype)) return null;
    const count = elementCount(weight.tensor.shape);
    const row = input([1, count], tensor.dtype, path);
    const spec = { shape: tensor.shape, dtype: tensor.dtype };
    made.set(tensor, record('reshape', [row], { shape: [...weight.tensor.shape] }, spec));
    held.push({ row, holder: holderOf(layer, path, weight, one) });
  }
  const replaced = withTensors(ends, made);
  return { ends: { ...replaced, inputs: [...ends.inputs, ...held.map(({ row }) => row)] }, held };
}

function holderOf(layer: Layer, path: string, weight: Layer['weights'][number], one: TensorAddress): Layer {
  const tensor = weight.tensor as NonNullable<typeof weight.tensor>;
  const count = elementCount(tensor.shape);
  const kernel = reshaped(tensor, [1, count], 'as the kernel of a Dense layer that holds it');
  const config = { units: count, activation: 'linear', use_bias: false, trainable: weight.trainable };
  const call: Call = { args: [{ kind: 'tensor', at: one }], kwargs: {} };
  const name = path.split('/').join('_');
  return {
    ...plainLayer(name, 'Dense', config, layer),
    trainable: weight.trainable && layer.trainable,
    calls: [call],
    weights: [{ name: 'kernel', shape: [1, count], trainable: weight.trainable, tensor: kernel }],
  };
}

/** The graph with other tensors in place of some. */
function withTensors({ inputs, outputs }: Ends, given: ReadonlyMap<SymbolicTensor, SymbolicTensor>): Ends {
  const made = new Map(given);
  for (const node of nodesInOrder({ inputs, outputs })) {
    const changed = node.inputs.map(tensor => made.get(tensor) ?? tensor);
    if (changed.every((tensor, at) => tensor === node.inputs[at])) continue;
    rebuilt(node, changed).forEach((tensor, at) => {
      made.set(node.outputs[at] as SymbolicTensor, tensor);
    });
  }
  return { inputs, outputs: outputs.map(tensor => made.get(tensor) ?? tensor) };
}

function rebuilt(node: OpNode, inputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
  return recordAll(node.op, inputs, node.attributes, node.outputs);
}
