/**
 * `defineLayer`: everything Loadstone knows of one layer class, in one place: its constructor arguments under today's
 * names, its weights, the layers inside it, what it computes, what it does to masks. Built-in layers and a user's own
 * are written in the same form. `call` is traced once with symbolic tensors and never sees a number.
 */

import type { DType } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import type { Ops } from '../ops/index.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { ActivationFunction, Fields, ParsedFields } from './fields.ts';

/** What a layer needs of a variable. A bare shape means trainable and of the layer's variable dtype. */
export type WeightSpec =
  | Shape
  | {
      readonly shape: Shape;
      /** Keras's name, where it is not that of the key in snake_case. */
      readonly name?: string;
      /** Default true. */
      readonly trainable?: boolean;
      /** Default: the variable dtype of the layer's policy. */
      readonly dtype?: DType;
      /** Absent in some files. `call` then finds no such key among its weights. */
      readonly optional?: boolean;
      /** False: `call` gets it in its own dtype; else floating variables come cast to the compute dtype. */
      readonly autocast?: boolean;
    };

/** A layer inside a layer, by class name and config in today's names. */
export interface LayerSpec {
  readonly className: string;
  readonly config: { readonly [key: string]: unknown };
  /** `package>Name`, where the config gives one. */
  readonly registeredName?: string | null;
}

/** A layer inside the layer being traced, ready to be called. */
export interface CallableLayer {
  /** Null for a model used as a layer. */
  readonly definition: AnyLayerDefinition | null;
  readonly className: string;
  readonly name: string;
  /** Its parsed config (camelCase keys of its definition). */
  readonly config: { readonly [key: string]: unknown };
  /** Traces a call; masks default to none. Builds the layer on the first call. */
  call(inputs: readonly SymbolicTensor[], options?: CallOptions): CallOutcome;
  /** Shapes of a recurrent cell's states, batch axis left out; `[]` for other layers. */
  stateShapes(inputShape: Shape): readonly Shape[];
  /**
   * Its own variables by the definition's names, cast as for its `call`; builds the layer for inputs of these shapes
   * if nobody has yet. For wrappers that use a layer's variables otherwise than its `call` does.
   */
  weights(inputShapes: readonly Shape[]): { readonly [name: string]: SymbolicTensor };
}

export interface CallOptions {
  readonly masks?: readonly (SymbolicTensor | null)[];
  readonly arguments?: { readonly [name: string]: CallArgument };
}

export interface CallOutcome {
  readonly outputs: readonly SymbolicTensor[];
  readonly masks: readonly (SymbolicTensor | null)[];
}

/** A call argument: tensors are symbolic, everything else is JSON as in the config. */
export type CallArgument =
  | SymbolicTensor
  | null
  | boolean
  | number
  | string
  | readonly CallArgument[]
  | { readonly [key: string]: CallArgument };

/** What `call` and `mask` can ask about the call being traced. */
export interface CallContext {
  readonly layerName: string;
  /** dtype in which the layer computes, by its policy. */
  readonly computeDtype: DType;
  /** Masks that came with `inputs`, one for each; null where there is none. */
  readonly masks: readonly (SymbolicTensor | null)[];
  /**
   * Call arguments as given, by the names in `callArguments`; keyword arguments under their own names (`mask` too).
   * The first one is there as well, in its nesting and uncast. An argument `x` besides the first that came with a Keras
   * mask brings it as `x_mask`, unless the call gave one.
   */
  readonly arguments: { readonly [name: string]: CallArgument };
  /** Sublayers by attribute. */
  readonly sublayers: { readonly [attribute: string]: CallableLayer };
  /** Sublayers whose attribute holds a list. */
  readonly sublayerLists: { readonly [attribute: string]: readonly CallableLayer[] };
  /**
   * A variable that lives from one predict to the next (a stateful RNN's state), zero at first.
   * `shape` must be static. `setState` says what it becomes after this call.
   */
  state(name: string, shape: Shape, dtype: DType): SymbolicTensor;
  setState(name: string, value: SymbolicTensor): void;
  /** Files that came with the layer (vocabularies) as text lines, or null. */
  asset(name: string): readonly string[] | null;
  /** A layer made inside the call, as functions of Lambda layers make them; one with variables finds none stored. */
  layer(spec: LayerSpec): CallableLayer;
}

