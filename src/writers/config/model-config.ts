/**
 * A model's config in the words of a release: `{class_name, config}` for legacy files, with modules and registered
 * names for `.keras`. Layers that the target lacks are refused by name; all of them are told, not only the first.
 */

import { releaseOf } from '../../eras/signatures/index.ts';
import { writeLayer } from '../../eras/write/layer.ts';
import { isTarget, type Target } from '../../eras/write/target.ts';
import type { InferredLayer, InferredModel } from '../../layers/infer.ts';
import type { Json, JsonObject, Layer, Model } from '../../model/types.ts';
import { writeCall, writeStructure } from './calls.ts';
import { type GraphContext, graphContext, type WriteContext } from './context.ts';
import { operationModule } from './operations.ts';

/** Writes a model; refusals and notes are added to the context's lists. */
export function writeModelConfig(model: Model, inferred: InferredModel, context: WriteContext): JsonObject {
  const graph = graphContext(model, inferred, context);
  if (model.origin === 'custom') return customModel(model, context);
  return model.className === 'Sequential' ? sequential(graph) : functional(graph);
}

function customModel(model: Model, context: WriteContext): JsonObject {
  const className = model.registeredName ?? model.className;
  context.refusals.push({
    layer: model.name,
    className,
    key: null,
    what: 'a subclassed model is Python code, which no file holds',
  });
  return { class_name: className, config: model.config ?? {} };
}

/** Class and module under which the target keeps its graph models. */
function graphClass(target: Target): { readonly className: string; readonly module: string } {
  if (target.line === 'keras3') return { className: 'Functional', module: 'keras.src.models.functional' };
  if (target.line === 'tf_keras') return { className: 'Functional', module: 'tf_keras.src.engine.functional' };
  const className = isTarget(target, 'tf.keras', '2.3') ? 'Functional' : 'Model';
  return {
    className,
    module: isTarget(target, 'tf.keras', '2.13') ? 'keras.src.engine.functional' : 'keras.engine.functional',
  };
}

function named(
  className: string,
  module: string,
  config: JsonObject,
  registered: string | null,
  context: WriteContext,
): JsonObject {
  if (context.dialect === 'h5') return { class_name: className, config };
  return { module, class_name: className, config, registered_name: registered };
}

function functional(graph: GraphContext): JsonObject {
  const { model, target } = graph;
  const { className, module } = graphClass(target);
  const config: JsonObject = {
    name: model.name,
    ...(hasModelTrainable(target) && { trainable: model.trainable }),
    layers: model.layers.map(layer => functionalEntry(layer, graph)),
    input_layers: writeStructure(model.inputs, graph),
    output_layers: writeStructure(model.outputs, graph),
  };
  return named(className, module, config, className, graph);
}

function hasModelTrainable(target: Target): boolean {
  return target.line === 'keras3' || target.line === 'tf_keras' || isTarget(target, 'tf.keras', '2.12');
}

function functionalEntry(layer: Layer, graph: GraphContext): JsonObject {
  const inferred = graph.layers.get(layer.name)?.inferred as InferredLayer;
  const entry = layerEntry(layer, inferred, graph);
  const isInput = layer.className === 'InputLayer';
  const calls = isInput ? [] : layer.calls.map(call => writeCall(layer, call, graph));
  return { ...entry, name: layer.name, inbound_nodes: calls };
}

/** `{class_name, config}` of a layer of any kind. */
export function layerEntry(layer: Layer, inferred: InferredLayer, context: WriteContext): JsonObject {
  if (layer.model && inferred.model) {
    const entry = writeModelConfig(layer.model, inferred.model, context);
    return { ...entry, config: withName(entry.config as Json, layer.name) };
  }
  if (layer.origin === 'operation') return operationEntry(layer, context);
  if (layer.origin === 'custom') return customEntry(layer, context);
  const result = writeLayer(layer, context.target, note => context.notes.push({ layer: layer.name, ...note }));
  if ('refused' in result) {
    context.refusals.push({ layer: layer.name, className: layer.className, ...result.refused });
    return { class_name: layer.className, config: { name: layer.name } };
  }
  const { className, config } = result.written;
  const inside = wrappedModels(layer, inferred, config, context);
  return { ...named(className, 'keras.layers', inside, null, context), ...builtBehindCode(layer, inferred, context) };
}

/** Behind a layer whose output only the user's code knows, Keras 3 builds by the shape that was saved. */
function builtBehindCode({ buildShape }: Layer, { calls }: InferredLayer, context: WriteContext): JsonObject {
  const open = calls.some(call => call === null || call.inputShapes.some(shape => shape === null));
  const isNeeded = open && buildShape !== null && context.target.line === 'keras3' && context.dialect === 'v3';
  return isNeeded ? { build_config: { input_shape: buildShape } } : {};
}

function withName(config: Json, name: string): Json {
  return Array.isArray(config) ? config : { ...(config as JsonObject), name };
}

