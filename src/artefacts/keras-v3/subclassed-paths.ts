/**
 * Where v3 weights files keep the layers of a subclassed model. A layer is reached through the attribute that holds it
 * and through the model's list `layers`; it is saved where it is met first, which is a matter of the alphabet and of the
 * direction in which a release goes through it (formats of TF 2.12 to Keras 3.15). So both places are tried.
 */

import type { InferredLayer } from '../../layers/infer.ts';
import { classNameToSnakeCase } from '../../layers/names.ts';

interface HeldLayer {
  readonly layer: InferredLayer;
  /** Path through the attribute. */
  readonly attribute: string;
}

/** Paths of the layers that a model's definition names, as far as something is stored there. */
export function subclassedPaths(root: InferredLayer, filled: ReadonlySet<string>): ReadonlyMap<InferredLayer, string> {
  const held = heldLayers(root);
  const attempts = [true, false].map(visitedTakeNumber => pathsBy(held, filled, visitedTakeNumber));
  return attempts.reduce((best, paths) => (paths.size > best.size ? paths : best));
}

function heldLayers(root: InferredLayer): readonly HeldLayer[] {
  return Object.entries(root.sublayers).flatMap(([name, held]): readonly HeldLayer[] => {
    if (!Array.isArray(held)) return [{ layer: held as InferredLayer, attribute: name }];
    const number = counter();
    return (held as readonly InferredLayer[]).map(layer => ({ layer, attribute: `${name}/${number(layer)}` }));
  });
}

/** Names layers by class, with a number from the second of a class on. */
function counter(): (layer: InferredLayer) => string {
  const counts = new Map<string, number>();
  return ({ className }) => {
    const name = classNameToSnakeCase(className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  };
}

function pathsBy(
  held: readonly HeldLayer[],
  filled: ReadonlySet<string>,
  visitedTakeNumber: boolean,
): ReadonlyMap<InferredLayer, string> {
  const found = new Map<InferredLayer, string>();
  const number = counter();
  for (const { layer, attribute } of held) {
    const direct = [attribute, `_${attribute}`].find(path => filled.has(path));
    if (direct !== undefined) {
      found.set(layer, direct);
      if (visitedTakeNumber) number(layer);
      continue;
    }
    const listed = `layers/${number(layer)}`;
    if (filled.has(listed)) found.set(layer, listed);
  }
  return found;
}
