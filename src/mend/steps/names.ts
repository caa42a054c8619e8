/**
 * Names that a release refuses. Keras 3 allows no slash in a layer's name, and with TensorFlow its models' names must
 * be scopes: ASCII letters, digits and a few signs.
 */

import type { Model } from '../../model/types.ts';
import { mapModels, renameLayers } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

/** What TensorFlow takes as a root scope (tensorflow/python/framework/ops.py: _VALID_SCOPE_NAME_REGEX). */
const scope = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;

export const names: MendStep = {
  title: 'names that Keras 3 refuses',
  apply(model, target, tell) {
    if (target.line !== 'keras3') return model;
    return mapModels(model, inner => withScopeName(withoutSlashes(inner, tell), tell));
  },
};

function withoutSlashes(model: Model, tell: Tell): Model {
  const renamed = new Map<string, string>();
  const taken = new Set(model.layers.map(({ name }) => name));
  for (const { name } of model.layers.filter(layer => layer.name.includes('/'))) {
    let free = name.replaceAll('/', '_');
    while (taken.has(free)) free = `${free}_`;
    taken.add(free);
    renamed.set(name, free);
    tell({
      failure: 'keras2-file-in-keras3',
      where: `layer ${name}`,
      before: name,
      after: free,
      why: 'Keras 3 allows no slash in names',
    });
  }
  return renamed.size === 0 ? model : renameLayers(model, renamed);
}

function withScopeName(model: Model, tell: Tell): Model {
  if (scope.test(model.name)) return model;
  const plain = model.name.normalize('NFKD').replace(/[^A-Za-z0-9_.-]/g, '');
  const after = scope.test(plain) ? plain : 'model';
  tell({
    failure: 'keras2-file-in-keras3',
    where: `model ${model.name}`,
    before: model.name,
    after,
    why: 'under Keras 3 the name of a model is a scope of TensorFlow, which takes ASCII only',
  });
  return { ...model, name: after };
}
