/**
 * `loadstone`: reads any saved Keras model, foresees and explains how it fails to load, and declares objects of one's own.
 * Runs in Node and browsers.
 */

export { type OpenOptions, openArtefact } from './artefacts/open.ts';
export { type RawArtefact, type RawPlace, readRawArtefact } from './artefacts/raw/index.ts';
export { blobSource } from './bytes/blob.ts';
export { type HttpOptions, httpSource } from './bytes/http.ts';
export { memorySource } from './bytes/memory.ts';
export type { ByteSource, ReadOptions } from './bytes/source.ts';
export { type Cause, type ExplainOptions, type Explanation, explain } from './failures/explain/explain.ts';
export { type ErrorCode, isLoadstoneError, LoadstoneError } from './findings/errors.ts';
export type { Address, Finding, Severity } from './findings/finding.ts';
export {
  type Definition,
  defineLoss,
  defineMetric,
  defineModel,
  defineNamed,
  type GivenObjects,
} from './layers/custom.ts';
export * from './layers/define.ts';
export * from './layers/fields.ts';
export type * from './model/types.ts';
export type { DType, TensorData, TypedArray } from './numbers/dtype.ts';
export type { Shape, Tensor } from './numbers/tensor.ts';
export type { Ops, SizeLike, SymbolicTensor, TensorLike } from './ops/index.ts';
export { type Environment, knownEnvironments, parseEnvironment } from './rehearsal/environments/index.ts';
export { type RehearseOptions, rehearse } from './rehearsal/rehearse.ts';
export type { Mode, Obstacle, Outcome, Rehearsal, Stage } from './rehearsal/types.ts';
