/**
 * Lambda: a function of the training script, stored as bytecode. It is read, traced by the rules of `lambdas/` and
 * never executed. A user's definition under the layer's own name takes its place.
 */

import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
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

interface FoundFunction {
  readonly stored: LambdaLayer['function'];
  /** The user's own function of the same name. */
  readonly own: ActivationFunction | null;
}

function lambdaFunction(): Field<FoundFunction> {
  return {
    read(value, context) {
      const { function: stored } = readLambda({ function: value as JsonObject });
      const name = stored.kind === 'named' ? stored.name : stored.kind === 'code' ? stored.read.code.name : '';
      const own = context.isGiven?.(name) ? (context.activation?.(name, context) ?? null) : null;
      return { stored, own };
    },
  };
}

/** A name without code, and nobody has given the function. */
function missing(name: string, layerName: string): LoadstoneError {
  return new LoadstoneError(
    'missing-custom-object',
    `Lambda layer "${layerName}" calls the function "${name}", of which the file holds only the name`,
    {
      where: `layer ${layerName}`,
      do: `Give it with defineActivation({ name: '${name}', … }), or the whole layer as a definition named "${layerName}" (--custom).`,
    },
  );
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
    const { stored, own } = config.function;
    const stated = readLambda({ arguments: config.arguments, made_by: config.madeBy } as JsonObject);
    if (stored.kind === 'named') {
      if (own) return own(inputs[0]!);
      if (!isInterpreted(stored, stated.era)) throw missing(stored.name, context.layerName);
    }
    const nested = nestingOf(context.arguments.inputs, inputs);
    const makeLayer: MakeLayer = (className, layerConfig) => tensors =>
      context.layer({ className, config: layerConfig }).call(tensors).outputs;
    const call = { inputs: nested, masks: context.masks, layerName: context.layerName, makeLayer };
    try {
      return traceLambda({ ...stated, function: stored }, call, ops);
    } catch (error) {
      // Code that is not interpreted (it uses what the file lost) gives way to the user's function of its name.
      if (own && isLoadstoneError(error)) return own(inputs[0]!);
      throw error;
    }
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
