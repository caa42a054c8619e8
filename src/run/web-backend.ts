/** ONNX Runtime in browsers (and wherever WebAssembly runs): loaded when first used, weights handed over as bytes. */

import { LoadstoneError } from '../findings/errors.ts';
import type { Backend } from './backend.ts';
import { type Ort, wrapSession } from './ort.ts';

export interface WebSettings {
  /** Folder or URL in which onnxruntime-web's `.wasm` files lie, where the bundler does not place them. */
  readonly wasmPaths?: string;
  /** Threads; more than one needs a page that is isolated (COOP and COEP). Default: what the runtime chooses. */
  readonly threads?: number;
  /** The runtime itself, where `onnxruntime-web/wasm` is not the build that is wanted. */
  readonly runtime?: () => Promise<unknown>;
}

interface WebOrt extends Ort {
  readonly env: { readonly wasm: { wasmPaths?: string; numThreads?: number } };
}

let settings: WebSettings = {};
let loading: Promise<Ort> | null = null;

/** Settings for the runtime; to be given before the first model is loaded. */
export function configureWeb(given: WebSettings): void {
  settings = given;
}

function loadOrt(): Promise<Ort> {
  loading ??= (settings.runtime?.() ?? import('onnxruntime-web/wasm')).then(
    module => configured(module as unknown as WebOrt),
    cause => {
      loading = null;
      throw new LoadstoneError(
        'missing-backend',
        'predicting needs the package onnxruntime-web, which is not installed',
        {
          do: 'npm install onnxruntime-web',
          cause,
        },
      );
    },
  );
  return loading;
}

function configured(ort: WebOrt): Ort {
  if (settings.wasmPaths !== undefined) ort.env.wasm.wasmPaths = settings.wasmPaths;
  if (settings.threads !== undefined) ort.env.wasm.numThreads = settings.threads;
  return ort;
}

export const webBackend: Backend = {
  name: 'onnxruntime-web',
  takesBytes: true,
  async createSession(model, { externalData, prepack }) {
    const ort = await loadOrt();
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      externalData: externalData?.map(({ path, data }) => ({ path, data })),
      ...(prepack ? {} : { extra: { session: { disable_prepacking: '1' } } }),
    });
    return wrapSession(ort, session);
  },
  locate: () => null,
};
