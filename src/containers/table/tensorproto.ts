/**
 * Tensors that stand inside protobuf messages (tensorflow/core/framework/tensor.proto): constants of a graph, data of V1
 * checkpoints. Numbers lie plain in `tensor_content`, or in a list by dtype, in which the last value is meant for
 * all elements that the list does not reach.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import { allocate, bytesPerElement, type DType, type TensorData, viewBytes } from '../../numbers/dtype.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { dtypeOfNumber } from './datatype.ts';
import type { TensorMessage } from './schema.ts';

/** A constant that a few bytes stand for may be at most so large; real fills stay far below. */
const maxFilledBytes = 2 ** 30;

/** The tensor that a message holds. Throws `damaged` where shape and contents disagree, `unsupported` for no array. */
export function readTensorProto(message: TensorMessage, where: string): Tensor {
  const dtype = dtypeOfNumber(message.dtype);
  if (dtype === null)
    throw new LoadstoneError('unsupported', `TensorFlow's dtype ${message.dtype} holds no array`, { where });
  const shape = message.tensorShape?.dim.map(dim => dim.size) ?? [];
  const fail = (what: string) =>
    new LoadstoneError('damaged', `A tensor of shape [${shape}] and ${dtype} ${what}`, { where });
  if (shape.some(size => size < 0) || !Number.isSafeInteger(elementCount(shape))) throw fail('has no size');
  const count = elementCount(shape);
  if (message.tensorContent.length > 0 && dtype !== 'string') {
    const { tensorContent } = message;
    if (tensorContent.length !== count * bytesPerElement[dtype]) throw fail(`holds ${tensorContent.length} bytes`);
    return { dtype, shape, data: viewBytes(dtype, tensorContent) };
  }
  return { dtype, shape, data: fromList(message, dtype, count, fail) };
}

function fromList(message: TensorMessage, dtype: DType, count: number, fail: (what: string) => Error): TensorData {
  const values = listOf(message, dtype);
  const width = dtype.startsWith('complex') ? 2 : 1;
  if (values.length > count * width || values.length % width !== 0) throw fail(`holds ${values.length} values`);
  if (count * Math.max(bytesPerElement[dtype], 8) > maxFilledBytes) throw fail('is too large to be filled');
  const data = allocate(dtype, count) as { [index: number]: unknown; length: number };
  for (let index = 0; index < data.length && values.length > 0; index++) {
    data[index] = values[index < values.length ? index : values.length - width + (index % width)];
  }
  return data as TensorData;
}

function listOf(message: TensorMessage, dtype: DType): ArrayLike<unknown> {
  switch (dtype) {
    case 'float32':
      return message.floatVal;
    case 'float64':
      return message.doubleVal;
    case 'int64':
      return message.int64Val;
    case 'uint64':
      return message.uint64Val;
    case 'uint32':
      return message.uint32Val;
    case 'bool':
      return message.boolVal.map(Number);
    case 'string':
      return message.stringVal.map(bytes => new TextDecoder().decode(bytes));
    case 'complex64':
      return message.scomplexVal;
    case 'complex128':
      return message.dcomplexVal;
    case 'float16':
    case 'bfloat16':
      return message.halfVal;
    case 'float8_e4m3fn':
    case 'float8_e5m2':
      return message.float8Val;
    default:
      return message.intVal;
  }
}
