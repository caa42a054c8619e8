/**
 * Where each release looks for every layer's variables in a weights file of the `.keras` kind: the order and the names
 * of the walk. Facts: `_walk_saveable`/`_walk_trackable` and `_save_container_state` of saving/saving_lib.py.
 */

import type { InferredLayer, InferredModel } from '../../layers/infer.ts';
import { classNameToSnakeCase } from '../../layers/names.ts';
import { type Run, since } from '../run.ts';
import { ownWeights, type RequiredWeight } from './required.ts';

export interface WalkedObject {
  readonly path: string;
  readonly layer: InferredLayer;
  /** Its own variables, trainable ones first. */
  readonly weights: readonly RequiredWeight[];
}

/** What tells one layer from another where a config repeats the layers that a model shares; null where each counts. */
export type Visited = Set<string> | null;

export interface PathRules {
  readonly container: string;
  /** A layer with weights is met under two keys, and takes two numbers. */
  readonly twice: boolean;
}

/** How this environment's own loader counts. */
export function pathRules(run: Run): PathRules {
  if (run.environment.line === 'keras3' || since(run, '2.15')) return { container: 'layers', twice: false };
  return { container: '_layer_checkpoint_dependencies', twice: !since(run, '2.14') };
}

/** Every object that has variables of its own, in the order in which the loader comes to it. */
export function walkModel(
  model: InferredModel,
  rules: PathRules,
  visited: Visited = null,
  prefix = '',
  trainable = true,
): WalkedObject[] {
  const counters = new Map<string, number>();
  return model.layers.flatMap(layer => {
    const name = classNameToSnakeCase(layer.className);
    const number = counters.get(name) ?? 0;
    counters.set(name, number + (rules.twice && hasWeights(layer) ? 2 : 1));
    const path = `${prefix}${rules.container}/${number === 0 ? name : `${name}_${number}`}`;
    const identity = `${layer.className} ${layer.name} ${JSON.stringify(layer.config)}`;
    if (visited?.has(identity)) return [];
    visited?.add(identity);
    return walkLayer(layer, rules, visited, path, trainable && layer.config.trainable !== false);
  });
}

/** SpectralNormalization keeps the kernel of the layer inside as an attribute, and so as its own variable too. */
function borrowed({ className, sublayers }: InferredLayer): RequiredWeight[] {
  if (className !== 'SpectralNormalization') return [];
  const inner = [sublayers.layer].flat()[0] as InferredLayer | undefined;
  return inner ? ownWeights(inner, true, true).slice(0, 1) : [];
}

/** Layers that can be quantized write their kernel first, trained or not; all others what is trained first. */
function storedOrder({ className }: InferredLayer, own: readonly RequiredWeight[]): RequiredWeight[] {
  if (/^((Einsum)?Dense|(Reversible)?Embedding)$/.test(className)) return [...own];
  return [...own.filter(weight => weight.trainable), ...own.filter(weight => !weight.trainable)];
}

export function hasWeights(layer: InferredLayer): boolean {
  if (layer.weights.length > 0) return true;
  if (layer.model?.layers.some(hasWeights)) return true;
  return Object.values(layer.sublayers).flat().some(hasWeights);
}

function walkLayer(
  layer: InferredLayer,
  rules: PathRules,
  visited: Visited,
  path: string,
  trainable: boolean,
): WalkedObject[] {
  const own = [...borrowed(layer), ...ownWeights(layer, trainable, true)];
  const weights = storedOrder(layer, own);
  const inner = Object.entries(layer.sublayers).flatMap(([attribute, held]) => {
    if (!Array.isArray(held))
      return walkLayer(held as InferredLayer, rules, visited, `${path}/${attribute}`, trainable);
    const counters = new Map<string, number>();
    return (held as readonly InferredLayer[]).flatMap(sub => {
      const name = classNameToSnakeCase(sub.className);
      const number = counters.get(name) ?? 0;
      counters.set(name, number + 1);
      return walkLayer(
        sub,
        rules,
        visited,
        `${path}/${attribute}/${number === 0 ? name : `${name}_${number}`}`,
        trainable,
      );
    });
  });
  const nested = layer.model ? walkModel(layer.model, rules, visited, `${path}/`, trainable) : [];
  const self = weights.length > 0 ? [{ path, layer, weights }] : [];
  return [...self, ...inner, ...nested];
}
