/** Every failure that Loadstone knows: one line for each file of this folder. */

import type { Failure } from '../define.ts';
import architectureMismatchCount from './architecture-mismatch-count.ts';
import architectureMismatchShape from './architecture-mismatch-shape.ts';
import backendMismatchTheano from './backend-mismatch-theano.ts';
import brokenInstall from './broken-install.ts';
import checkpointMissingFiles from './checkpoint-missing-files.ts';
import checkpointWrongName from './checkpoint-wrong-name.ts';
import converterNotKeras3 from './converter-not-keras3.ts';
import cpuInstruction from './cpu-instruction.ts';
import cudnnRnnCpuGpu from './cudnn-rnn-cpu-gpu.ts';
import customObjectMissing from './custom-object-missing.ts';
import customObjectNoBuild from './custom-object-no-build.ts';
import customObjectNoGetConfig from './custom-object-no-get-config.ts';
import dtypeMismatch from './dtype-mismatch.ts';
import duplicateNames from './duplicate-names.ts';
import fileLocking from './file-locking.ts';
import fileNotFoundPath from './file-not-found-path.ts';
import fileReadViaVocabularyPath from './file-read-via-vocabulary-path.ts';
import filenameExtensionRequired from './filename-extension-required.ts';
import gpuMemory from './gpu-memory.ts';
import h5HeaderSizeLimit from './h5-header-size-limit.ts';
import h5pyMissing from './h5py-missing.ts';
import h5py3Decode from './h5py3-decode.ts';
import hdf5ExternalLink from './hdf5-external-link.ts';
import hdf5ExternalStorage from './hdf5-external-storage.ts';
import infWeights from './inf-weights.ts';
import inputOutOfRange from './input-out-of-range.ts';
import inputShapeMismatchPredict from './input-shape-mismatch-predict.ts';
import inputShapeUnknown from './input-shape-unknown.ts';
import kerasApiMoved from './keras-api-moved.ts';
import kerasRegression from './keras-regression.ts';
import kerasUnzippedDirectory from './keras-unzipped-directory.ts';
import kerasVersionMissing from './keras-version-missing.ts';
import kerasZipMissingConfig from './keras-zip-missing-config.ts';
import kerasZipMissingMetadata from './keras-zip-missing-metadata.ts';
import kerasZipNestedFolder from './keras-zip-nested-folder.ts';
import keras1Config from './keras1-config.ts';
import keras2FileInKeras3 from './keras2-file-in-keras3.ts';
import keras3FileInKeras2 from './keras3-file-in-keras2.ts';
import lambdaEncodingChange from './lambda-encoding-change.ts';
import lambdaMarshalPythonVersion from './lambda-marshal-python-version.ts';
import lambdaMissingGlobal from './lambda-missing-global.ts';
import lambdaOutputShape from './lambda-output-shape.ts';
import lambdaUnsafe from './lambda-unsafe.ts';
import layerTypeMismatch from './layer-type-mismatch.ts';
import lfsPointer from './lfs-pointer.ts';
import lookupTablePreprocessingState from './lookup-table-preprocessing-state.ts';
import maliciousConfig from './malicious-config.ts';
import metricNameAmbiguity from './metric-name-ambiguity.ts';
import missingVersionAttr from './missing-version-attr.ts';
import mixedPrecisionPolicy from './mixed-precision-policy.ts';
import multiGpuModelWrapper from './multi-gpu-model-wrapper.ts';
import multiprocessingSessionGraph from './multiprocessing-session-graph.ts';
import nanWeights from './nan-weights.ts';
import nestedModelReloadBug from './nested-model-reload-bug.ts';
import newerFileOlderKeras from './newer-file-older-keras.ts';
import notAModelFile from './not-a-model-file.ts';
import numpyVersion from './numpy-version.ts';
import olderFileNewerKeras from './older-file-newer-keras.ts';
import optimizerStateMismatch from './optimizer-state-mismatch.ts';
import permission from './permission.ts';
import protobufVersion from './protobuf-version.ts';
import savedmodelInKeras3 from './savedmodel-in-keras3.ts';
import savedmodelMissingFiles from './savedmodel-missing-files.ts';
import silentWrongPredictions from './silent-wrong-predictions.ts';
import streamNotSupported from './stream-not-supported.ts';
import subclassedNotH5 from './subclassed-not-h5.ts';
import tfKerasVsKerasMixed from './tf-keras-vs-keras-mixed.ts';
import tf1ApiInTf2 from './tf1-api-in-tf2.ts';
import tfjsConverterVersion from './tfjs-converter-version.ts';
import tfjsInputlayerBatchShape from './tfjs-inputlayer-batch-shape.ts';
import tfjsUnsupportedLayer from './tfjs-unsupported-layer.ts';
import toolLimitation from './tool-limitation.ts';
import truncatedOrCorrupt from './truncated-or-corrupt.ts';
import unbuiltModel from './unbuilt-model.ts';
import unicodePath from './unicode-path.ts';
import unknownConfigKey from './unknown-config-key.ts';
import weightsMissingInFile from './weights-missing-in-file.ts';
import weightsOnlyAsModel from './weights-only-as-model.ts';
import weightsOrderOrNameMismatch from './weights-order-or-name-mismatch.ts';
import wrongLoaderForFormat from './wrong-loader-for-format.ts';
import wrongPath from './wrong-path.ts';
import zeroedWeights from './zeroed-weights.ts';
import zipBombSmall from './zip-bomb-small.ts';
import zipDuplicateEntries from './zip-duplicate-entries.ts';
import zipPathTraversal from './zip-path-traversal.ts';
import zipRenamedWeightsH5 from './zip-renamed-weights-h5.ts';

