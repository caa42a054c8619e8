/**
 * What flows along the edges of a TensorFlow graph while it is traced: tensors, lists of tensors, and handles of
 * variables and tables. Whole numbers that shapes are computed with are followed one by one, so that
 * `Reshape(x, Pack(StridedSlice(Shape(x)), 10))` keeps its known sizes.
 */

import type { Weight } from '../../model/types.ts';
import type { DType } from '../../numbers/dtype.ts';
import { elementCount, isStatic, type Shape, type Tensor } from '../../numbers/tensor.ts';
import * as ops from '../../ops/exports.ts';
import type { SizeLike, SymbolicTensor } from '../../ops/types.ts';

export interface TensorValue {
  readonly kind: 'tensor';
  readonly tensor: SymbolicTensor;
  /** Its elements in row-major order, where it is a small tensor of whole numbers or truth values (0, 1) that are followed. */
  readonly elements: readonly SizeLike[] | null;
}

/**
 * A TensorList: tensors of one shape along the first axis of `base`, with writes that were made since. Keeping writes
 * apart lets a loop see that each of its steps writes its own element.
 */
export interface ListValue {
  readonly kind: 'list';
  /** Null where nothing was put in before the writes. */
  readonly base: SymbolicTensor | null;
  readonly writes: readonly ListWrite[];
  readonly length: SizeLike;
  readonly elementShape: Shape | null;
  readonly dtype: DType;
  /** The loop variable that it came from, while a loop's body is traced. */
  readonly origin: number | null;
}

export interface ListWrite {
  readonly index: TensorValue;
  readonly value: SymbolicTensor;
}

/** The handle of a variable. */
export interface VariableValue {
  readonly kind: 'variable';
  readonly variable: GraphVariable;
}

export interface GraphVariable {
  /** Unique in the program: path in the object graph, or name. */
  readonly path: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** What the artefact stores for it; null where it stores nothing. */
  readonly weight: Weight | null;
}

/** The handle of a lookup table. */
export interface TableValue {
  readonly kind: 'table';
  readonly table: GraphTable;
}

export interface GraphTable {
  readonly path: string;
  /** What it holds; null until the tables were read (`Program.prepare`). */
  readonly contents: TableContents | null;
}

export interface TableContents {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** A file that came with the SavedModel. */
export interface AssetValue {
  readonly kind: 'asset';
  readonly filename: string;
}

/** What an operation without a lowering gives. It fails only when something is computed from it. */
export interface UnsupportedValue {
  readonly kind: 'unsupported';
  readonly why: string;
}

/** What the branch that is not taken gives (Switch of TF1). */
export interface DeadValue {
  readonly kind: 'dead';
}

export type Value = TensorValue | ListValue | VariableValue | TableValue | AssetValue | UnsupportedValue | DeadValue;

/** Elements that are followed at most; shapes and paddings are shorter. */
const maxElements = 64;

const followed: ReadonlySet<DType> = new Set(['int32', 'int64', 'bool']);

/** A tensor as a value; the elements of small constants of whole numbers, and of scalars, are found by themselves. */
export function tensorValue(tensor: SymbolicTensor, elements: readonly SizeLike[] | null = null): TensorValue {
  return { kind: 'tensor', tensor, elements: elements ?? elementsOfConstant(tensor) };
}

function elementsOfConstant(tensor: SymbolicTensor): readonly SizeLike[] | null {
  if (!followed.has(tensor.dtype)) return null;
  // A whole number that is known only when the model runs is followed as itself.
  if (tensor.node.op !== 'constant') return tensor.shape.length === 0 && tensor.dtype !== 'bool' ? [tensor] : null;
  const { data } = tensor.node.attributes.value as Tensor;
  if (data.length > maxElements) return null;
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A tensor made of elements that are followed. Sizes known only when the model runs are stacked with the others. */
export function elementsValue(elements: readonly SizeLike[], shape: readonly number[], dtype: DType): TensorValue {
  return { kind: 'tensor', tensor: stackElements(elements, shape, dtype), elements };
}

function stackElements(elements: readonly SizeLike[], shape: readonly number[], dtype: DType): SymbolicTensor {
  if (elements.every(element => typeof element === 'number')) {
    return ops.reshape(ops.cast(ops.constant([...elements] as number[], 'int64'), dtype), shape);
  }
  const scalars = elements.map(element => ops.cast(ops.convertToTensor(element), dtype));
  return shape.length === 0 ? scalars[0]! : ops.reshape(ops.stack(scalars), shape);
}

/** The number that a scalar is known to be, else null. */
export function knownScalar(value: Value): number | null {
  if (value.kind !== 'tensor' || value.elements?.length !== 1) return null;
  const [element] = value.elements;
  return typeof element === 'number' ? element : null;
}

/** All elements, where every one is a known number. */
export function knownElements(value: Value): readonly number[] | null {
  if (value.kind !== 'tensor' || value.elements === null) return null;
  return value.elements.every(element => typeof element === 'number') ? (value.elements as readonly number[]) : null;
}

/** Number of elements of a static shape that is small enough to follow, else null. */
export function followedCount(shape: Shape): number | null {
  if (!isStatic(shape)) return null;
  const count = elementCount(shape);
  return count <= maxElements ? count : null;
}
