/**
 * The one description of a model for all eras, under Keras 3's names. Artefact readers make it; running, comparing,
 * mending and writing look only at it and never at a dialect. Nothing here holds numbers: weights are lazy.
 */

import type { ByteSource, ReadOptions } from '../bytes/source.ts';
import type { Address, Finding } from '../findings/finding.ts';
import type { DType } from '../numbers/dtype.ts';
import type { Shape, Tensor } from '../numbers/tensor.ts';

/** JSON as Keras writes it: NaN and the infinities are numbers here. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

/** A tensor in an artefact, not read yet. */
export interface TensorRef {
  /** Where it is stored: `model_weights/dense/dense/kernel:0`, `layers/dense/vars/0`, a checkpoint key. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** How it is stored, in one word for people: contiguous, chunked, compact, shard, derived … */
  readonly storage: string;
  /** Where its numbers lie plain: row-major, little-endian, in `dtype`. Null where they must be decoded. */
  readonly plain: { readonly source: ByteSource; readonly offset: number; readonly length: number } | null;
  /** Where in the artefact it lies, for evidence. */
  readonly at: Address;
  /** Numbers that are stored for it, where its conversions make another count of them (CuDNN's two biases). */
  readonly storedElements?: number;
  /** Changes of layout that `read` applies to what is stored, oldest first, in words for people. */
  readonly conversions: readonly string[];
  read(options?: ReadOptions): Promise<Tensor>;
}

/** One variable of a layer: the role that the layer's definition gives it, and what the artefact stores for it. */
export interface Weight {
  /** Keras's name of the variable inside its layer: `kernel`, `moving_mean`. */
  readonly name: string;
  /** What the layer needs, where its input shape tells. */
  readonly shape: readonly number[] | null;
  readonly trainable: boolean;
  /** Null where the artefact stores nothing for it. */
  readonly tensor: TensorRef | null;
}

/** Names one output of one call of a layer, as Keras's `keras_history` does; `node` counts calls in this model only. */
export interface TensorAddress {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

/** A value in a call's arguments: JSON, or a tensor of the graph, or lists and records of them. */
export type CallValue =
  | { readonly kind: 'tensor'; readonly at: TensorAddress }
  | { readonly kind: 'list'; readonly items: readonly CallValue[] }
  | { readonly kind: 'record'; readonly entries: { readonly [key: string]: CallValue } }
  | { readonly kind: 'value'; readonly value: Json };

/** One call of a layer in a Functional graph (one inbound node). */
export interface Call {
  readonly args: readonly CallValue[];
  readonly kwargs: { readonly [key: string]: CallValue };
}

/** Tensors in the nesting in which the config gives a model's inputs and outputs. */
export type Structure<T> = T | readonly Structure<T>[] | { readonly [key: string]: Structure<T> };

export interface DTypePolicy {
  /** `float32`, `mixed_float16`, `int8_from_float32` … */
  readonly name: string;
  readonly compute: DType;
  readonly variable: DType;
}

export interface Layer {
  readonly name: string;
  /** Class under today's name, without package: `Dense`. An operation of `keras.ops` used as a layer: its class name. */
  readonly className: string;
  /** What tells classes of one name apart: a built-in layer, an operation used as a layer, or the user's own class. */
  readonly origin: 'layer' | 'operation' | 'custom';
  /** `package>Name` as registered, or the bare class name, for custom classes; else null. */
  readonly registeredName: string | null;
  /** Constructor arguments under today's (Keras 3, snake_case) names, every era's dialect already undone. */
  readonly config: JsonObject;
  readonly dtype: DTypePolicy;
  readonly trainable: boolean;
  /** Calls in the order in which the model made them. Sequential: one call each, on the layer before. */
  readonly calls: readonly Call[];
  /** Own variables, in creation order; those of sublayers stand there. */
  readonly weights: readonly Weight[];
  /** Layers held in attributes: `cell`, `forward_layer`, `query_dense`, `layer`, `cells` (a list) … */
  readonly sublayers: { readonly [attribute: string]: Layer | readonly Layer[] };
  /** The graph inside, when the layer is itself a model. */
  readonly model: Model | null;
  /** Shape that the artefact recorded for its input when it was built, if it did. */
  readonly buildShape: Json;
  /** Files that belong to it, such as a vocabulary, by name. */
  readonly assets: { readonly [name: string]: ByteSource };
  readonly at: Address;
}

export interface TensorSpec {
  /** Name by which `predict` takes or gives it: the input layer's, or the output layer's name. */
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface Model {
  /** `Sequential`, `Functional`, or the user's class of a subclassed model. */
  readonly className: string;
  readonly origin: 'layer' | 'custom';
  readonly registeredName: string | null;
  readonly name: string;
  readonly trainable: boolean;
  /** In the order of Keras's `model.layers`, with InputLayers where the config has them (Sequential: always one). */
  readonly layers: readonly Layer[];
  readonly inputs: Structure<TensorAddress>;
  readonly outputs: Structure<TensorAddress>;
  /** Config as stored for a subclassed model; null for the graph kinds. */
  readonly config: JsonObject | null;
  /**
   * A subclassed model itself as a layer, which a definition of the user's describes: its config, own weights, and its
   * layers as sublayers by attribute. Absent for the graph kinds. `inputs` and `outputs` are then `[]`.
   */
  readonly root?: Layer | null;
}

export type Line = 'keras1' | 'keras2' | 'tf.keras' | 'keras3' | 'tf_keras';

/** Which Keras wrote it, as far as the artefact tells. */
export interface Provenance {
  readonly line: Line | null;
  /** Keras's own version, without suffix: `2.2.4`, `3.10.0`. */
  readonly keras: string | null;
  readonly tensorflow: string | null;
  readonly backend: string | null;
  /** Sentences that say what each was read from. */
  readonly evidence: readonly string[];
}

export interface Training {
  readonly optimizer: Json;
  readonly loss: Json;
  readonly metrics: Json;
  readonly lossWeights: Json;
  /** The compile arguments as stored. */
  readonly stored: JsonObject;
  readonly optimizerStateSaved: boolean;
  /** Optimizer variables in stored order. */
  readonly optimizerWeights: readonly TensorRef[];
}

export type Format =
  | 'keras-h5'
  | 'keras-h5-weights'
  | 'keras-v3'
  | 'keras-v3-weights'
  | 'saved-model'
  | 'checkpoint'
  | 'architecture-json'
  | 'architecture-yaml'
  | 'tfjs-layers'
  | 'unknown';

export type CustomKind =
  | 'layer'
  | 'activation'
  | 'loss'
  | 'metric'
  | 'optimizer'
  | 'schedule'
  | 'regularizer'
  | 'initializer'
  | 'constraint'
  | 'model'
  | 'function';

export interface CustomObject {
  /** Without package. */
  readonly name: string;
  readonly registeredName: string;
  readonly kind: CustomKind;
  readonly neededFor: 'architecture' | 'compile';
  readonly at: Address;
}

/** What an artefact holds, once read. */
export interface Artefact {
  readonly name: string;
  readonly format: Format;
  readonly provenance: Provenance;
  /** Null where there is only a list of tensors, or nothing could be read. */
  readonly model: Model | null;
  readonly training: Training | null;
  /** Every tensor in the artefact, optimizer's aside, in stored order; also those that no layer claims. */
  readonly tensors: readonly TensorRef[];
  readonly customObjects: readonly CustomObject[];
  readonly findings: readonly Finding[];
  close(): Promise<void>;
}
