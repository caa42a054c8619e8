/**
 * Object graphs as protobuf messages: what Python objects a SavedModel or checkpoint was made of
 * (tensorflow/core/protobuf/{saved_object_graph,trackable_object_graph,struct}.proto).
 */

import { defineMessage, field, type Message, map, optional, repeated } from '../../containers/protobuf/message.ts';
import { TensorShapeProto } from '../../containers/table/schema.ts';
import type { ShapeMessage } from './graph.ts';

type ValueOf<M> = M extends Message<infer T> ? T : never;

const ObjectReferenceProto = defineMessage('ObjectReference', {
  nodeId: field(1, 'int32'),
  localName: field(2, 'string'),
});

const SlotVariableProto = defineMessage('SlotVariableReference', {
  originalVariableNodeId: field(1, 'int32'),
  slotName: field(2, 'string'),
  slotVariableNodeId: field(3, 'int32'),
});

const SerializedTensorProto = defineMessage('SerializedTensor', {
  name: field(1, 'string'),
  /** Name of the variable in Python. */
  fullName: field(2, 'string'),
  checkpointKey: field(3, 'string'),
});

const TrackableObjectProto = defineMessage('TrackableObject', {
  children: repeated(1, () => ObjectReferenceProto),
  attributes: repeated(2, () => SerializedTensorProto),
  slotVariables: repeated(3, () => SlotVariableProto),
});

export type TrackableObject = ValueOf<typeof TrackableObjectProto>;

/** What the key `_CHECKPOINTABLE_OBJECT_GRAPH` of a checkpoint holds. */
export const TrackableObjectGraphProto = defineMessage('TrackableObjectGraph', {
  nodes: repeated(1, () => TrackableObjectProto),
});

const NamedShape = {
  name: field(1, 'string'),
  shape: field(2, () => TensorShapeProto),
  dtype: field(3, 'enum'),
} as const;

const TensorSpecProto = defineMessage('TensorSpecProto', NamedShape);

export type TensorSpecMessage = ValueOf<typeof TensorSpecProto>;

/** A Python value: arguments, results and signatures of functions. Exactly one member is set; none at all means None. */
export interface StructuredValue {
  noneValue: object | undefined;
  float64Value: number | undefined;
  int64Value: bigint | undefined;
  stringValue: string | undefined;
  boolValue: boolean | undefined;
  tensorShapeValue: ShapeMessage | undefined;
  tensorDtypeValue: number | undefined;
  tensorSpecValue: TensorSpecMessage | undefined;
  boundedTensorSpecValue: TensorSpecMessage | undefined;
  typeSpecValue: TypeSpecMessage | undefined;
  listValue: { values: StructuredValue[] } | undefined;
  tupleValue: { values: StructuredValue[] } | undefined;
  dictValue: { fields: Map<string, StructuredValue> } | undefined;
  namedTupleValue: NamedTuple | undefined;
}

export interface NamedTuple {
  name: string;
  values: { key: string; value: StructuredValue | undefined }[];
}

export interface TypeSpecMessage {
  /** 1 sparse, 3 ragged, 9 variable, 12 registered … */
  typeSpecClass: number;
  typeState: StructuredValue | undefined;
  typeSpecClassName: string;
  numFlatComponents: number;
}

const valuesOf = (name: string): Message<{ values: StructuredValue[] }> =>
  defineMessage(name, { values: repeated(1, () => StructuredValueProto) });

const ListValueProto = valuesOf('ListValue');
const TupleValueProto = valuesOf('TupleValue');
const DictValueProto: Message<{ fields: Map<string, StructuredValue> }> = defineMessage('DictValue', {
  fields: map(1, 'string', () => StructuredValueProto),
});
const NamedTupleProto: Message<NamedTuple> = defineMessage('NamedTupleValue', {
  name: field(1, 'string'),
  values: repeated(2, () => PairValueProto),
});
const PairValueProto: Message<NamedTuple['values'][number]> = defineMessage('PairValue', {
  key: field(1, 'string'),
  value: field(2, () => StructuredValueProto),
});
const TypeSpecProto: Message<TypeSpecMessage> = defineMessage('TypeSpecProto', {
  typeSpecClass: field(1, 'enum'),
  typeState: field(2, () => StructuredValueProto),
  typeSpecClassName: field(3, 'string'),
  numFlatComponents: field(4, 'int32'),
});
const NoneValueProto = defineMessage('NoneValue', {});

