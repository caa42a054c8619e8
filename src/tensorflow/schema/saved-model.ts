/**
 * SavedModel as protobuf messages: tensorflow/core/protobuf/{saved_model,meta_graph,fingerprint}.proto, and the Keras
 * metadata beside it (keras/protobuf/saved_metadata.proto, TF 2.5 to 2.15 and tf_keras). Graphs stay bytes until needed.
 */

import { defineMessage, field, type Message, map, optional, repeated } from '../../containers/protobuf/message.ts';
import { TensorShapeProto } from '../../containers/table/schema.ts';
import { VersionDefProto } from './graph.ts';
import { SavedObjectGraphProto } from './objects.ts';

type ValueOf<M> = M extends Message<infer T> ? T : never;

const MetaInfoDefProto = defineMessage('MetaInfoDef', {
  tags: repeated(4, 'string'),
  tensorflowVersion: field(5, 'string'),
  tensorflowGitVersion: field(6, 'string'),
  /** Name of the traced Python function for each function of the library. */
  functionAliases: map(8, 'string', 'string'),
});

export interface TensorInfo {
  /** Tensor of the graph, `node:index`. */
  name: string | undefined;
  dtype: number;
  tensorShape: ValueOf<typeof TensorShapeProto> | undefined;
  cooSparse: ValueOf<typeof CooSparseProto> | undefined;
  compositeTensor: { components: TensorInfo[] } | undefined;
}

const CooSparseProto = defineMessage('TensorInfo.CooSparse', {
  valuesTensorName: field(1, 'string'),
  indicesTensorName: field(2, 'string'),
  denseShapeTensorName: field(3, 'string'),
});

const TensorInfoProto: Message<TensorInfo> = defineMessage('TensorInfo', {
  name: optional(1, 'string'),
  dtype: field(2, 'enum'),
  tensorShape: field(3, () => TensorShapeProto),
  cooSparse: optional(4, () => CooSparseProto),
  compositeTensor: optional(5, () => CompositeTensorProto),
});

const CompositeTensorProto: Message<{ components: TensorInfo[] }> = defineMessage('TensorInfo.CompositeTensor', {
  components: repeated(2, () => TensorInfoProto),
});

const SignatureDefProto = defineMessage('SignatureDef', {
  inputs: map(1, 'string', () => TensorInfoProto),
  outputs: map(2, 'string', () => TensorInfoProto),
  methodName: field(3, 'string'),
});

export type SignatureDef = ValueOf<typeof SignatureDefProto>;

const AssetFileDefProto = defineMessage('AssetFileDef', {
  tensorInfo: field(1, () => TensorInfoProto),
  /** Relative to the folder `assets`. */
  filename: field(2, 'string'),
});

const NodeListProto = defineMessage('CollectionDef.NodeList', { value: repeated(1, 'string') });
const BytesListProto = defineMessage('CollectionDef.BytesList', { value: repeated(1, 'bytes') });

const CollectionDefProto = defineMessage('CollectionDef', {
  nodeList: optional(1, () => NodeListProto),
  bytesList: optional(2, () => BytesListProto),
});

const SaverDefProto = defineMessage('SaverDef', {
  filenameTensorName: field(1, 'string'),
  saveTensorName: field(2, 'string'),
  restoreOpName: field(3, 'string'),
});

export const MetaGraphDefProto = defineMessage('MetaGraphDef', {
  metaInfoDef: field(1, () => MetaInfoDefProto),
  /** A GraphDef. */
  graphDef: field(2, 'bytes'),
  saverDef: field(3, () => SaverDefProto),
  collectionDef: map(4, 'string', () => CollectionDefProto),
  signatureDef: map(5, 'string', () => SignatureDefProto),
  assetFileDef: repeated(6, () => AssetFileDefProto),
  objectGraphDef: field(7, () => SavedObjectGraphProto),
});

export type MetaGraphDef = ValueOf<typeof MetaGraphDefProto>;

export const SavedModelProto = defineMessage('SavedModel', {
  savedModelSchemaVersion: field(1, 'size64'),
  metaGraphs: repeated(2, () => MetaGraphDefProto),
});

export const FingerprintDefProto = defineMessage('FingerprintDef', {
  savedModelChecksum: field(1, 'uint64'),
  graphDefProgramHash: field(2, 'uint64'),
  signatureDefHash: field(3, 'uint64'),
  savedObjectGraphHash: field(4, 'uint64'),
  checkpointHash: field(5, 'uint64'),
  uuid: field(7, 'string'),
  version: field(6, () => VersionDefProto),
});

export type Fingerprint = ValueOf<typeof FingerprintDefProto>;

/** One Keras object: `nodeId` counts in the object graph of saved_model.pb. */
const KerasObjectProto = defineMessage('SavedObject (Keras)', {
  nodeId: field(2, 'int32'),
  nodePath: field(3, 'string'),
  identifier: field(4, 'string'),
  /** JSON. */
  metadata: field(5, 'string'),
});

export const SavedMetadataProto = defineMessage('SavedMetadata', { nodes: repeated(1, () => KerasObjectProto) });

const SaveSliceInfoProto = defineMessage('SaveSliceInfoDef', {
  fullName: field(1, 'string'),
  fullShape: repeated(2, 'size64'),
  varOffset: repeated(3, 'size64'),
  varShape: repeated(4, 'size64'),
});

/** VariableDef of TF1 collections (tensorflow/core/framework/variable.proto). */
export const VariableDefProto = defineMessage('VariableDef', {
  variableName: field(1, 'string'),
  initialValueName: field(6, 'string'),
  initializerName: field(2, 'string'),
  snapshotName: field(3, 'string'),
  /** Of a part of a partitioned variable: which part of what is saved. */
  saveSliceInfoDef: optional(4, () => SaveSliceInfoProto),
  isResource: field(5, 'bool'),
  trainable: field(7, 'bool'),
});
