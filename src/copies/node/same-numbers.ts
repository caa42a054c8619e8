/**
 * Do two artefacts compute the same? Both are run on the same probe inputs: random numbers with some steps zero, so that
 * masks come into play. Answers null, or a sentence that says what differs.
 */

import { openPath } from '../../artefacts/node/open-path.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Artefact, TensorSpec } from '../../model/types.ts';
import { allocate, type TypedArray } from '../../numbers/dtype.ts';
import { elementCount, type Tensor } from '../../numbers/tensor.ts';
import { loaderFor } from '../../run/load.ts';
import { nodeBackend } from '../../run/node/backend.ts';

const samples = 3;
/** What stands for an axis of no fixed size. Pictures are halved and doubled by some models, which powers of two survive. */
const openSize = { steps: 6, pictures: 16 };

/** Texts for models that take strings. */
const words = ['a', 'b', 'the cat', 'The dog sat.', 'hello world', 'x y z', 'unknown-word', '42'];

const loadModel = loaderFor({ backend: nodeBackend, open: openPath, summarize: () => '' });

export async function compareByRunning(before: Artefact, afterPath: string): Promise<string | null> {
  const after = await openPath(afterPath);
  try {
    const inputs = probes(await inputSpecsOf(before));
    const [meant, got] = [await predict(before, inputs), await predict(after, inputs)];
    return difference(meant, got);
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return `whether it matters could not be tried: ${error.what}`;
  } finally {
    await after.close();
  }
}

async function inputSpecsOf(artefact: Artefact): Promise<readonly TensorSpec[]> {
  const model = await loadModel(borrowed(artefact), { prepack: false });
  const { inputs } = model;
  await model.dispose();
  return inputs;
}

/** The artefact without its closing: it is still needed. */
function borrowed(artefact: Artefact): Artefact {
  return { ...artefact, close: async () => {} };
}

async function predict(artefact: Artefact, inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
  const model = await loadModel(borrowed(artefact), { prepack: false });
  try {
    return await model.predictAll([...inputs], {});
  } finally {
    await model.dispose();
  }
}

function probes(specs: readonly TensorSpec[]): Tensor[] {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  return specs.map(({ shape, dtype }) => {
    const sizes = shape.map(
      (size, axis) => size ?? (axis === 0 ? samples : shape.length > 3 ? openSize.pictures : openSize.steps),
    );
    const count = elementCount(sizes);
    const data = allocate(dtype, count) as TypedArray;
    const steps = sizes[1] ?? 1;
    const perStep = count / ((sizes[0] ?? 1) * steps);
    for (let index = 0; index < count; index += 1) {
      const step = Math.floor(index / perStep) % steps;
      const sample = Math.floor(index / (perStep * steps));
      const zero = sizes.length > 1 && step >= steps - sample;
      const value = dtype.startsWith('float') ? random() * 2 - 1 : Math.floor(random() * 4);
      if (dtype === 'string') {
        (data as unknown as string[])[index] = zero ? '' : (words[Math.floor(random() * words.length)] as string);
        continue;
      }
      (data as unknown as unknown[])[index] =
        dtype.endsWith('64') && dtype !== 'float64' ? BigInt(zero ? 0 : value) : zero ? 0 : value;
    }
    return { dtype, shape: sizes, data };
  });
}

function difference(meant: readonly Tensor[], got: readonly Tensor[]): string | null {
  if (meant.length !== got.length) return `the copy gives ${got.length} outputs, the artefact ${meant.length}`;
  for (const [index, tensor] of meant.entries()) {
    const other = got[index] as Tensor;
    if (tensor.shape.join() !== other.shape.join())
      return `output ${index} has shape (${other.shape.join(', ')}) in the copy, (${tensor.shape.join(', ')}) before`;
    const worst = farthest(tensor, other);
    if (worst > 0) return `output ${index} differs by up to ${worst.toPrecision(3)} on probe inputs`;
  }
  return null;
}

/** Largest difference beyond 1e-4 + 1e-3 of the number, or 0. */
function farthest(a: Tensor, b: Tensor): number {
  let worst = 0;
  for (let index = 0; index < a.data.length; index += 1) {
    const [x, y] = [Number(a.data[index]), Number(b.data[index])];
    const apart = Math.abs(x - y);
    if (apart > 1e-4 + 1e-3 * Math.abs(x) && apart > worst) worst = apart;
  }
  return worst;
}
