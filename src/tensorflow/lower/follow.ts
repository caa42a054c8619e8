/** Operations on whole numbers that are followed one by one, beside the operation on the tensors themselves. */

import { isStatic } from '../../numbers/tensor.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';
import { castTo, type Lowering, type OpView } from './define.ts';
import { onSizes } from './sizes.ts';
import { elementsValue, type TensorValue, tensorValue } from './value.ts';

/** A binary operation whose elements are followed where both sides' are. `rule` is a name in `onSizes`. */
export function followedBinary(
  rule: string,
  make: (a: SymbolicTensor, b: SymbolicTensor, node: OpView) => SymbolicTensor,
  resultAttribute: string | null = 'T',
): Lowering {
  return node => {
    const [left, right] = [node.value(0), node.value(1)];
    const made = make(left.tensor, right.tensor, node);
    const tensor = resultAttribute === null ? made : castTo(node, made, resultAttribute);
    return withElements(tensor, combine(rule, left, right));
  };
}

/** `tensor`, or a constant in its place where all elements are known. */
export function withElements(tensor: SymbolicTensor, elements: readonly SizeLike[] | null): TensorValue {
  if (elements === null || !isStatic(tensor.shape)) return tensorValue(tensor);
  const known = elements.every(element => typeof element === 'number');
  return known ? elementsValue(elements, tensor.shape, tensor.dtype) : { kind: 'tensor', tensor, elements };
}

function combine(rule: string, left: TensorValue, right: TensorValue): readonly SizeLike[] | null {
  const apply = onSizes[rule];
  const [a, b] = [left.elements, right.elements];
  if (!apply || a === null || b === null || !broadcasts(left, right)) return null;
  const count = a.length === 1 ? b.length : a.length;
  const found: SizeLike[] = [];
  for (let index = 0; index < count; index++) {
    const element = apply(a[a.length === 1 ? 0 : index]!, b[b.length === 1 ? 0 : index]!);
    if (element === null) return null;
    found.push(element);
  }
  return found;
}

/** A single element meets anything; otherwise the shapes must be the same. */
function broadcasts({ elements: a, tensor: x }: TensorValue, { elements: b, tensor: y }: TensorValue): boolean {
  if (a?.length === 1 || b?.length === 1) return true;
  return x.shape.length === y.shape.length && x.shape.every((size, axis) => size === y.shape[axis]);
}
