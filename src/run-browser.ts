/** `loadstone/run` in browsers: models from Files, Blobs, URLs and other sources, predicting with onnxruntime-web. */

import { openArtefact } from './artefacts/open.ts';
import { httpSource } from './bytes/http.ts';
import { describeArtefact } from './report/description.ts';
import { summaryText } from './report/summary.ts';
import { loaderFor } from './run/load.ts';
import { webBackend } from './run/web-backend.ts';

export type { Nested, PredictInput, PredictInputs } from './run/inputs.ts';
export type { LoadedModel, ModelSource } from './run/load.ts';
export type { ModelOptions, Prediction, PredictOptions, RunnableModel } from './run/model.ts';
export { configureWeb, type WebSettings } from './run/web-backend.ts';

/** Opens a model and makes it ready to predict; strings are URLs, relative to the page. */
export const loadModel = loaderFor({
  backend: webBackend,
  open: async (url, options) => openArtefact(await httpSource(new URL(url, globalThis.location?.href).href), options),
  summarize: artefact => summaryText(describeArtefact(artefact, artefact.name)),
});
