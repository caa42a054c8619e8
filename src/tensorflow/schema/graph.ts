/**
 * TensorFlow's graphs as protobuf messages: tensorflow/core/framework/{graph,node_def,attr_value,function,op_def}.proto.
 * Functions are kept as bytes until one is asked for, since a SavedModel holds many that nobody calls.
 */

import { defineMessage, field, type Message, map, optional, repeated } from '../../containers/protobuf/message.ts';
import { type TensorMessage, TensorProto, TensorShapeProto } from '../../containers/table/schema.ts';

type ValueOf<M> = M extends Message<infer T> ? T : never;

export type ShapeMessage = ValueOf<typeof TensorShapeProto>;

export interface AttrList {
  s: Uint8Array[];
  i: bigint[];
  f: number[];
  b: boolean[];
  type: number[];
  shape: ShapeMessage[];
  tensor: TensorMessage[];
  func: NameAttrList[];
}

/** A function to call, by name, with the values of its own attributes. */
export interface NameAttrList {
  name: string;
  attr: Map<string, AttrValue>;
}

/** Exactly one member is set. */
export interface AttrValue {
  s: Uint8Array | undefined;
  i: bigint | undefined;
  f: number | undefined;
  b: boolean | undefined;
  type: number | undefined;
  shape: ShapeMessage | undefined;
  tensor: TensorMessage | undefined;
  list: AttrList | undefined;
  func: NameAttrList | undefined;
  /** In a function's body: the attribute of the caller that stands here. */
  placeholder: string | undefined;
}

const AttrListProto: Message<AttrList> = defineMessage('AttrValue.ListValue', {
  s: repeated(2, 'bytes'),
  i: repeated(3, 'int64'),
  f: repeated(4, 'float'),
  b: repeated(5, 'bool'),
  type: repeated(6, 'enum'),
  shape: repeated(7, () => TensorShapeProto),
  tensor: repeated(8, () => TensorProto),
  func: repeated(9, () => NameAttrListProto),
});

export const AttrValueProto: Message<AttrValue> = defineMessage('AttrValue', {
  s: optional(2, 'bytes'),
  i: optional(3, 'int64'),
  f: optional(4, 'float'),
  b: optional(5, 'bool'),
  type: optional(6, 'enum'),
  shape: optional(7, () => TensorShapeProto),
  tensor: optional(8, () => TensorProto),
  list: optional(1, () => AttrListProto),
  func: optional(10, () => NameAttrListProto),
  placeholder: optional(9, 'string'),
});

const NameAttrListProto: Message<NameAttrList> = defineMessage('NameAttrList', {
  name: field(1, 'string'),
  attr: map(2, 'string', () => AttrValueProto),
});

export const NodeDefProto = defineMessage('NodeDef', {
  name: field(1, 'string'),
  op: field(2, 'string'),
  /** `node`, `node:output:index` (in functions), `node:index` (in graphs), or `^node` for order alone. */
  input: repeated(3, 'string'),
  device: field(4, 'string'),
  attr: map(5, 'string', () => AttrValueProto),
});

export type NodeDef = ValueOf<typeof NodeDefProto>;

const ArgDefProto = defineMessage('OpDef.ArgDef', {
  name: field(1, 'string'),
  type: field(3, 'enum'),
  typeAttr: field(4, 'string'),
  numberAttr: field(5, 'string'),
  typeListAttr: field(6, 'string'),
});

const OpDefProto = defineMessage('OpDef', {
  name: field(1, 'string'),
  inputArg: repeated(2, () => ArgDefProto),
  outputArg: repeated(3, () => ArgDefProto),
});

const ArgAttrsProto = defineMessage('FunctionDef.ArgAttrs', { attr: map(1, 'string', () => AttrValueProto) });

export const FunctionDefProto = defineMessage('FunctionDef', {
  signature: field(1, () => OpDefProto),
  attr: map(5, 'string', () => AttrValueProto),
  /** Attributes of arguments, by index: `_output_shapes`, `_user_specified_name`. */
  argAttr: map(7, 'uint32', () => ArgAttrsProto),
  nodeDef: repeated(3, () => NodeDefProto),
  /** For each output argument, the tensor of the body that is returned. */
  ret: map(4, 'string', 'string'),
});

export type FunctionDef = ValueOf<typeof FunctionDefProto>;

/** A function's name alone, without decoding its body. */
export const FunctionHeadProto = defineMessage('FunctionDef', { signature: field(1, () => OpHeadProto) });

const OpHeadProto = defineMessage('OpDef', { name: field(1, 'string') });

const FunctionDefLibraryProto = defineMessage('FunctionDefLibrary', { function: repeated(1, 'bytes') });

export const GraphDefProto = defineMessage('GraphDef', {
  node: repeated(1, () => NodeDefProto),
  library: field(2, () => FunctionDefLibraryProto),
  versions: field(4, () => VersionDefProto),
});

/** A graph with its functions in place: to check all of it in one pass. */
export const WholeGraphProto = defineMessage('GraphDef', {
  node: repeated(1, () => NodeDefProto),
  library: field(2, () => WholeLibraryProto),
  versions: field(4, () => VersionDefProto),
});

const WholeLibraryProto = defineMessage('FunctionDefLibrary', { function: repeated(1, () => FunctionDefProto) });

export type GraphDef = ValueOf<typeof GraphDefProto>;

export const VersionDefProto = defineMessage('VersionDef', {
  producer: field(1, 'int32'),
  minConsumer: field(2, 'int32'),
});
