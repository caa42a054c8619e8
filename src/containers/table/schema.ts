/**
 * Protobuf messages inside checkpoint tables: tensorflow/core/protobuf/tensor_bundle.proto, util/saved_tensor_slice.proto,
 * framework/{tensor_shape,tensor_slice,tensor,versions}.proto.
 */

import { defineMessage, field, type Message, optional, repeated } from '../protobuf/message.ts';

export const TensorShapeProto = defineMessage('TensorShapeProto', {
  dim: repeated(2, () => Dim),
  unknownRank: field(3, 'bool'),
});

const Dim = defineMessage('TensorShapeProto.Dim', { size: field(1, 'size64'), name: field(2, 'string') });

export const TensorSliceProto = defineMessage('TensorSliceProto', { extent: repeated(1, () => Extent) });

/** Without `length` the extent is the whole axis. */
const Extent = defineMessage('TensorSliceProto.Extent', { start: field(1, 'size64'), length: optional(2, 'size64') });

type ValueOf<M> = M extends Message<infer T> ? T : never;

export type TensorSlice = ValueOf<typeof TensorSliceProto>;

const VersionDef = defineMessage('VersionDef', { producer: field(1, 'int32'), minConsumer: field(2, 'int32') });

export const BundleHeaderProto = defineMessage('BundleHeaderProto', {
  numShards: field(1, 'int32'),
  /** 0 little, 1 big. */
  endianness: field(2, 'enum'),
  version: field(3, () => VersionDef),
});

export type BundleHeader = ValueOf<typeof BundleHeaderProto>;

export const BundleEntryProto = defineMessage('BundleEntryProto', {
  dtype: field(1, 'enum'),
  shape: field(2, () => TensorShapeProto),
  shardId: field(3, 'int32'),
  offset: field(4, 'size64'),
  size: field(5, 'size64'),
  crc32c: field(6, 'fixed32'),
  slices: repeated(7, () => TensorSliceProto),
});

/** A tensor by value. Numbers stand in `tensorContent`, or in the list that belongs to their dtype. */
export const TensorProto = defineMessage('TensorProto', {
  dtype: field(1, 'enum'),
  tensorShape: field(2, () => TensorShapeProto),
  tensorContent: field(4, 'bytes'),
  halfVal: repeated(13, 'int32'),
  floatVal: repeated(5, 'float'),
  doubleVal: repeated(6, 'double'),
  intVal: repeated(7, 'int32'),
  stringVal: repeated(8, 'bytes'),
  scomplexVal: repeated(9, 'float'),
  int64Val: repeated(10, 'int64'),
  boolVal: repeated(11, 'bool'),
  dcomplexVal: repeated(12, 'double'),
  uint32Val: repeated(16, 'uint32'),
  uint64Val: repeated(17, 'uint64'),
  float8Val: field(18, 'bytes'),
});

export type TensorMessage = ValueOf<typeof TensorProto>;

const SavedSliceMeta = defineMessage('SavedSliceMeta', {
  name: field(1, 'string'),
  shape: field(2, () => TensorShapeProto),
  type: field(3, 'enum'),
  slice: repeated(4, () => TensorSliceProto),
});

const SavedTensorSliceMeta = defineMessage('SavedTensorSliceMeta', {
  tensor: repeated(1, () => SavedSliceMeta),
  versions: field(2, () => VersionDef),
});

const SavedSlice = defineMessage('SavedSlice', {
  name: field(1, 'string'),
  slice: field(2, () => TensorSliceProto),
  data: field(3, () => TensorProto),
});

export const SavedTensorSlices = defineMessage('SavedTensorSlices', {
  meta: field(1, () => SavedTensorSliceMeta),
  data: field(2, () => SavedSlice),
});
