/** ONNX forms of products of matrices and tensors. */

import type { SymbolicTensor } from '../../ops/types.ts';
import type { Value } from './builder.ts';
import type { Lowering, Rule } from './lowering.ts';

const matmul: Rule = (node, lowering) => {
  const [left, right] = node.inputs.map(input => lowering.plain(input)) as [Value, Value];
  return [{ plain: lowering.emit('MatMul', [left, right]) }];
};

/** Labels of a product of two tensors, by what becomes of them. */
interface Roles {
  readonly batch: readonly string[];
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly summed: readonly string[];
}

/** How a sum of products is one product of matrices, or null where it is not. */
function rolesOf(inputs: readonly (readonly string[])[], output: readonly string[]): Roles | null {
  const [first, second] = inputs;
  if (inputs.length !== 2 || !first || !second) return null;
  const distinct = (labels: readonly string[]) => new Set(labels).size === labels.length;
  if (!distinct(first) || !distinct(second)) return null;
  const shared = first.filter(label => second.includes(label));
  const left = first.filter(label => !second.includes(label));
  const right = second.filter(label => !first.includes(label));
  if ([...left, ...right].some(label => !output.includes(label))) return null;
  return {
    batch: shared.filter(label => output.includes(label)),
    summed: shared.filter(label => !output.includes(label)),
    left,
    right,
  };
}

/** Sizes of labels, where both tensors agree on them; ones that broadcast are left to Einsum. */
function sizesOf(
  inputs: readonly (readonly string[])[],
  tensors: readonly SymbolicTensor[],
): Map<string, number | null> | null {
  const sizes = new Map<string, number | null>();
  for (const [at, labels] of inputs.entries()) {
    for (const [axis, label] of labels.entries()) {
      const size = tensors[at]!.shape[axis]!;
      const known = sizes.get(label);
      if (known !== undefined && known !== size && (known === 1 || size === 1 || label.length > 1)) return null;
      sizes.set(label, size ?? known ?? null);
    }
  }
  return sizes;
}

const einsum: Rule = (node, lowering) => {
  const { inputs, output } = node.attributes as unknown as { inputs: string[][]; output: string[] };
  const roles = rolesOf(inputs, output);
  const sizes = sizesOf(inputs, node.inputs);
  const product = roles && sizes && asMatrices(node.inputs, inputs, output, roles, sizes, lowering);
  return [{ plain: product ?? general(node.inputs, inputs, output, lowering) }];
};

function general(
  tensors: readonly SymbolicTensor[],
  inputs: readonly string[][],
  output: readonly string[],
  lowering: Lowering,
): Value {
  const letters = new Map(
    [...new Set(inputs.flat())].map((label, at) => [label, String.fromCharCode(at < 26 ? 97 + at : 39 + at)]),
  );
  const term = (labels: readonly string[]) => labels.map(label => letters.get(label)!).join('');
  const equation = `${inputs.map(term).join(',')}->${term(output)}`;
  return lowering.emit(
    'Einsum',
    tensors.map(tensor => lowering.plain(tensor)),
    { equation },
  );
}

function asMatrices(
  tensors: readonly SymbolicTensor[],
  inputs: readonly (readonly string[])[],
  output: readonly string[],
  roles: Roles,
  sizes: ReadonlyMap<string, number | null>,
  lowering: Lowering,
): Value | null {
  const { batch, left, right, summed } = roles;
  const unknown = (labels: readonly string[]) => labels.filter(label => sizes.get(label) === null).length;
  // Groups of axes that must be joined may hold one unknown size at most; the left ones need joining only beside batch axes.
  const joinLeft = batch.length > 0 && left.length !== 1;
  const joinRight = right.length !== 1;
  const joinSummed = summed.length !== 1;
  if ((joinLeft && unknown(left) > 1) || (joinRight && unknown(right) > 1) || (joinSummed && unknown(summed) > 1))
    return null;
  if (
    batch.length > 0 &&
    unknown(batch) > 0 &&
    batch.some((label, at) => sizes.get(label) === null && inputs[0]!.indexOf(label) !== at && joinLeft)
  )
    return null;
  const order = (at: number, wanted: readonly string[]) => {
    const value = lowering.plain(tensors[at]!);
    return lowering.transpose(
      value,
      wanted.map(label => inputs[at]!.indexOf(label)),
    );
  };
  const sizeOf = (labels: readonly string[]) =>
    labels.some(label => sizes.get(label) === null)
      ? -1
      : labels.reduce((total, label) => total * sizes.get(label)!, 1);
  const reshape = (value: Value, shape: readonly number[]) =>
    lowering.emit('Reshape', [value, lowering.int64(shape)], {}, { typed: [0] });
  const kept = (labels: readonly string[]) => labels.map(() => 0);

  let a = order(0, [...batch, ...left, ...summed]);
  const aHead = joinLeft ? [...kept(batch), sizeOf(left)] : kept([...batch, ...left]);
  if (joinLeft || joinSummed) {
    if (joinLeft && joinSummed && sizeOf(left) === -1 && sizeOf(summed) === -1) return null;
    a = reshape(a, [
      ...aHead,
      joinSummed
        ? sizeOf(summed)
        : summed.length === 1 && sizes.get(summed[0]!) !== null
          ? sizes.get(summed[0]!)!
          : joinLeft && sizeOf(left) === -1
            ? 0
            : -1,
    ]);
  }
  let b = order(1, [...batch, ...summed, ...right]);
  if (joinRight || joinSummed) {
    if (sizeOf(summed) === -1 && sizeOf(right) === -1) return null;
    b = reshape(b, [...kept(batch), sizeOf(summed), sizeOf(right)]);
  }
  let product = lowering.emit('MatMul', [a, b]);
  if (joinLeft || joinRight) {
    const leftSizes = joinLeft ? left.map(label => sizes.get(label) ?? -1) : kept(left);
    const rightSizes = right.map(label => sizes.get(label) ?? -1);
    if ([...leftSizes, ...rightSizes].filter(size => size === -1).length > 1) return null;
    product = reshape(product, [...kept(batch), ...leftSizes, ...rightSizes]);
  }
  const made = [...batch, ...left, ...right];
  return lowering.transpose(
    product,
    output.map(label => made.indexOf(label)),
  );
}

export const linearRules: { readonly [op: string]: Rule } = { matmul, einsum };
