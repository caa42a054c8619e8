/** Lambda layers without Python: reading, naming, judging and tracing functions that are stored as bytecode. */

export { assemble, assembledPythons, type Expression, type StraightFunction } from './assemble.ts';
export { sourceOf } from './decompile/index.ts';
export { type DescribedName, describeFunction, describeLambda, type LambdaDescription } from './describe.ts';
export { disassemble } from './disassembly.ts';
export { readStoredFunction, type StoredFunction } from './encoding.ts';
export { type EquivalentLayer, lambdaEquivalent } from './equivalent.ts';
export { type FoundFunction, functionsIn } from './find.ts';
export { judge, judgeName, type Risk, textsIn } from './judge.ts';
export { type LambdaLayer, madeByKey, readLambda, traceLambda } from './layer-function.ts';
export { loaderNames, type NeededName } from './names.ts';
