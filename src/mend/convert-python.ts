/** An artefact as Python code and a file of weights beside it, both in the words of one release. */

import { writeHdf5 } from '../containers/hdf5/writer/index.ts';
import { describeTarget, writeLayer } from '../eras/write/layer.ts';
import type { Target } from '../eras/write/target.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { readAssets } from '../layers/assets.ts';
import type { Artefact, JsonObject, Layer, Model } from '../model/types.ts';
import { allLayers } from '../model/walk.ts';
import type { ConfigRefusal } from '../writers/config/context.ts';
import { pythonCode } from '../writers/python/code.ts';
import { hasOperations, pythonDialect } from '../writers/python/dialect.ts';
import { weightsTree } from '../writers/weights-file.ts';
import type { Conversion } from './convert.ts';
import { withoutVocabulary } from './lost.ts';
import { prepareModel } from './prepare.ts';

/**
 * `weightsName` is the file that the code loads. Throws `unsupported` where there is no architecture, `usage` for Keras 1,
 * whose graphs are built otherwise.
 */
export function convertPython(artefact: Artefact, target: Target, weightsName: string): Conversion {
  if (!artefact.model) {
    throw new LoadstoneError('unsupported', 'it holds no architecture, so there is no code to write', {
      where: artefact.name,
    });
  }
  if (target.line === 'keras1') {
    throw new LoadstoneError('usage', 'Python is written for Keras 2 and later', { do: 'Name a later release.' });
  }
  const { model, inferred, changes, refusals, doubts } = prepareModel(
    artefact.model,
    target,
    target.line === 'keras3' ? 'v3' : 'h5',
  );
  const about = `${model.name}, as ${describeTarget(target)} builds it. Its weights are in ${weightsName}.`;
  return {
    changes,
    doubts,
    target,
    refusals: [...refusals, ...unsayable(model, target), ...withoutVocabulary(model)],
    says: `Python for ${describeTarget(target)}, its weights in ${weightsName}`,
    async write(sink) {
      const code = pythonCode(model, inferred, {
        dialect: pythonDialect(target),
        weights: weightsName,
        configs: configsOf(model, target),
        vocabularies: await vocabulariesOf(model),
        about,
      });
      await sink.write(new TextEncoder().encode(code));
    },
    beside: {
      name: weightsName,
      write: (sink, options) => writeHdf5(weightsTree(model, target, options), sink, options),
    },
  };
}

function configsOf(model: Model, target: Target): Map<Layer, JsonObject> {
  const configs = new Map<Layer, JsonObject>();
  for (const layer of allLayers(model)) {
    if (layer.model || layer.origin !== 'layer') continue;
    const result = writeLayer(layer, target, () => {});
    if ('written' in result) configs.set(layer, result.written.config);
  }
  return configs;
}

async function vocabulariesOf(model: Model): Promise<Map<Layer, readonly string[]>> {
  const lines = await readAssets(model);
  return new Map(
    [...allLayers(model)].flatMap(layer => {
      const source = layer.assets['vocabulary.txt'];
      const found = source && lines.get(source);
      return found ? [[layer, found] as const] : [];
    }),
  );
}

/** Operations of TensorFlow's tensor classes, and those of releases without operations, have no Python here. */
function unsayable(model: Model, target: Target): ConfigRefusal[] {
  const methods = /^(ClassMethod|Instance(Method|Property)|TensorFlowOpLayer)$/;
  return [...allLayers(model)]
    .filter(({ origin, className }) => origin === 'operation' && (methods.test(className) || !hasOperations(target)))
    .map(({ name, className }) => ({ layer: name, className, key: null, what: 'the operation has no Python there' }));
}
