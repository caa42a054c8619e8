/** An artefact's graph, by its layers or, for SavedModels that need it, by the functions that were traced of it. */

import type { ReadOptions } from '../bytes/source.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { readAssets } from '../layers/assets.ts';
import { customObjects, type GivenObjects } from '../layers/custom.ts';
import { type TracedModel, traceModel } from '../layers/trace.ts';
import type { Artefact, Model, TensorRef, TensorSpec } from '../model/types.ts';
import { allocate } from '../numbers/dtype.ts';
import { elementCount, type Shape, type Tensor } from '../numbers/tensor.ts';
import { openInputs } from './deferred.ts';
import {
  modelOfFunctions,
  needsFunctions,
  openFunctions,
  openPorts,
  runsByFunctions,
  traceFunctions,
  traceOrElse,
} from './saved-model.ts';

export interface TraceArtefactOptions extends ReadOptions {
  /** The user's own layers, activations, losses. */
  readonly customObjects?: GivenObjects;
  /** Shapes for inputs, by name, batch axis included, where the model leaves them open. */
  readonly inputShapes?: { readonly [name: string]: Shape };
  /** Runs this signature of a SavedModel, and not its layers. */
  readonly signature?: string;
}

export type ArtefactTrace =
  | {
      readonly kind: 'traced';
      readonly traced: TracedModel;
      /** The first axis of every input counts samples. */
      readonly batches: boolean;
    }
  | { readonly kind: 'open'; readonly model: Model; readonly inputs: readonly TensorSpec[] };

/** Throws where the artefact has no model, or a layer that cannot be run; `open` where input shapes are not known yet. */
export async function traceArtefact(artefact: Artefact, options: TraceArtefactOptions): Promise<ArtefactTrace> {
  const functions = await openFunctions(artefact, options);
  if (functions && runsByFunctions(functions, options)) {
    const inputs = openPorts(functions, options);
    if (inputs) return { kind: 'open', model: modelOfFunctions(functions), inputs };
    return { kind: 'traced', traced: traceFunctions(functions, options), batches: false };
  }
  const model = requireModel(artefact);
  const given = customObjects(options.customObjects ?? []);
  if (functions && needsFunctions(model, given)) {
    return { kind: 'traced', traced: traceFunctions(functions, options), batches: true };
  }
  const open = openInputs(model, options.inputShapes);
  if (open) return { kind: 'open', model, inputs: open };
  const assets = await readAssets(model, options);
  const traced = traceOrElse(functions, options, () =>
    traceModel(model, { customObjects: given, inputShapes: options.inputShapes, assets }),
  );
  return { kind: 'traced', traced, batches: true };
}

function requireModel(artefact: Artefact): Model {
  if (artefact.model) return artefact.model;
  const broken = artefact.findings.find(finding => finding.severity === 'error');
  throw new LoadstoneError(
    broken ? 'damaged' : 'usage',
    broken ? broken.what : `a ${artefact.format} artefact holds weights only, no model to run`,
    {
      where: artefact.name,
      do: broken ? undefined : 'Give the full model, or its architecture together with these weights.',
    },
  );
}

/** What the artefact stores for the weights of a graph, by the id of their node. */
export function weightsOf(traced: TracedModel): Map<number, TensorRef> {
  const weights = new Map<number, TensorRef>();
  for (const { tensor, weight } of traced.weights) if (weight?.tensor) weights.set(tensor.node.id, weight.tensor);
  return weights;
}

/** What states hold after a reset. */
export function zeroStates(traced: TracedModel): Tensor[] {
  return traced.states.map(({ shape, dtype }) => ({
    dtype,
    shape: [...shape],
    data: allocate(dtype, elementCount(shape)),
  }));
}
