/**
 * `loadstone/node`: what `loadstone` offers, and paths: files, folders, checkpoints by their prefix, URLs. Here copies are
 * written, too.
 */

export { type OpenPathOptions, openPath } from './artefacts/node/open-path.ts';
export { rawAtPath } from './artefacts/node/raw-path.ts';
export { fileSource } from './bytes/node/file.ts';
export { type FileSink, fileSink } from './bytes/node/file-sink.ts';
export { nodeFolder } from './bytes/node/folder.ts';
export { type Converted, type ConvertRequest, convert, type OutputForm } from './copies/node/convert.ts';
export { type Mended, type MendRefusal, type MendRequest, mend } from './copies/node/mend.ts';
export * from './index.ts';
export type { TensorDigest } from './mend/digest.ts';
export type { InputDeclaration, ShapeChange } from './mend/input-shape.ts';
export type { Change } from './mend/step.ts';
