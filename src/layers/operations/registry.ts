/** Operations that Functional graphs use as layers, by the class name that configs give them. */

import type { AnyLayerDefinition } from '../define.ts';
import { imageOperations } from './image-operations.ts';
import { mathOperations } from './math-operations.ts';
import { nnOperations } from './nn-operations.ts';
import { numpyOperations } from './numpy-operations.ts';
import { operationOfRow } from './row.ts';
import { specialOperations } from './special-operations.ts';
import tensorflowLambda from './tensorflow-lambda.ts';
import tensorflowOpLayer from './tensorflow-op-layer.ts';

const rows: { readonly [className: string]: string } = {
  ...numpyOperations,
  ...nnOperations,
  ...mathOperations,
  ...imageOperations,
};

const byName = new Map(
  [...specialOperations, ...tensorflowLambda, tensorflowOpLayer].map(definition => [definition.name, definition]),
);

/** The operation of that class name (`NotEqual`, `GetItem`, `TFOpLambda`), or null. Rows are read when first asked for. */
export function builtInOperation(className: string): AnyLayerDefinition | null {
  const known = byName.get(className);
  if (known) return known;
  if (!Object.hasOwn(rows, className)) return null;
  const definition = operationOfRow(className, rows[className]!);
  byName.set(className, definition);
  return definition;
}
