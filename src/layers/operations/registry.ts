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

/** All operations that are known. */
export const builtInOperations: readonly AnyLayerDefinition[] = [
  ...specialOperations,
  ...Object.entries(rows).map(([className, row]) => operationOfRow(className, row)),
  ...tensorflowLambda,
  tensorflowOpLayer,
];

const byName = new Map(builtInOperations.map(definition => [definition.name, definition]));

/** The operation of that class name (`NotEqual`, `GetItem`, `TFOpLambda`), or null. */
export function builtInOperation(className: string): AnyLayerDefinition | null {
  return byName.get(className) ?? null;
}
