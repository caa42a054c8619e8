/** An artefact as a TensorFlow.js layers model: mended to the Keras 2 that tfjs-layers reads, then in its words. */

import type { ReadOptions } from '../bytes/source.ts';
import type { Target } from '../eras/write/target.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { InferredModel } from '../layers/infer.ts';
import type { Artefact, Model } from '../model/types.ts';
import type { ConfigRefusal } from '../writers/config/context.ts';
import { tfjsTopology } from '../writers/tfjs/dialect.ts';
import { type OpenFile, type Quantization, writeTfjs } from '../writers/tfjs/files.ts';
import { tfjsWeights } from '../writers/tfjs/weights.ts';
import { prepareModel } from './prepare.ts';
import type { Change } from './step.ts';

export interface TfjsConversion {
  readonly changes: readonly Change[];
  readonly refusals: readonly ConfigRefusal[];
  readonly says: string;
  /** Writes the files of the folder; each is closed when it is whole. */
  write(open: OpenFile, options?: ReadOptions): Promise<void>;
}

export interface TfjsOptions {
  readonly quantize?: Quantization | null;
  /** Loadstone's own version. */
  readonly version: string;
}

/** The release whose configs tfjs-layers reads best: the last before configs named modules. */
const dialect: Target = { line: 'tf.keras', keras: '2.10.0', tensorflow: '2.10.1', backend: 'tensorflow' };

/** Throws `unsupported` where the artefact has no architecture or two weights would have one name. */
export function convertTfjs(artefact: Artefact, { quantize = null, version }: TfjsOptions): TfjsConversion {
  if (!artefact.model) {
    throw new LoadstoneError('unsupported', 'it holds no architecture, which TensorFlow.js needs', {
      where: artefact.name,
    });
  }
  const prepared = prepareModel(artefact.model, dialect, 'h5');
  const topology = tfjsTopology(prepared.config);
  const shaped = normalizations(prepared.model, prepared.inferred);
  const refused = new Set(prepared.refusals.map(({ layer }) => layer));
  const refusals = [
    ...prepared.refusals,
    ...[...topology.refusals, ...shaped].filter(({ layer }) => !refused.has(layer)),
  ];
  const weights = refusals.length > 0 ? [] : tfjsWeights(prepared.model);
  return {
    changes: prepared.changes,
    refusals,
    says: `TensorFlow.js layers model${quantize ? `, weights as ${quantize}` : ''}`,
    write: (open, options) =>
      writeTfjs(
        {
          config: topology.config,
          weights,
          quantize,
          kerasVersion: dialect.keras,
          convertedBy: `Loadstone ${version}`,
        },
        open,
        options,
      ),
  };
}

/**
 * Its batch normalization takes up to four axes and, at prediction, gives other numbers along any but the last
 * (measured with @tensorflow/tfjs 4.22).
 */
function normalizations(model: Model, inferred: InferredModel): ConfigRefusal[] {
  return model.layers.flatMap((layer, at) => {
    const known = inferred.layers[at];
    if (layer.model && known?.model) return normalizations(layer.model, known.model);
    if (layer.className !== 'BatchNormalization') return [];
    const rank = known?.calls[0]?.outputShapes[0]?.length;
    const axis = Array.isArray(layer.config.axis) ? layer.config.axis[0] : (layer.config.axis ?? -1);
    const { name, className } = layer;
    if (rank !== undefined && rank > 4) {
      return [{ layer: name, className, key: null, what: `it has no batch normalization of ${rank} axes` }];
    }
    if (axis === -1 || rank === undefined || axis === rank - 1) return [];
    return [{ layer: name, className, key: 'axis', what: 'its batch normalization computes along the last axis only' }];
  });
}
