/** Arrays in .npy form: numbers of either byte order, strings (`U` in UTF-32, `S` in bytes). Pickles are refused. */

import { LoadstoneError } from '../../findings/errors.ts';
import { bytesOf, bytesPerElement, type DType, type TypedArray, viewBytes } from '../../numbers/dtype.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { damaged, numpyTypes, readHeader, writeHeader } from './header.ts';

/**
 * Reads an array. Throws `damaged` where bytes are missing, `unsupported` for pickled objects and other types that are
 * not plain numbers or strings.
 */
export function readNpy(bytes: Uint8Array, where: string): Tensor {
  const header = readHeader(bytes, where);
  const body = bytes.subarray(header.dataOffset);
  const count = elementCount(header.shape);
  const kind = header.descr.replace(/^[<>|=]/, '');
  const swapped = header.descr.startsWith('>');
  const text = /^([US])(\d+)$/.exec(kind);
  if (text)
    return ordered(readText(body, header.shape, text[1]!, Number(text[2]), swapped, where), header.fortranOrder);
  const dtype = numpyTypes[kind];
  if (!dtype || dtype === 'string') throw refused(header.descr, where);
  const needed = count * bytesPerElement[dtype];
  if (!Number.isSafeInteger(needed) || needed > body.byteLength) {
    throw damaged(
      `it holds ${body.byteLength} bytes of ${needed} that its shape (${header.shape.join(', ')}) needs`,
      where,
    );
  }
  const plain = swapped ? swapBytes(body.slice(0, needed), kind) : body.subarray(0, needed);
  return ordered({ dtype, shape: header.shape, data: viewBytes(dtype, plain) }, header.fortranOrder);
}

function refused(descr: string, where: string): LoadstoneError {
  const pickled = descr.includes('O');
  const what = pickled
    ? 'it holds pickled Python objects, which are not loaded'
    : `NumPy's type "${descr}" is not supported`;
  return new LoadstoneError('unsupported', what, {
    where,
    do: 'Save numbers, or strings with a dtype such as "U10".',
  });
}

function readText(
  body: Uint8Array,
  shape: readonly number[],
  kind: string,
  length: number,
  swapped: boolean,
  where: string,
): Tensor {
  const width = kind === 'U' ? length * 4 : length;
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count * width) || count * width > body.byteLength)
    throw damaged('elements are missing at its end', where);
  // Elements of no bytes could be claimed without end.
  if (width === 0 && count > 1_000_000) throw damaged(`it claims ${count} empty strings`, where);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const decoder = new TextDecoder();
  const data = Array.from({ length: count }, (_, at) => {
    if (kind === 'S') return decoder.decode(trimZeros(body.subarray(at * width, (at + 1) * width)));
    let text = '';
    for (let index = 0; index < length; index += 1) {
      const point = view.getUint32(at * width + index * 4, !swapped);
      if (point > 0x10ffff) throw damaged(`code point ${point} does not exist`, where);
      text += String.fromCodePoint(point);
    }
    return text.replace(/\0+$/, '');
  });
  return { dtype: 'string', shape, data };
}

function trimZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

/** Reverses the bytes of every number; a complex one is two numbers. */
function swapBytes(bytes: Uint8Array, kind: string): Uint8Array {
  const width = Number(kind.slice(1)) / (kind.startsWith('c') ? 2 : 1);
  for (let at = 0; at + width <= bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}

/** Fortran's order (first axis fastest) brought into C's. */
function ordered(tensor: Tensor, fortranOrder: boolean): Tensor {
  const { shape, data, dtype } = tensor;
  if (!fortranOrder || shape.length < 2) return tensor;
  const parts = dtype.startsWith('complex') ? 2 : 1;
  const result = data.slice() as typeof data;
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0; to < elementCount(shape); to += 1) {
    const from = index.reduce((total, place, axis) => total + place * strides[axis]!, 0);
    for (let part = 0; part < parts; part += 1) (result as unknown[])[to * parts + part] = data[from * parts + part];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return { dtype, shape, data: result };
}

const descriptions: { readonly [dtype: string]: string } = {
  ...Object.fromEntries(
    Object.entries(numpyTypes).map(([code, dtype]) => [dtype, `${/1$/.test(code) ? '|' : '<'}${code}`]),
  ),
};

/** Writes an array; strings become `U`. Throws `unsupported` for dtypes that NumPy lacks. */
export function writeNpy(tensor: Tensor): Uint8Array {
  const { dtype, shape, data } = tensor;
  if (dtype === 'string') return writeText(shape, data as string[]);
  const descr = descriptions[dtype as DType];
  if (!descr) throw new LoadstoneError('unsupported', `NumPy has no dtype ${dtype}`, { do: 'Cast to float32 first.' });
  return join(writeHeader(descr, shape), bytesOf(data as TypedArray));
}

function writeText(shape: readonly number[], data: readonly string[]): Uint8Array {
  const points = data.map(text => Array.from(text, letter => letter.codePointAt(0)!));
  const longest = Math.max(1, ...points.map(list => list.length));
  const body = new Uint32Array(data.length * longest);
  points.forEach((list, at) => {
    body.set(list, at * longest);
  });
  return join(writeHeader(`<U${longest}`, shape), bytesOf(body));
}

function join(head: Uint8Array, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}
