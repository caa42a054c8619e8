/** `loadstone/node`: what `loadstone` offers, and paths: files, folders, checkpoints by their prefix, URLs. */

export { type OpenPathOptions, openPath } from './artefacts/node/open-path.ts';
export { fileSource } from './bytes/node/file.ts';
export { nodeFolder } from './bytes/node/folder.ts';
export * from './index.ts';
