/** What `run` gives: `.npz`, `.npy` or `.json` files, or a table on the terminal. */

import { resolve } from 'node:path';
import { fileSink } from '../src/bytes/node/file-sink.ts';
import { writeNpy, writeNpz } from '../src/containers/npy/index.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import type { TensorSpec } from '../src/model/types.ts';
import { unpackNumbers } from '../src/numbers/pack.ts';
import { stridesOf, type Tensor } from '../src/numbers/tensor.ts';
import { toJson } from './answer.ts';

type Nested = number | string | boolean | Nested[];

/** Refuses forms that cannot be written, and writing over an input, before anything is computed. */
export function checkOutput(path: string, inputs: readonly string[]): void {
  if (!/\.(npz|npy|json)$/i.test(path)) {
    throw new LoadstoneError('usage', 'the output must be an .npz, .npy or .json file', { where: path });
  }
  if (inputs.some(input => resolve(input) === resolve(path))) {
    throw new LoadstoneError('usage', 'the output is one of the inputs', { where: path, do: 'Give it another name.' });
  }
}

/** Writes all outputs; the file appears whole or not at all. */
export async function writeOutputs(
  path: string,
  specs: readonly TensorSpec[],
  tensors: readonly Tensor[],
): Promise<void> {
  const plain = tensors.map(asNumpy);
  if (path.toLowerCase().endsWith('.npy') && plain.length !== 1) {
    throw new LoadstoneError('usage', `an .npy file holds one array, the model has ${plain.length} outputs`, {
      where: path,
      do: 'Write an .npz file.',
    });
  }
  const sink = await fileSink(path);
  try {
    if (path.toLowerCase().endsWith('.npz'))
      await writeNpz(
        plain.map((tensor, at) => [`out_${at}`, tensor] as const),
        sink,
      );
    else if (path.toLowerCase().endsWith('.npy')) await sink.write(writeNpy(plain[0]!));
    else await sink.write(new TextEncoder().encode(`${toJson(jsonOf(specs, plain))}\n`));
    await sink.close();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

/** NumPy has no short floats but float16. */
function asNumpy(tensor: Tensor): Tensor {
  if (tensor.dtype !== 'bfloat16' && !tensor.dtype.startsWith('float8')) return tensor;
  return { dtype: 'float32', shape: tensor.shape, data: Float32Array.from(unpackNumbers(tensor)) };
}

/** One output as nested lists; several as a record by name. */
function jsonOf(specs: readonly TensorSpec[], tensors: readonly Tensor[]): unknown {
  if (tensors.length === 1) return nested(tensors[0]!);
  return Object.fromEntries(tensors.map((tensor, at) => [specs[at]!.name, nested(tensor)]));
}

/** A tensor's elements as nested lists. */
export function nested(tensor: Tensor): Nested {
  const { shape, dtype, data } = tensor;
  const strides = stridesOf(shape);
  const values = dtype === 'string' ? (data as string[]) : unpackNumbers(tensor);
  const level = (axis: number, from: number): Nested => {
    if (axis === shape.length) return dtype === 'bool' ? values[from] !== 0 : values[from]!;
    return Array.from({ length: shape[axis]! }, (_, at) => level(axis + 1, from + at * strides[axis]!));
  };
  return level(0, 0);
}

/** Rows of numbers that fit a terminal are shown; larger results are summed up. */
const MOST_COLUMNS = 12;
const MOST_ROWS = 20;

export function outputTable(specs: readonly TensorSpec[], tensors: readonly Tensor[]): string {
  return tensors
    .map((tensor, at) => `${specs[at]!.name}  (${tensor.shape.join(', ')}) ${tensor.dtype}\n${rowsText(tensor)}`)
    .join('\n\n');
}

function rowsText(tensor: Tensor): string {
  const { shape, dtype, data } = tensor;
  const rows = shape[0] ?? 1;
  const width = data.length / Math.max(rows, 1);
  const cell = (at: number) => (dtype === 'string' ? JSON.stringify(data[at]) : numberText(Number(unpacked[at])));
  const unpacked = dtype === 'string' ? [] : unpackNumbers(tensor);
  const lines = Array.from({ length: Math.min(rows, MOST_ROWS) }, (_, row) => {
    const shown = Array.from({ length: Math.min(width, MOST_COLUMNS) }, (_, at) => cell(row * width + at).padStart(10));
    const rest =
      width > MOST_COLUMNS ? ` … ${width - MOST_COLUMNS} more${largestText(unpacked, row * width, width)}` : '';
    return `${String(row).padStart(4)} ${shown.join(' ')}${rest}`;
  });
  return [...lines, ...(rows > MOST_ROWS ? [`     … ${rows - MOST_ROWS} more rows`] : [])].join('\n');
}

/** Among many numbers, people look for the largest. */
function largestText(values: ArrayLike<number>, from: number, width: number): string {
  if (values.length === 0) return '';
  let best = 0;
  for (let at = 1; at < width; at += 1) if (values[from + at]! > values[from + best]!) best = at;
  return `, largest ${numberText(values[from + best]!)} at ${best}`;
}

function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
