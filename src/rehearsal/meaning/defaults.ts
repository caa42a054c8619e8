/**
 * `load_weights` into code that was run anew: arguments that the code left out have this Keras's defaults, and the
 * weights were trained with those of the Keras that wrote them. Facts: the constructors of the tags.
 */

import { type Era, isKeras2, isKeras3, isTfKeras, lineOfVersion } from '../../eras/era.ts';
import { plainVersion } from '../../eras/versions.ts';
import { eraActivations } from '../../layers/era-keys.ts';
import type { InferredLayer, InferredModel } from '../../layers/infer.ts';
import { differs, type Run } from '../run.ts';
import { storedBy, weightNamesIn } from '../stored.ts';

/** Notes the first layer that has this Keras's default where the weights' Keras had another one. */
export function compareDefaults(run: Run, model: InferredModel | null): void {
  const writer = writerOfWeights(run);
  if (!writer || !model) return;
  const { line, keras, backend } = run.environment;
  const reader: Era = { line, keras: plainVersion(keras), backend };
  for (const layer of model.layers.flatMap(outer => [...eachRecurrent(outer)])) {
    const [then, now] = [gateDefault(layer.className, writer), gateDefault(layer.className, reader)];
    if (then === now || layer.config.recurrent_activation !== now) continue;
    // Whoever asked for reset_after, which was no default then, did so for CuDNN, and for its sigmoid with it.
    if (then === eraActivations.hardSigmoid && layer.config.reset_after === true) continue;
    const text = `${layer.className} "${layer.name}" has recurrent_activation ${plainName(now)}, the default here; Keras ${writer.keras}, which wrote the weights, had ${plainName(then)}`;
    return differs(run, 'silent-wrong-predictions', { text, where: layer.name, offset: null });
  }
}

function plainName(activation: string): string {
  return activation === eraActivations.hardSigmoid ? 'hard_sigmoid' : activation;
}

function writerOfWeights({ raw }: Run): Era | null {
  const { keras, backend } = storedBy(raw);
  if (keras !== null) {
    const line = lineOfVersion(keras);
    return line && { line, keras: plainVersion(keras), backend };
  }
  const old = weightNamesIn(raw).some(name => /_(W|U|b)(_[a-z])?(:0)?$/.test(name));
  return old ? { line: 'keras1', keras: '1.2.2', backend } : null;
}

function* eachRecurrent(layer: InferredLayer): Generator<InferredLayer> {
  if (/^(LSTM|GRU|ConvLSTM[123]D)$/.test(layer.className)) yield layer;
  for (const inner of Object.values(layer.sublayers).flat()) yield* eachRecurrent(inner as InferredLayer);
  for (const inner of layer.model?.layers ?? []) yield* eachRecurrent(inner);
}

/** The activation of gates where the code does not say: Keras 2.3 and TensorFlow 2 changed it, for ConvLSTM only Keras 3. */
function gateDefault(className: string, era: Era): string {
  if (isKeras3(era)) return 'sigmoid';
  if (className.startsWith('Conv')) return eraActivations.hardSigmoid;
  return isKeras2(era, '2.3') || isTfKeras(era, '2.2.5') ? 'sigmoid' : eraActivations.hardSigmoid;
}