export const StructuredValueProto: Message<StructuredValue> = defineMessage('StructuredValue', {
  noneValue: optional(1, () => NoneValueProto),
  float64Value: optional(11, 'double'),
  int64Value: optional(12, 'sint64'),
  stringValue: optional(13, 'string'),
  boolValue: optional(14, 'bool'),
  tensorShapeValue: optional(31, () => TensorShapeProto),
  tensorDtypeValue: optional(32, 'enum'),
  tensorSpecValue: optional(33, () => TensorSpecProto),
  typeSpecValue: optional(34, () => TypeSpecProto),
  boundedTensorSpecValue: optional(35, () => TensorSpecProto),
  listValue: optional(51, () => ListValueProto),
  tupleValue: optional(52, () => TupleValueProto),
  dictValue: optional(53, () => DictValueProto),
  namedTupleValue: optional(54, () => NamedTupleProto),
});

const SavedUserObjectProto = defineMessage('SavedUserObject', {
  /** `_generic_user_object`, `_tf_keras_network`, `trackable_list_wrapper` … */
  identifier: field(1, 'string'),
  /** JSON of Keras, until TF 2.4. */
  metadata: field(3, 'string'),
});

const SavedVariableProto = defineMessage('SavedVariable', {
  dtype: field(1, 'enum'),
  shape: field(2, () => TensorShapeProto),
  trainable: field(3, 'bool'),
  name: field(6, 'string'),
});

export const FunctionSpecProto = defineMessage('FunctionSpec', {
  fullargspec: field(1, () => StructuredValueProto),
  isMethod: field(2, 'bool'),
  inputSignature: field(5, () => StructuredValueProto),
});

const SavedFunctionProto = defineMessage('SavedFunction', {
  /** Names of the traced variants. */
  concreteFunctions: repeated(1, 'string'),
  /** A FunctionSpec. */
  functionSpec: field(2, 'bytes'),
});

const BareConcreteFunctionProto = defineMessage('SavedBareConcreteFunction', {
  concreteFunctionName: field(1, 'string'),
  argumentKeywords: repeated(2, 'string'),
});

const SaveableObjectProto = defineMessage('SaveableObject', {
  saveFunction: field(2, 'int32'),
  restoreFunction: field(3, 'int32'),
});

const SavedAssetProto = defineMessage('SavedAsset', { assetFileDefIndex: field(1, 'int32') });
const SavedConstantProto = defineMessage('SavedConstant', { operation: field(1, 'string') });
const SavedResourceProto = defineMessage('SavedResource', { device: field(1, 'string') });
const CapturedTensorProto = defineMessage('CapturedTensor', {
  name: field(1, 'string'),
  concreteFunction: field(2, 'string'),
});

const SavedObjectProto = defineMessage('SavedObject', {
  children: repeated(1, () => ObjectReferenceProto),
  slotVariables: repeated(3, () => SlotVariableProto),
  userObject: optional(4, () => SavedUserObjectProto),
  asset: optional(5, () => SavedAssetProto),
  function: optional(6, () => SavedFunctionProto),
  variable: optional(7, () => SavedVariableProto),
  bareConcreteFunction: optional(8, () => BareConcreteFunctionProto),
  /** A constant of the graph, by the name of its node. */
  constant: optional(9, () => SavedConstantProto),
  resource: optional(10, () => SavedResourceProto),
  capturedTensor: optional(12, () => CapturedTensorProto),
  saveableObjects: map(11, 'string', () => SaveableObjectProto),
  registeredName: field(13, 'string'),
});

export type SavedObject = ValueOf<typeof SavedObjectProto>;

const SavedConcreteFunctionProto = defineMessage('SavedConcreteFunction', {
  /** Nodes of the object graph that are given to the function after its arguments. */
  boundInputs: repeated(2, 'int32'),
  /** StructuredValues: what it takes and gives. There are many of them, and few are needed. */
  canonicalizedInputSignature: field(3, 'bytes'),
  outputSignature: field(4, 'bytes'),
});

export type SavedConcreteFunction = ValueOf<typeof SavedConcreteFunctionProto>;

export const SavedObjectGraphProto = defineMessage('SavedObjectGraph', {
  nodes: repeated(1, () => SavedObjectProto),
  concreteFunctions: map(2, 'string', () => SavedConcreteFunctionProto),
});

export type SavedObjectGraph = ValueOf<typeof SavedObjectGraphProto>;
