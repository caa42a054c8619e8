/**
 * The messages of ONNX models that Loadstone writes and reads. Field numbers and types are those of onnx.proto
 * (IR version 10); fields that nobody uses are left out.
 */

import { defineMessage, field, type Message, optional, repeated } from '../protobuf/message.ts';

const keyValue = defineMessage('StringStringEntryProto', { key: field(1, 'string'), value: field(2, 'string') });

export interface TensorProto {
  dims: number[];
  dataType: number;
  floatData: number[];
  int32Data: number[];
  stringData: Uint8Array[];
  int64Data: number[];
  name: string;
  rawData: Uint8Array | undefined;
  externalData: { key: string; value: string }[];
  /** 1: the numbers are where `externalData` says. */
  dataLocation: number;
}

export const tensorProto: Message<TensorProto> = defineMessage('TensorProto', {
  dims: repeated(1, 'size64'),
  dataType: field(2, 'enum'),
  floatData: repeated(4, 'float'),
  int32Data: repeated(5, 'int32'),
  stringData: repeated(6, 'bytes'),
  int64Data: repeated(7, 'size64'),
  name: field(8, 'string'),
  rawData: optional(9, 'bytes'),
  externalData: repeated(13, () => keyValue),
  dataLocation: field(14, 'enum'),
});

const dimension = defineMessage('TensorShapeProto.Dimension', {
  dimValue: optional(1, 'size64'),
  dimParam: optional(2, 'string'),
});
const shapeProto = defineMessage('TensorShapeProto', { dim: repeated(1, () => dimension) });
const tensorType = defineMessage('TypeProto.Tensor', { elemType: field(1, 'enum'), shape: field(2, () => shapeProto) });
const typeProto = defineMessage('TypeProto', { tensorType: field(1, () => tensorType) });
const valueInfo = defineMessage('ValueInfoProto', {
  name: field(1, 'string'),
  type: field(2, () => typeProto),
  docString: field(3, 'string'),
});

export type ValueInfoProto = NonNullable<(typeof valueInfo)['value']>;

export interface AttributeProto {
  name: string;
  float: number | undefined;
  int: bigint | undefined;
  string: Uint8Array | undefined;
  tensor: TensorProto | undefined;
  graph: GraphProto | undefined;
  floats: number[];
  ints: bigint[];
  strings: Uint8Array[];
  type: number;
}

export const attributeProto: Message<AttributeProto> = defineMessage('AttributeProto', {
  name: field(1, 'string'),
  float: optional(2, 'float'),
  int: optional(3, 'int64'),
  string: optional(4, 'bytes'),
  tensor: field(5, () => tensorProto),
  graph: field(6, () => graphProto),
  floats: repeated(7, 'float'),
  ints: repeated(8, 'int64'),
  strings: repeated(9, 'bytes'),
  type: field(20, 'enum'),
}) as Message<AttributeProto>;

/** Values of `AttributeProto.type`. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

export interface NodeProto {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  attribute: AttributeProto[];
  docString: string;
  domain: string;
}

export const nodeProto: Message<NodeProto> = defineMessage('NodeProto', {
  input: repeated(1, 'string'),
  output: repeated(2, 'string'),
  name: field(3, 'string'),
  opType: field(4, 'string'),
  attribute: repeated(5, () => attributeProto),
  docString: field(6, 'string'),
  domain: field(7, 'string'),
});

export interface GraphProto {
  node: NodeProto[];
  name: string;
  initializer: TensorProto[];
  docString: string;
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

export const graphProto: Message<GraphProto> = defineMessage('GraphProto', {
  node: repeated(1, () => nodeProto),
  name: field(2, 'string'),
  initializer: repeated(5, () => tensorProto),
  docString: field(10, 'string'),
  input: repeated(11, () => valueInfo),
  output: repeated(12, () => valueInfo),
});

const operatorSet = defineMessage('OperatorSetIdProto', { domain: field(1, 'string'), version: field(2, 'size64') });

export const modelProto = defineMessage('ModelProto', {
  irVersion: field(1, 'size64'),
  producerName: field(2, 'string'),
  producerVersion: field(3, 'string'),
  modelVersion: field(5, 'size64'),
  docString: field(6, 'string'),
  graph: field(7, () => graphProto),
  opsetImport: repeated(8, () => operatorSet),
  metadataProps: repeated(14, () => keyValue),
});

export type ModelProto = NonNullable<(typeof modelProto)['value']>;
