/** An artefact as `inspect --json` gives it: plain data, in the form that `contract.md` promises. */

import { inferenceOf } from '../artefacts/weights/assign.ts';
import type { Finding } from '../findings/finding.ts';
import { describeLambda, type LambdaDescription } from '../lambdas/index.ts';
import type { CustomObjects } from '../layers/custom.ts';
import { type InferredLayer, type InferredModel, inferModel } from '../layers/infer.ts';
import type { Artefact, CustomObject, Json, JsonObject, Layer, Model, Provenance, TensorSpec } from '../model/types.ts';
import { allLayers, countParameters, placedWeights } from '../model/walk.ts';
import type { Shape } from '../numbers/tensor.ts';
import { describeTensorFlow, type TensorFlowDescription } from './tensorflow.ts';

export interface WeightDescription {
  readonly name: string;
  readonly shape: readonly number[] | null;
  readonly dtype: string;
  /** `missing` where the artefact stores nothing for it. */
  readonly storage: string;
  /** Where it lies in the artefact, and what is done to it on reading. */
  readonly path: string | null;
  readonly conversions: readonly string[];
}

export interface LayerDescription {
  readonly name: string;
  readonly class: string;
  readonly origin: Layer['origin'];
  readonly config: JsonObject;
  /** Of its first call; a list of shapes where it has several outputs; null where it is not known. */
  readonly outputShape: Shape | readonly Shape[] | null;
  readonly params: number;
  readonly bytes: number;
  readonly trainable: boolean;
  readonly weights: readonly WeightDescription[];
  /** Layers whose outputs it is called on, by name, call after call. */
  readonly inboundLayers: readonly string[];
  /** Layers of the model that it is. */
  readonly layers?: readonly LayerDescription[];
}

export interface ModelDescription {
  readonly class: string;
  readonly name: string;
  readonly inputs: readonly (TensorSpec | { readonly name: string; readonly shape: null; readonly dtype: null })[];
  readonly outputs: ModelDescription['inputs'];
  readonly layers: readonly LayerDescription[];
  readonly params: { readonly total: number; readonly trainable: number; readonly nonTrainable: number };
}

export interface Problem {
  readonly problem: string;
  readonly where: string | null;
  readonly offset: number | null;
  readonly code: string;
}

export interface Description extends TensorFlowDescription {
  readonly artefact: string;
  readonly format: Artefact['format'];
  readonly savedWith: Provenance;
  readonly model: ModelDescription | null;
  readonly training: { optimizer: Json; loss: Json; metrics: Json; optimizerStateSaved: boolean } | null;
  readonly customObjects: readonly Omit<CustomObject, 'at'>[];
  readonly lambdas: readonly LambdaDescription[];
  readonly integrity: { readonly ok: boolean; readonly problems: readonly Problem[] };
  /** What else was noticed. */
  readonly notes: readonly Problem[];
  /** Tensors as stored, for artefacts without a model. */
  readonly tensors?: readonly WeightDescription[];
}

/** Describes an artefact. `given` is what the user called it. */
export function describeArtefact(artefact: Artefact, given: string, customObjects?: CustomObjects): Description {
  const { model, training, provenance } = artefact;
  const inferred = model && (inferenceOf(model) ?? inferModel(model, { customObjects }));
  const problems = artefact.findings.filter(({ severity }) => severity === 'error').map(problemOf);
  const notes = artefact.findings.filter(({ severity }) => severity !== 'error').map(problemOf);
  return {
    artefact: given,
    format: artefact.format,
    savedWith: provenance,
    model: model && inferred && describeModelOf(model, inferred),
    training: training && {
      optimizer: training.optimizer,
      loss: training.loss,
      metrics: training.metrics,
      optimizerStateSaved: training.optimizerStateSaved,
    },
    customObjects: artefact.customObjects.map(({ at: _, ...object }) => object),
    lambdas: model ? lambdasOf(model) : [],
    integrity: { ok: problems.length === 0, problems },
    notes,
    ...describeTensorFlow(artefact),
    ...(model ? {} : { tensors: artefact.tensors.map(describeTensor) }),
  };
}

function describeTensor({ path, shape, dtype, storage, conversions }: Artefact['tensors'][number]): WeightDescription {
  return { name: path, shape, dtype, storage, path, conversions };
}

function problemOf({ code, what, at }: Finding): Problem {
  return {
    problem: what,
    where: at.path || at.pointer ? `${at.path ?? ''}${at.pointer ?? ''}` : null,
    offset: at.offset ?? null,
    code,
  };
}

function describeModelOf(model: Model, inferred: InferredModel): ModelDescription {
  const { total, trainable, nonTrainable } = countParameters(model.root ? [model.root] : model.layers, model.trainable);
  return {
    class: model.className,
    name: model.name,
    inputs: inferred.inputs.map(known),
    outputs: inferred.outputs.map(known),
    layers:
      model.root && model.layers.length === 0 ? [describeLayer(model.root, null)] : describeLayers(model, inferred),
    params: { total, trainable, nonTrainable },
  };
}

function known(spec: TensorSpec | null): ModelDescription['inputs'][number] {
  return spec ?? { name: '', shape: null, dtype: null };
}

/** As `model.layers` lists them: a Sequential does not list its InputLayer. */
function describeLayers(model: Model, inferred: InferredModel | null): LayerDescription[] {
  return model.layers.flatMap((layer, index) =>
    model.className === 'Sequential' && layer.className === 'InputLayer'
      ? []
      : [describeLayer(layer, inferred?.layers[index] ?? null)],
  );
}

function describeLayer(layer: Layer, inferred: InferredLayer | null): LayerDescription {
  const { total, bytes } = countParameters([layer]);
  return {
    name: layer.name,
    class: layer.className,
    origin: layer.origin,
    config: layer.config,
    outputShape: outputShape(inferred),
    params: total,
    bytes,
    trainable: layer.trainable,
    weights: placedWeights(layer).map(({ place, shape, dtype, tensor }) => ({
      name: place,
      shape: shape ?? tensor?.shape ?? null,
      dtype,
      storage: tensor?.storage ?? 'missing',
      path: tensor?.path ?? null,
      conversions: tensor?.conversions ?? [],
    })),
    inboundLayers: inboundLayers(layer),
    ...(layer.model && { layers: describeLayers(layer.model, inferred?.model ?? null) }),
  };
}

function outputShape(inferred: InferredLayer | null): LayerDescription['outputShape'] {
  const shapes = inferred?.calls.find(call => call !== null)?.outputShapes;
  if (!shapes || shapes.length === 0) return null;
  return shapes.length === 1 ? shapes[0]! : shapes;
}

function inboundLayers({ calls }: Layer): string[] {
  const names: string[] = [];
  const collect = (value: Layer['calls'][number]['args'][number]): void => {
    if (value.kind === 'tensor') names.push(value.at.layer);
    else if (value.kind === 'list') value.items.forEach(collect);
    else if (value.kind === 'record') Object.values(value.entries).forEach(collect);
  };
  for (const call of calls) [...call.args, ...Object.values(call.kwargs)].forEach(collect);
  return [...new Set(names)];
}

function lambdasOf(model: Model): Description['lambdas'] {
  return [...allLayers(model)]
    .filter(layer => layer.className === 'Lambda' && layer.origin === 'layer')
    .map(layer => describeLambda(layer.name, layer.config));
}