export const catalogue: readonly Failure[] = [
  architectureMismatchCount,
  architectureMismatchShape,
  backendMismatchTheano,
  brokenInstall,
  checkpointMissingFiles,
  checkpointWrongName,
  converterNotKeras3,
  cpuInstruction,
  cudnnRnnCpuGpu,
  customObjectMissing,
  customObjectNoBuild,
  customObjectNoGetConfig,
  dtypeMismatch,
  duplicateNames,
  fileLocking,
  fileNotFoundPath,
  fileReadViaVocabularyPath,
  filenameExtensionRequired,
  gpuMemory,
  h5HeaderSizeLimit,
  h5pyMissing,
  h5py3Decode,
  hdf5ExternalLink,
  hdf5ExternalStorage,
  infWeights,
  inputOutOfRange,
  inputShapeMismatchPredict,
  inputShapeUnknown,
  kerasApiMoved,
  kerasRegression,
  kerasUnzippedDirectory,
  kerasVersionMissing,
  kerasZipMissingConfig,
  kerasZipMissingMetadata,
  kerasZipNestedFolder,
  keras1Config,
  keras2FileInKeras3,
  keras3FileInKeras2,
  lambdaEncodingChange,
  lambdaMarshalPythonVersion,
  lambdaMissingGlobal,
  lambdaOutputShape,
  lambdaUnsafe,
  layerTypeMismatch,
  lfsPointer,
  lookupTablePreprocessingState,
  maliciousConfig,
  metricNameAmbiguity,
  missingVersionAttr,
  mixedPrecisionPolicy,
  multiGpuModelWrapper,
  multiprocessingSessionGraph,
  nanWeights,
  nestedModelReloadBug,
  newerFileOlderKeras,
  notAModelFile,
  numpyVersion,
  olderFileNewerKeras,
  optimizerStateMismatch,
  permission,
  protobufVersion,
  savedmodelInKeras3,
  savedmodelMissingFiles,
  silentWrongPredictions,
  streamNotSupported,
  subclassedNotH5,
  tfKerasVsKerasMixed,
  tf1ApiInTf2,
  tfjsConverterVersion,
  tfjsInputlayerBatchShape,
  tfjsUnsupportedLayer,
  toolLimitation,
  truncatedOrCorrupt,
  unbuiltModel,
  unicodePath,
  unknownConfigKey,
  weightsMissingInFile,
  weightsOnlyAsModel,
  weightsOrderOrNameMismatch,
  wrongLoaderForFormat,
  wrongPath,
  zeroedWeights,
  zipBombSmall,
  zipDuplicateEntries,
  zipPathTraversal,
  zipRenamedWeightsH5,
];

const byId = new Map(catalogue.map(failure => [failure.id, failure]));

/** The failure of that id, or undefined. */
export function failureOf(id: string): Failure | undefined {
  return byId.get(id);
}
