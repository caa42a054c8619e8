/** Models as ONNX, for other runtimes. */

export { type ExportRefusal, type OnnxExport, type OnnxExportOptions, planOnnx } from './onnx.ts';
export { type ModelCredits, writeExternalWeights, writeOnnxModel } from './write.ts';
