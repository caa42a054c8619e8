/**
 * Models from their configs in Keras 3, and in tf.keras 2.12 to 2.15 when it reads `.keras`. Facts: models/functional.py,
 * models/sequential.py, models/model.py; engine/functional.py and engine/sequential.py of Keras 2.15.
 */

import type { Built } from '../built.ts';
import { wireGraph } from '../legacy/wire.ts';
import { raise } from '../python/exception.ts';
import { repr, reprString } from '../python/repr.ts';
import { has, isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';
import { noteNeverBuilt, noteUnbuilt } from '../unbuilt-sequential.ts';
import { deserialize, isKeras3 } from './deserialize.ts';
import { legacyLayer3 } from './legacy-layer.ts';
import { passLoneOutput } from './lone-output.ts';
import type { FoundObject } from './retrieve.ts';
import { type Building, buildSequential } from './sequential-build.ts';
import { tfNestedLayer } from './tf-nested.ts';
import { wireGraph3 } from './wire.ts';

function modelOf(found: FoundObject, config: PyDict, layers: readonly Built[], where: string): Built {
  const name = typeof config.name === 'string' ? config.name : '';
  const className = found.own ? found.name : found.name === 'Sequential' ? 'Sequential' : 'Functional';
  return { className, name, own: found.own, facts: found.facts, config, inner: [], layers, where };
}

/** One element of a model's layers. */
function layerOf(run: Run, item: PyValue, where: string): Built {
  if (!isKeras3(run)) return tfNestedLayer(run, item, where);
  if (!isDict(item) || !has(item, 'module')) return legacyLayer3(run, item, where);
  const revived = deserialize(run, item, where);
  if (revived.kind === 'layer') return revived.built;
  const type =
    revived.kind === 'function'
      ? "<class 'function'>"
      : revived.kind === 'object'
        ? (revived.found?.printed ?? "<class 'object'>")
        : "<class 'dict'>";
  if (since(run, '3.9'))
    raise('ValueError', `Unexpected object from deserialization, expected a layer or operation, got a ${type}`, {
      failure: 'malicious-config',
    });
  raise('AttributeError', `'${type.slice(8, -2)}' object has no attribute '_inbound_nodes'`, {
    failure: 'malicious-config',
  });
}

export function functional3(run: Run, found: FoundObject, config: PyValue, where: string): Built {
  const dict = isDict(config) ? config : {};
  const needed = ['name', 'layers', 'input_layers', 'output_layers'];
  if (!needed.every(key => has(dict, key))) return unrevivable(run, found, dict, where);
  const stored = (isList(dict.layers) ? dict.layers : []).filter(isDict);
  const layers = stored.map((item, index) => {
    if (!has(item, 'name')) raise('KeyError', "'name'", { failure: 'truncated-or-corrupt' });
    const built = layerOf(run, item, `${where}/config/layers/${index}`);
    if (!has(item, 'inbound_nodes')) raise('KeyError', "'inbound_nodes'", { failure: 'truncated-or-corrupt' });
    return built;
  });
  if (isKeras3(run)) wireGraph3(run, dict, stored, layers);
  else wireGraph(run, dict, stored, layers);
  return modelOf(found, dict, layers, where);
}

/** A subclassed model without `get_config`: what it stores cannot be given to its constructor. */
function unrevivable(run: Run, found: FoundObject, config: PyDict, where: string): Built {
  if (found.own) return modelOf(found, config, [], where);
  const inner = `${found.name}.__init__() missing 2 required positional arguments: 'inputs' and 'outputs'`;
  const text = `Unable to revive model from config. When overriding the \`get_config()\` method, make sure that the returned config contains all items used as arguments in the  constructor to ${found.printed}, which is the default behavior. You can override this default behavior by defining a \`from_config(cls, config)\` class method to specify how to create an instance of ${found.name} from its config.\n\nReceived config=${repr(config)}\n\nError encountered during deserialization: ${inner}`;
  obstacle(run, 'TypeError', text, {
    failure: 'custom-object-no-get-config',
    evidence: { text: 'the config holds no graph', where, offset: null },
  });
  return modelOf(found, config, [], where);
}

export function sequential3(run: Run, found: FoundObject, config: PyValue, where: string): Built {
  if (isList(config)) {
    if (isKeras3(run) && since(run, '3.15')) refuseList(config);
    return finish(run, found, {}, config, `${where}/config`, where);
  }
  const dict = isDict(config) ? config : {};
  if (isKeras3(run) && since(run, '3.15') && !(has(dict, 'name') && has(dict, 'layers'))) refuseList(dict);
  if (!has(dict, 'layers')) raise('KeyError', reprString('layers'), { failure: 'truncated-or-corrupt' });
  return finish(run, found, dict, isList(dict.layers) ? dict.layers : [], `${where}/config/layers`, where);
}

function refuseList(config: PyValue): never {
  raise(
    'ValueError',
    `A Sequential model configuration must be a dictionary containing the 'name' and 'layers' keys. Received: config=${repr(config)}`,
    {
      failure: 'older-file-newer-keras',
      evidence: { text: 'the Sequential config is a list, as Keras wrote it before 2.2.3', where: null, offset: null },
    },
  );
}

/** Where the first layer says its input's shape, each layer is called as soon as it is added. */
function knowsInput({ className, config }: Built): boolean {
  return className === 'InputLayer' || has(config, 'batch_input_shape');
}

function finish(
  run: Run,
  found: FoundObject,
  config: PyDict,
  items: readonly PyValue[],
  at: string,
  where: string,
): Built {
  const layers: Built[] = [];
  const building: Building = { inferring: true, shape: null };
  items.forEach((item, index) => {
    layers.push(layerOf(run, item, `${at}/${index}`));
    if (isKeras3(run)) {
      buildSequential(run, config, layers, building);
      passLoneOutput(run, config, layers);
    } else if (knowsInput(layers[0]!)) layers[index]!.callFails?.();
  });
  if (run.legacyConfig) noteUnbuilt(run, config, layers, where);
  else noteNeverBuilt(run, items, layers, where);
  return modelOf(found, config, layers, where);
}
