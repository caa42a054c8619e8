/** CPython's marshal format: constants and code objects, read, written and never executed. */

export { type MarshalledCode, type PythonVersion, pythonVersions, readCode, readMarshal } from './code.ts';
export type { CodeLayout, CodeObject, PythonConstant } from './values.ts';
export { isGenerator, takesVarArgs, takesVarKeywords } from './values.ts';
export { writeCode } from './write.ts';
