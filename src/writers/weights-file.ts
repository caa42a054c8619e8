/** A file of weights alone, `.weights.h5`, in the tree in which a release looks for them. */

import type { AttributeNode, GroupNode } from '../containers/hdf5/writer/index.ts';
import { isTarget, type Target } from '../eras/write/target.ts';
import type { Model } from '../model/types.ts';
import { legacyTree } from './legacy-weights.ts';
import type { CopyOptions } from './tensors.ts';
import { v3Tree } from './v3-weights.ts';

/** Releases that take the name `.weights.h5` for the new tree (saving_api.py of TF 2.12 and later). */
function hasNewTree(target: Target): boolean {
  return target.line === 'keras3' || target.line === 'tf_keras' || isTarget(target, 'tf.keras', '2.12');
}

export function weightsTree(model: Model, target: Target, options: CopyOptions = {}): GroupNode {
  if (hasNewTree(target)) return v3Tree(model, target, options);
  const tree = legacyTree(model, target, options);
  const told = {
    keras_version: target.keras,
    ...(target.line !== 'keras1' && { backend: target.backend ?? 'tensorflow' }),
  };
  const identity = Object.entries(told).map(([name, text]): AttributeNode => {
    return { name, value: { kind: 'text', text, ascii: true } };
  });
  return { ...tree, attributes: [...(tree.attributes ?? []), ...identity] };
}
