/**
 * Names that a release refuses. Keras 3 allows no slash in a layer's name, and with TensorFlow its models' names must
 * be scopes: ASCII letters, digits and a few signs. Before Keras 3 the name of every layer is a scope of TensorFlow.
 */

import { isTarget, type Target } from '../../eras/write/target.ts';
import type { Model } from '../../model/types.ts';
import { mapModels, renameLayers } from '../rewrite.ts';
import type { MendStep, Tell } from '../step.ts';

/** What TensorFlow takes as a root scope (tensorflow/python/framework/ops.py: _VALID_SCOPE_NAME_REGEX). */
const scope = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;

export const names: MendStep = {
  title: 'names that Keras 3 or TensorFlow refuses',
  apply(model, target, tell) {
    if (namesAreScopes(target)) {
      const layers = mapModels(model, inner => withScopes(inner, tell));
      return predictsInScope(target) ? withScopeName(layers, 'newer-file-older-keras', tell) : layers;
    }
    if (target.line !== 'keras3') return model;
    return mapModels(model, inner => withScopeName(withoutSlashes(inner, tell), 'keras2-file-in-keras3', tell));
  },
};

function namesAreScopes(target: Target): boolean {
  return target.line !== 'keras3' && target.backend === 'tensorflow';
}

/** Since TF 2.2 `predict` calls the whole model as a layer, under its own name. */
function predictsInScope(target: Target): boolean {
  return target.line === 'tf_keras' || isTarget(target, 'tf.keras', '2.2');
}

function withScopes(model: Model, tell: Tell): Model {
  const renamed = freeNames(
    model,
    name => !scope.test(name),
    name => {
      const plain = name.normalize('NFKD').replace(/[^A-Za-z0-9_.\\/-]/g, '_');
      return scope.test(plain) ? plain : `layer${plain}`;
    },
  );
  for (const [name, free] of renamed)
    tell({
      failure: 'newer-file-older-keras',
      where: `layer ${name}`,
      before: name,
      after: free,
      why: 'the release makes scopes of TensorFlow out of names, which take ASCII letters, digits and a few signs only',
    });
  return renamed.size === 0 ? model : renameLayers(model, renamed);
}

/** Another name for each that `refused` tells, which no other layer has. */
function freeNames(
  model: Model,
  refused: (name: string) => boolean,
  plain: (name: string) => string,
): Map<string, string> {
  const renamed = new Map<string, string>();
  const taken = new Set(model.layers.map(({ name }) => name));
  for (const { name } of model.layers.filter(layer => refused(layer.name))) {
    let free = plain(name);
    while (taken.has(free)) free = `${free}_`;
    taken.add(free);
    renamed.set(name, free);
  }
  return renamed;
}

function withoutSlashes(model: Model, tell: Tell): Model {
  const renamed = freeNames(
    model,
    name => name.includes('/'),
    name => name.replaceAll('/', '_'),
  );
  for (const [name, free] of renamed)
    tell({
      failure: 'keras2-file-in-keras3',
      where: `layer ${name}`,
      before: name,
      after: free,
      why: 'Keras 3 allows no slash in names',
    });
  return renamed.size === 0 ? model : renameLayers(model, renamed);
}

function withScopeName(model: Model, failure: string, tell: Tell): Model {
  if (scope.test(model.name)) return model;
  const plain = model.name.normalize('NFKD').replace(/[^A-Za-z0-9_.-]/g, '');
  const after = scope.test(plain) ? plain : 'model';
  tell({
    failure,
    where: `model ${model.name}`,
    before: model.name,
    after,
    why: 'predict makes a scope of TensorFlow out of the name of a model, which takes ASCII only',
  });
  return { ...model, name: after };
}
