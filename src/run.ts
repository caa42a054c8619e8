/** `loadstone/run` in Node: models from paths, URLs and other sources, predicting with onnxruntime-node. */

import { openPath } from './artefacts/node/open-path.ts';
import { describeArtefact } from './report/description.ts';
import { summaryText } from './report/summary.ts';
import { loaderFor } from './run/load.ts';
import { nodeBackend } from './run/node/backend.ts';

export type { Nested, PredictInput, PredictInputs } from './run/inputs.ts';
export type { LoadedModel, ModelSource } from './run/load.ts';
export type { ModelOptions, Prediction, PredictOptions, RunnableModel } from './run/model.ts';

/**
 * Opens a model and makes it ready to predict. Throws what opening throws; `missing-custom-object` and `unsupported`
 * where a layer cannot be run, `missing-backend` where onnxruntime-node is not installed.
 */
export const loadModel = loaderFor({
  backend: nodeBackend,
  open: openPath,
  summarize: artefact => summaryText(describeArtefact(artefact, artefact.name)),
});