/** Outputs; or outputs with their masks, when `call` knows them and the definition has no `mask`. */
export type CallResult = SymbolicTensor | readonly SymbolicTensor[] | CallOutcome;

/** Layers inside, by attribute. */
export type Sublayers = { readonly [attribute: string]: CallableLayer | readonly CallableLayer[] };

export type MaskResult = SymbolicTensor | null | readonly (SymbolicTensor | null)[];

export interface LayerDefinition<F extends Fields = Fields> {
  /** Set by `defineLayer` and `defineModel`. */
  readonly kind?: 'layer' | 'model';
  /** Class name in Keras 3 (or in the last Keras that had the class). */
  readonly name: string;
  /** Other class names that mean this layer once the config is normalised. */
  readonly aliases?: readonly string[];
  /** Constructor arguments, camelCase; Keras's snake_case keys are found by themselves. */
  readonly config: F;
  /** Names of the parameters of Keras's `call`, first to last; default `['inputs']`. */
  readonly callArguments?: readonly string[];
  /** Own variables in the order in which Keras creates them. Keys camelCase: `movingMean` is `moving_mean`. */
  weights?(config: ParsedFields<F>, inputShapes: readonly Shape[]): { readonly [name: string]: WeightSpec };
  /** Layers inside, by the attribute under which Keras keeps them (snake_case, as in weight paths). */
  sublayers?(config: ParsedFields<F>): { readonly [attribute: string]: LayerSpec | readonly LayerSpec[] };
  /** States of a recurrent cell, batch axis left out. */
  stateShapes?(config: ParsedFields<F>, inputShape: Shape, sublayers: Sublayers): readonly Shape[];
  /** Output shape, batch axis included. Left out, it is what tracing `call` infers. */
  outputShape?(config: ParsedFields<F>, inputShapes: readonly Shape[]): Shape | readonly Shape[];
  /**
   * What it computes at inference.
   * `inputs` are the tensors of the first call argument, flattened, cast to the compute dtype unless `castInputs` is false.
   */
  call(
    config: ParsedFields<F>,
    weights: { readonly [name: string]: SymbolicTensor },
    inputs: readonly SymbolicTensor[],
    ops: Ops,
    context: CallContext,
  ): CallResult;
  /** False for layers whose inputs keep their dtype (Embedding, lookups). Default true. */
  readonly castInputs?: boolean;
  /** `pass`: the first input's mask goes on; `stop` (default): none; or what computes the outputs' masks. */
  readonly mask?:
    | 'pass'
    | 'stop'
    | ((
        config: ParsedFields<F>,
        inputs: readonly SymbolicTensor[],
        masks: readonly (SymbolicTensor | null)[],
        ops: Ops,
        context: CallContext,
      ) => MaskResult);
}

/** A layer class as registries and custom objects hold it, whatever its fields. */
// biome-ignore lint/suspicious/noExplicitAny: a definition takes exactly the config that its own fields parse
export type AnyLayerDefinition = LayerDefinition<any>;

/** Declares a layer class. The result is plain data; register it by listing it, or give it as a custom object. */
export function defineLayer<const F extends Fields>(definition: LayerDefinition<F>): LayerDefinition<F> {
  return { ...definition, kind: 'layer' };
}

export interface ActivationDefinition {
  readonly kind?: 'activation';
  /** Name under which configs know it: `gelu`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What it computes, elementwise or along the last axis. `given` are arguments that the config holds, if any. */
  call(x: SymbolicTensor, ops: Ops, given: { readonly [name: string]: unknown }): SymbolicTensor;
}

/** Declares an activation function. */
export function defineActivation(definition: ActivationDefinition): ActivationDefinition {
  return { ...definition, kind: 'activation' };
}

export type { ActivationFunction };
