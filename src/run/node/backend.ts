/** ONNX Runtime in Node: loaded when first used, and reading weights from the user's own files. */

import { dirname, relative, resolve, sep } from 'node:path';
import { LoadstoneError } from '../../findings/errors.ts';
import type { Backend } from '../backend.ts';
import { type Ort, wrapSession } from '../ort.ts';

let loading: Promise<Ort> | null = null;

/** The package, or `missing-backend` with the line that installs it. */
function loadOrt(): Promise<Ort> {
  loading ??= import('onnxruntime-node').then(
    module => ('default' in module ? (module.default as Ort) : module),
    cause => {
      loading = null;
      throw new LoadstoneError(
        'missing-backend',
        'predicting needs the package onnxruntime-node, which is not installed',
        {
          do: 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node',
          cause,
        },
      );
    },
  );
  return loading;
}

export const nodeBackend: Backend = {
  name: 'onnxruntime-node',
  takesBytes: false,
  async createSession(model, { folder, prepack, threads }) {
    const ort = await loadOrt();
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      // Faults are thrown and told by us; the runtime's own lines would only stand beside them.
      logSeverityLevel: 4,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      extra: {
        session: {
          ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
          ...(prepack ? {} : { disable_prepacking: '1' }),
        },
      },
    });
    return wrapSession(ort, session);
  },
  locate(paths) {
    const folder = paths.map(path => dirname(resolve(path))).reduce(commonFolder);
    // On Windows files may lie on different drives; then there is no such folder.
    if (paths.some(path => relative(folder, resolve(path)).startsWith('..'))) return null;
    return {
      folder,
      locations: new Map(paths.map(path => [path, relative(folder, resolve(path)).split(sep).join('/')])),
    };
  },
};

function commonFolder(left: string, right: string): string {
  let common = left;
  while (relative(common, right).startsWith('..') && dirname(common) !== common) common = dirname(common);
  return common;
}
