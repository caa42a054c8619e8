/** Models from their configs before Keras 3: Sequential and graph models. Facts: engine/sequential.py, network.py, functional.py. */

import type { Built } from '../built.ts';
import { callLambda } from '../lambda-call.ts';
import { raise } from '../python/exception.ts';
import { reprString } from '../python/repr.ts';
import { has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { type Run, since } from '../run.ts';
import { noteUnbuilt } from '../unbuilt-sequential.ts';
import { deserializeLayer } from './layer.ts';
import type { FoundClass } from './registry.ts';
import { touchBackend } from './tensorflow-two.ts';
import { wireGraph } from './wire.ts';

function model(
  run: Run,
  className: string,
  config: PyDict,
  layers: readonly Built[],
  where: string,
  own = false,
): Built {
  const name = typeof config.name === 'string' ? config.name : '';
  const facts = run.release.classAt('models', className);
  return { className, name, own, facts, config, inner: [], layers, where };
}

/** Keras 2.2.2 and older want a list; later ones a dictionary, or that list. */
export function sequentialFromConfig(run: Run, config: PyValue, where: string): Built {
  if (isList(config)) {
    touchBackend(run, 'name');
    return model(run, 'Sequential', {}, deserializeAll(run, config, `${where}/config`), where);
  }
  const dict = isDict(config) ? config : {};
  if (run.environment.line === 'keras2' && !since(run, '2.2.3')) {
    raise('KeyError', '0', {
      failure: 'newer-file-older-keras',
      evidence: {
        text: 'the Sequential config is a dictionary, as Keras writes it from 2.2.3 on',
        where: `${where}/config`,
        offset: null,
      },
    });
  }
  if (!has(dict, 'name')) raise('KeyError', "'name'", { failure: 'truncated-or-corrupt' });
  if (!isList(dict.layers)) raise('KeyError', "'layers'", { failure: 'truncated-or-corrupt' });
  const layers = deserializeAll(run, dict.layers, `${where}/config/layers`);
  noteUnbuilt(run, dict, layers, where);
  return model(run, 'Sequential', dict, layers, where);
}

function deserializeAll(run: Run, layers: readonly PyValue[], where: string): Built[] {
  return layers.map((layer, index) => {
    const built = deserializeLayer(run, layer, `${where}/${index}`);
    addLayer(run, built, index);
    return built;
  });
}

/** `model.add`: the first layer brings its input, every layer with a known input is called at once. */
function addLayer(run: Run, built: Built, index: number): void {
  const first = index === 0 && (has(built.config, 'batch_input_shape') || has(built.config, 'input_shape'));
  if (first) touchBackend(run, 'input');
  if (first || index > 0) touchBackend(run, 'call');
  if (built.className === 'Lambda') callLambda(run, built);
}

/** A graph: all layers first, in file order, and then their calls. */
export function functionalFromConfig(run: Run, found: FoundClass, config: PyValue, where: string): Built {
  const dict = isDict(config) ? config : {};
  for (const key of ['layers', 'input_layers', 'output_layers'])
    if (!has(dict, key)) raise('KeyError', reprString(key), { failure: 'truncated-or-corrupt' });
  const stored = isList(dict.layers) ? dict.layers : [];
  const layers = stored.map((layer, index) => {
    if (!isDict(layer) || !has(layer, 'name')) raise('KeyError', "'name'", { failure: 'truncated-or-corrupt' });
    const built = deserializeLayer(run, layer, `${where}/config/layers/${index}`);
    if (!has(layer, 'inbound_nodes')) raise('KeyError', "'inbound_nodes'", { failure: 'truncated-or-corrupt' });
    return built;
  });
  wireGraph(run, dict, stored.filter(isDict), layers);
  return model(run, found.own ? found.name : 'Functional', dict, layers, where, found.own);
}