/** Models held as arguments (TimeDistributed over a model) are graphs of their own. */
function wrappedModels(layer: Layer, inferred: InferredLayer, config: JsonObject, context: WriteContext): JsonObject {
  const held = Object.entries(layer.sublayers).filter(
    ([key, inner]) => key in config && !Array.isArray(inner) && (inner as Layer).model,
  );
  const written = held.map(([key, inner]) => {
    return [key, layerEntry(inner as Layer, inferred.sublayers[key] as InferredLayer, context)] as const;
  });
  return { ...config, ...Object.fromEntries(written) };
}

/** A user's class: its config is its own, in whichever release; only how it is named differs. */
function customEntry(layer: Layer, context: WriteContext): JsonObject {
  const registered = layer.registeredName ?? layer.className;
  const config = { name: layer.name, ...layer.config };
  if (context.dialect === 'v3')
    return { module: null, class_name: layer.className, config, registered_name: registered };
  return { class_name: registered, config };
}

/** Operations used as layers stay what they are within their line. */
function operationEntry(layer: Layer, context: WriteContext): JsonObject {
  const config = takesName(layer, context.target) ? { name: layer.name, ...layer.config } : withoutName(layer.config);
  const tensorflow = ['TFOpLambda', 'SlicingOpLambda', 'ClassMethod', 'InstanceMethod', 'InstanceProperty'].includes(
    layer.className,
  );
  const fits = tensorflow
    ? hasTensorflowOperations(context.target)
    : context.target.line === 'keras3' && context.dialect === 'v3';
  if (!fits) {
    context.refusals.push({
      layer: layer.name,
      className: layer.className,
      key: null,
      what: 'the operation used as a layer is not there',
    });
  }
  return named(
    layer.className,
    tensorflow ? 'keras.layers' : operationModule(layer.className),
    config,
    layer.className,
    context,
  );
}

/** Operations with constructors of their own take no name before Keras 3.12; the graph names them all the same. */
function takesName({ className }: Layer, target: Target): boolean {
  const found = target.line === 'keras3' ? releaseOf('keras3', target.keras).classAt('ops', className) : null;
  const { parameters = null, keywords = false, positional = false } = found ?? {};
  if (parameters === null || keywords || (positional && parameters.length === 0)) return true;
  return parameters.some(({ name }) => name === 'name');
}

function withoutName({ name: _name, ...config }: JsonObject): JsonObject {
  return config;
}

function hasTensorflowOperations(target: Target): boolean {
  return isTarget(target, 'tf.keras', '2.4') || target.line === 'tf_keras';
}

/**
 * Releases that list the InputLayer of a Sequential; before, the first layer carries the shape and gives the input its
 * name. All take a listed one, which keeps another name.
 */
function listsInput(target: Target): boolean {
  return target.line === 'keras3' || target.line === 'tf_keras' || isTarget(target, 'tf.keras', '2.3');
}

/** Until Keras 2.2.3 a Sequential's config is a bare list of layers. */
function isBareList(target: Target): boolean {
  return target.line === 'keras1' || (target.line === 'keras2' && !isTarget(target, 'keras2', '2.2.3'));
}

function sequential(graph: GraphContext): JsonObject {
  const { model, target } = graph;
  const [input, ...rest] = model.layers;
  const hasInput = input?.className === 'InputLayer' && (input.config.batch_shape ?? null) !== null;
  const listed = hasInput && (listsInput(target) || input.name !== `${rest[0]?.name}_input`);
  const shown = listed ? model.layers : rest;
  const entries = shown.map(layer => layerEntry(layer, graph.layers.get(layer.name)?.inferred as InferredLayer, graph));
  if (hasInput && !listed) declareInput(entries, rest[0], input, target);
  if (isBareList(target)) return named('Sequential', 'keras', entries as unknown as JsonObject, 'Sequential', graph);
  const config: JsonObject = { name: model.name, layers: entries };
  const trainable: JsonObject = hasModelTrainable(target) ? { trainable: model.trainable } : {};
  const builds = hasInput && target.line === 'keras3';
  const built: JsonObject = builds ? { build_input_shape: input?.config.batch_shape ?? null } : {};
  const module = target.line === 'tf_keras' ? 'tf_keras' : 'keras';
  return named('Sequential', module, { ...config, ...trainable, ...built }, null, graph);
}

/** The first layer carries the shape of its input, unless it is a model with an input of its own. */
function declareInput(entries: JsonObject[], first: Layer | undefined, input: Layer, target: Target): void {
  const entry = entries[0];
  if (!entry || first?.model) return;
  const dtypeKey = target.line === 'keras1' ? 'input_dtype' : 'dtype';
  const dtype = input.config.dtype ?? 'float32';
  const named = dtype !== 'float32' || target.line === 'keras1' ? { [dtypeKey]: dtype } : {};
  entries[0] = {
    ...entry,
    config: { ...(entry.config as JsonObject), batch_input_shape: input.config.batch_shape ?? null, ...named },
  };
}
