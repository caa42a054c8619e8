/**
 * Which way round convolution kernels lie. Theano convolves and all others correlate, so a kernel from one must be
 * turned by 180° for the other, and few loaders do it. Facts: `preprocess_weights_for_loading` of Keras 2.0 to 2.3 and
 * of tf.keras up to 2.3; keras/engine/topology.py of 1.2.2, which turns nothing.
 */

import { spatialRank } from '../../eras/layouts/types.ts';
import type { InferredLayer } from '../../layers/infer.ts';
import { differs, type Run, since } from '../run.ts';
import { storedBy, weightNamesIn } from '../stored.ts';
import type { RequiredLayer } from './required.ts';

/** Notes the first kernel of a layer, or of one inside it, that ends up the wrong way round. */
export function checkOrientation(run: Run, target: RequiredLayer, file: string): void {
  const writer = writerBackend(run);
  const reader = run.environment.backend;
  if (writer === null) return;
  const lies = (writer === 'theano') !== (reader === 'theano');
  const wrong = [...eachKernel(target.inferred)].find(className => lies !== turns(run, className));
  if (wrong === undefined) return;
  const where = `${wrong} "${target.name}"`;
  const text = lies
    ? `the kernel of ${where} was written on ${writer}, which slides it the other way round than ${reader} does, and nothing turns it`
    : `the kernel of ${where} is turned by 180° on the way in, though ${writer} wrote it`;
  differs(run, 'backend-mismatch-theano', { text, where: file, offset: null });
}

/** Classes of the layers whose kernel has a way round: wider than one somewhere. */
function* eachKernel(layer: InferredLayer): Generator<string> {
  const rank = spatialRank(layer.className);
  const inside = Object.values(layer.sublayers).flat() as readonly InferredLayer[];
  if (rank > 0) {
    const weights = [layer, ...inside].flatMap(held => held.weights);
    const kernel = weights.find(({ name }) => name.endsWith('kernel'))?.shape;
    if (kernel?.slice(0, rank).some(size => size > 1)) yield layer.className;
  } else for (const held of inside) yield* eachKernel(held);
  for (const held of layer.model?.layers ?? []) yield* eachKernel(held);
}

/** TensorFlow's variables end in ":0", whatever the attribute says. */
function writerBackend(run: Run): string | null {
  const names = weightNamesIn(run.raw);
  if (names.some(name => name.endsWith(':0'))) return 'tensorflow';
  const { backend, keras } = storedBy(run.raw);
  if (backend !== null) return backend;
  return keras === null || /^1(\.|$)/.test(keras) ? (names.length > 0 ? 'theano' : null) : 'tensorflow';
}

const turned = new Set(['Conv1D', 'Conv2D', 'Conv3D', 'Conv2DTranspose', 'ConvLSTM2D']);

/** Whether this release turns kernels of that class because of the stored name of the backend. */
function turns(run: Run, className: string): boolean {
  const { backend } = storedBy(run.raw);
  const { line, backend: here } = run.environment;
  if (backend === null || !turned.has(className)) return false;
  if (line === 'keras2' && !since(run, '2.0.9')) return backend !== here;
  if (line === 'keras2') return (backend === 'theano') !== (here === 'theano');
  return line === 'tf.keras' && !since(run, '2.4') && backend === 'theano';
}
