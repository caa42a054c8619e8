/**
 * Lambda: a function of the training script, stored as bytecode. It is read, traced by the rules of `lambdas/` and
 * never executed. A user's definition under the layer's own name takes its place.
 */

import {
  isInterpreted,
  type LambdaLayer,
  type MakeLayer,
  type Nesting,
  readLambda,
  traceLambda,
} from '../lambdas/layer-function.ts';
import type { JsonObject } from '../model/types.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { type CallArgument, defineLayer } from './define.ts';
import { type ActivationFunction, type Field, json } from './fields.ts';

type StoredFunction = LambdaLayer['function'] | { readonly kind: 'given'; readonly function: ActivationFunction };

/** The function, or the user's own of its name where the file holds only the name. */
function lambdaFunction(): Field<StoredFunction> {
  return {
    read(value, context) {
      const stored = readLambda({ function: value as JsonObject }).function;
      if (stored.kind !== 'named' || isInterpreted(stored) || !context.activation) return stored;
      const named = { class_name: 'function', config: stored.name, registered_name: stored.registeredName };
      return { kind: 'given', function: context.activation(named, context) };
    },
  };
}

export default defineLayer({
  name: 'Lambda',
  config: {
    function: lambdaFunction(),
    functionType: json(),
    arguments: json({}),
    /** Ours: the Keras that wrote it. */ madeBy: json(),
  },
  call(config, _weights, inputs, ops: Ops, context) {
    const stored = config.function;
    if (stored.kind === 'given') return stored.function(inputs[0]!);
    const stated = readLambda({ arguments: config.arguments, made_by: config.madeBy } as JsonObject);
    const nested = nestingOf(context.arguments.inputs, inputs);
    const makeLayer: MakeLayer = (className, layerConfig) => tensors =>
      context.layer({ className, config: layerConfig }).call(tensors).outputs;
    const call = { inputs: nested, masks: context.masks, layerName: context.layerName, makeLayer };
    return traceLambda({ ...stated, function: stored }, call, ops);
  },
});

/** The nesting in which the call gave its inputs, with the tensors as the layer got them. */
function nestingOf(given: CallArgument | undefined, inputs: readonly SymbolicTensor[]): Nesting {
  const rest = [...inputs];
  const fill = (value: CallArgument): Nesting => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === 'object' && value !== null && !('node' in value)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner as CallArgument)]));
    }
    return rest.shift()!;
  };
  if (given === undefined) return inputs.length === 1 ? inputs[0]! : inputs;
  return fill(given);
}
