/**
 * The second layer of a Bidirectional where it is no copy of the first: tf.keras writes it only then (from TF 2.1 on,
 * wrappers.py), and releases before have no such argument.
 */

import type { Json, JsonObject } from '../../model/types.ts';
import { isRecord } from '../normalise/values.ts';
import { isTarget, type Target } from './target.ts';

export function hasOwnBackward(config: JsonObject): boolean {
  const { layer, backward_layer: backward } = config;
  return isRecord(layer) && isRecord(backward) && told(layer) !== told(backward);
}

export function takesBackward(target: Target): boolean {
  return isTarget(target, 'tf.keras', '2.1') || target.line === 'tf_keras' || target.line === 'keras3';
}

/** What a layer computes with; direction, name and what only training asks of aside. */
function told({ class_name: className, config }: JsonObject): string {
  const kept = Object.entries((isRecord(config) ? config : {}) as { [key: string]: Json }).filter(([key, value]) => {
    return !/^(name|go_backwards|seed)$|_(initializer|regularizer|constraint)$/.test(key) && typeof value !== 'object';
  });
  return JSON.stringify([className ?? null, kept.sort()]);
}
