/** Layers that tf.keras 2.12 to 2.15 and tf_keras revive from `.keras`: their own constructors, modern lookups inside. */

import type { Built } from '../built.ts';
import { loadFunction } from '../lambda-code.ts';
import { constructLayer } from '../legacy/construct.ts';
import { deserializeLayer } from '../legacy/layer.ts';
import { raise } from '../python/exception.ts';
import { copyDict, has, isList, type PyDict, type PyValue } from '../python/values.ts';
import type { Run } from '../run.ts';
import { obstacle } from '../run.ts';
import { deserialize, lambdaFacts, refusesUnsafe } from './deserialize.ts';
import type { FoundObject } from './retrieve.ts';
import { tfHeldLayer } from './tf-nested.ts';

export function tfLayerFromConfig(run: Run, found: FoundObject, config: PyDict, where: string): Built {
  const named = { name: found.name, own: found.own, facts: found.facts };
  if (found.name === 'Lambda') return tfLambda(run, found, config, where);
  const held = heldKeys(found).filter(key => config[key] !== undefined && config[key] !== null);
  if (held.length === 0) return constructLayer(run, named, config, where);
  const inner = held.flatMap(key => {
    const value = config[key]!;
    return (isList(value) ? value : [value]).map((item, index) =>
      heldLayer(run, found.name, item, `${where}/config/${key}/${index}`),
    );
  });
  return constructLayer(run, named, copyDict(config, held), where, { inner, passed: held, printed: config });
}

/**
 * Plain wrappers ask the old deserialiser for what they wrap; recurrent ones ask as models do, and refuse themselves
 * what they do not get as a layer (layers/rnn/bidirectional.py, base_rnn.py, stacked_rnn_cells.py).
 */
function heldLayer(run: Run, holder: string, item: PyValue, where: string): Built {
  const refusal = refusals[holder];
  return refusal ? tfHeldLayer(run, item, where, refusal) : deserializeLayer(run, item, where);
}

const refusals: { readonly [holder: string]: (name: string) => string } = {
  Bidirectional: name =>
    `Please initialize \`Bidirectional\` layer with a \`tf.keras.layers.Layer\` instance. Received: ${name}`,
  RNN: name => `Argument \`cell\` should have a \`call\` method. The RNN was passed: cell=${name}`,
  StackedRNNCells: name => `All cells must have a \`call\` method. Received cell without a \`call\` method: ${name}`,
};

function heldKeys({ name, facts }: FoundObject): readonly string[] {
  if (name === 'Bidirectional') return ['layer', 'backward_layer'];
  if (name === 'TimeDistributed' || facts?.bases.includes('Wrapper')) return ['layer'];
  if (name === 'RNN') return ['cell'];
  return name === 'StackedRNNCells' ? ['cells'] : [];
}

function tfLambda(run: Run, found: FoundObject, config: PyDict, where: string): Built {
  const named = { name: found.name, own: found.own, facts: found.facts };
  for (const key of ['function', 'output_shape', 'mask']) {
    const type = config[`${key}_type`];
    if (type === 'lambda') {
      if (refusesUnsafe(run)) refuse(run, where);
      loadFunction(run, config[key]!, `${where}/config/${key}`);
    } else if (type === 'function') deserialize(run, config[key], `${where}/config/${key}`);
    else if (key === 'function' && !has(config, 'function_type'))
      raise('KeyError', "'function_type'", { failure: 'keras3-file-in-keras2' });
  }
  const taken = ['function_type', 'module', 'output_shape_type', 'output_shape_module', 'mask_type', 'mask_module'];
  return { ...constructLayer(run, named, copyDict(config, taken), where, { printed: config }), config };
}

function refuse(run: Run, where: string): void {
  const text =
    'Requested the deserialization of a Lambda layer with a Python `lambda` inside it. This carries a potential risk of arbitrary code execution and thus it is disallowed by default. If you trust the source of the saved model, you can pass `safe_mode=False` to the loading function in order to allow Lambda layer loading.';
  obstacle(run, 'ValueError', text, lambdaFacts(where));
}
