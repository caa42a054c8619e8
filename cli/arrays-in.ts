/** What `--input` may be: `.npz`, `.npy`, `.json`, or a picture; told apart by content. */

import { readFile } from 'node:fs/promises';
import { memorySource } from '../src/bytes/memory.ts';
import { isNpy, readNpy, readNpz } from '../src/containers/npy/index.ts';
import { isZip } from '../src/containers/zip/index.ts';
import { isLoadstoneError, LoadstoneError } from '../src/findings/errors.ts';
import type { TensorSpec } from '../src/model/types.ts';
import type { Tensor } from '../src/numbers/tensor.ts';
import type { PredictInput, PredictInputs } from '../src/run/inputs.ts';
import { isPicture, pictureInput } from './picture.ts';

/** Reads inputs for the given specs. Throws `bad-input` or `not-found` for what cannot be them. */
export async function readInputFile(
  path: string,
  specs: readonly TensorSpec[],
  note: (text: string) => void,
): Promise<PredictInputs> {
  const bytes = await readBytes(path);
  const source = memorySource(bytes, path);
  if (isNpy(bytes)) return asBadInput(path, async () => [readNpy(bytes, path)]);
  if (await isZip(source)) return asBadInput(path, async () => byNames(await readNpz(source), specs, path));
  if (isPicture(bytes)) return [await pictureInput(bytes, path, onlySpec(specs, path), note)];
  return parseJson(bytes, path);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LoadstoneError('not-found', 'there is no readable input file of that name', {
      where: path,
      do: 'Give an .npz, .npy or .json file, or a picture.',
      cause,
    });
  }
}

/** A broken input file is a wrong call, not a damaged artefact. */
async function asBadInput<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    throw new LoadstoneError('bad-input', error.what, { where: error.where ?? path, do: error.do, cause: error });
  }
}

function onlySpec(specs: readonly TensorSpec[], path: string): TensorSpec {
  if (specs.length === 1) return specs[0]!;
  throw new LoadstoneError('bad-input', `one picture given, the model takes ${specs.length} inputs`, {
    where: path,
    do: 'Give an .npz file.',
  });
}

/** By input names where all arrays have one; else exactly `in_0` … `in_n`, in number order. */
function byNames(arrays: ReadonlyMap<string, Tensor>, specs: readonly TensorSpec[], path: string): PredictInputs {
  const names = [...arrays.keys()];
  if (names.length > 0 && names.every(name => specs.some(spec => spec.name === name)))
    return Object.fromEntries(arrays);
  const wanted = specs.map((_, at) => `in_${at}`);
  if (names.length === wanted.length && wanted.every(name => arrays.has(name)))
    return wanted.map(name => arrays.get(name)!);
  throw new LoadstoneError('bad-input', `its arrays are called ${names.join(', ') || 'nothing'}`, {
    where: path,
    do: `Call them ${specs.map(spec => spec.name).join(', ')}, or ${wanted.join(', ')}.`,
  });
}

/** A record by input name, one input's nested lists, or a list with one item for each of several inputs. */
function parseJson(bytes: Uint8Array, path: string): PredictInputs {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as PredictInput;
  } catch (cause) {
    throw new LoadstoneError('bad-input', 'it is neither .npz, .npy, JSON, PNG nor JPEG', {
      where: path,
      do: 'Write it with numpy.savez, or as nested lists in JSON.',
      cause,
    });
  }
}

/** The arrays as they are, whether or not they fit: for who wants to be told why they do not. In the order of the specs where names tell. */
export async function readArrays(path: string, specs: readonly TensorSpec[]): Promise<Tensor[]> {
  const bytes = await readBytes(path);
  const source = memorySource(bytes, path);
  if (isNpy(bytes)) return [await asBadInput(path, async () => readNpy(bytes, path))];
  if (await isZip(source)) return asBadInput(path, async () => inOrder(await readNpz(source), specs));
  const parsed = parseJson(bytes, path) as PredictInput | readonly PredictInput[];
  return specs.length > 1 && Array.isArray(parsed) ? parsed.map(nestedTensor) : [nestedTensor(parsed as PredictInput)];
}

function inOrder(arrays: ReadonlyMap<string, Tensor>, specs: readonly TensorSpec[]): Tensor[] {
  const named = specs.map(({ name }) => arrays.get(name)).filter(tensor => tensor !== undefined);
  if (named.length === specs.length) return named;
  const place = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);
  return [...arrays].sort(([a], [b]) => place(a) - place(b)).map(([, tensor]) => tensor);
}

/** Nested lists of JSON as a tensor of the shape of their first items. */
function nestedTensor(nested: unknown): Tensor {
  const shape: number[] = [];
  for (let item = nested; Array.isArray(item); item = item[0]) shape.push(item.length);
  const flat = (Array.isArray(nested) ? nested.flat(Number.POSITIVE_INFINITY) : [nested]) as (number | string)[];
  if (flat.some(item => typeof item === 'string')) return { dtype: 'string', shape, data: flat.map(String) };
  return { dtype: 'float32', shape, data: Float32Array.from(flat as number[]) };
}
