/** An artefact as a TensorFlow.js layers model: mended to the Keras 2 that tfjs-layers reads, then in its words. */

import type { ReadOptions } from '../bytes/source.ts';
import type { Target } from '../eras/write/target.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { type CustomObjects, customObjects, type GivenObjects } from '../layers/custom.ts';
import type { InferredModel } from '../layers/infer.ts';
import { flattenStructure } from '../layers/walk.ts';
import type { Artefact, DTypePolicy, Layer, Model } from '../model/types.ts';
import { allLayers } from '../model/walk.ts';
import type { ConfigRefusal } from '../writers/config/context.ts';
import { computedWith, type TfjsRefusal, tfjsTopology } from '../writers/tfjs/dialect.ts';
import { type OpenFile, type Quantization, writeTfjs } from '../writers/tfjs/files.ts';
import { tfjsWeights } from '../writers/tfjs/weights.ts';
import { prepareModel } from './prepare.ts';
import { freeName, mapLayers, plainLayer } from './rewrite.ts';
import type { Change } from './step.ts';
import type { CapturedCall } from './tfjs/capture.ts';
import { withImplicitMasks } from './tfjs/implicit-masks.ts';
import { lowerLayers } from './tfjs/lower.ts';
import { countsMasks, withFreshMasks } from './tfjs/stale-masks.ts';
import { withUniqueNames } from './tfjs/unique-names.ts';
import { zeroesMasked } from './tfjs/whole-layers.ts';

export interface TfjsConversion {
  readonly changes: readonly Change[];
  readonly refusals: readonly ConfigRefusal[];
  /** True where only a run shows that it computes the same: layers were said by others, or might be understood otherwise. */
  readonly inDoubt: boolean;
  readonly says: string;
  /** Writes the files of the folder; each is closed when it is whole. */
  write(open: OpenFile, options?: ReadOptions): Promise<void>;
}

export interface TfjsOptions {
  readonly quantize?: Quantization | null;
  /** Loadstone's own version. */
  readonly version: string;
  /** Definitions of the user's own layers, which are said with layers that it has. */
  readonly customObjects?: GivenObjects;
}

/** The release whose configs tfjs-layers reads best: the last before configs named modules. */
const dialect: Target = { line: 'tf.keras', keras: '2.10.0', tensorflow: '2.10.1', backend: 'tensorflow' };

/** Throws `unsupported` where the artefact has no architecture or two weights would have one name. */
export function convertTfjs(
  artefact: Artefact,
  { quantize = null, version, customObjects: given = [] }: TfjsOptions,
): TfjsConversion {
  if (!artefact.model) {
    throw new LoadstoneError('unsupported', 'it holds no architecture, which TensorFlow.js needs', {
      where: artefact.name,
    });
  }
  const [widened, renamed, lowering]: [Change[], Change[], Change[]] = [[], [], []];
  const open = withoutShape(artefact.model);
  const floats = inFloat32(artefact.model, change => widened.push(change));
  const plain = withUniqueNames(withImplicitMasks(withPlainEnds(floats)), change => renamed.push(change));
  const { prepared, topology, refusals: found } = saidAnew(plain, customObjects(given), lowering);
  const refusals = [...open, ...found];
  const weights = refusals.length > 0 ? [] : tfjsWeights(prepared.model);
  return {
    changes: [...widened, ...renamed, ...lowering, ...prepared.changes],
    // Short floats and quantised weights give other numbers anyway.
    inDoubt:
      (lowering.length > 0 || prepared.doubts.length > 0 || isQuantized(artefact.model)) &&
      widened.length === 0 &&
      quantize === null,
    refusals,
    says: `TensorFlow.js layers model${quantize ? `, weights as ${quantize}` : ''}`,
    write: (open, options) =>
      writeTfjs(
        {
          config: topology.config,
          weights,
          quantize,
          kerasVersion: dialect.keras,
          convertedBy: `Loadstone ${version}`,
        },
        open,
        options,
      ),
  };
}

/** What it lacks is said with what it has; then the whole is looked at again. */
function saidAnew(plain: Model, given: CustomObjects, changes: Change[]): Said {
  const failing = new Set(said(plain).refusals.flatMap(({ layer, path }) => [layer, ...path]));
  const isWanted = (layer: Layer, masks: CapturedCall['masks']) =>
    layer.model === null &&
    layer.className !== 'InputLayer' &&
    (failing.has(layer.name) || isMisread(layer) || (masks.some(mask => mask !== null) && missesMask(layer, masks)));
  const { model, reasons } = lowerLayers(plain, isWanted, change => changes.push(change), given);
  return withReasons(said(withFreshMasks(model, given)), reasons);
}

/** Layers that Keras computes in eight bits or fewer. */
function isQuantized(model: Model): boolean {
  return [...allLayers(model)].some(({ dtype }) => dtype.name.includes('_from_'));
}

/** Classes that it has under that name and that compute something else there, or nothing. */
function isMisread({ className, config, sublayers, weights }: Layer): boolean {
  if (className === 'LayerNormalization') {
    // Early releases of Keras 3 do not write the argument: there is a scale and no offset.
    const scalesOnly = config.center !== false && weights.length === 1 && weights[0]?.name === 'gamma';
    return config.rms_scaling === true || scalesOnly;
  }
  if (className === 'BatchNormalization') return config.renorm === true || Boolean(config.mode);
  if (/^(Conv3D(Transpose)?|(Max|Average)Pooling3D)$/.test(className)) return stepsOver(config);
  if (className === 'Bidirectional') return !alike(sublayers.forward_layer, sublayers.backward_layer);
  // Mends for other releases would put layers before it that are not here either.
  const pads = typeof config.padding === 'string' && !/^(same|valid)$/.test(config.padding);
  return className === 'CategoryEncoding' || (/^Conv[123]D$/.test(className) && pads);
}

/**
 * Over three axes it takes padding below zero where strides are wider than what they move, and places all otherwise
 * (get3DPadAndOutInfo() of tfjs-core/src/ops/conv_util.ts).
 */
function stepsOver({ padding, strides, kernel_size: kernel, pool_size: pool }: Layer['config']): boolean {
  const sizes = [kernel ?? pool].flat();
  const steps = [strides ?? pool].flat();
  return padding === 'same' && steps.some((step, at) => Number(step) > Number(sizes[at % sizes.length]));
}

/**
 * Layers that it gives masks to in vain. Its merges make masks with an axis too many, so that who counts a merged mask
 * has to be given it otherwise.
 */
function missesMask(layer: Layer, masks: CapturedCall['masks']): boolean {
  if (/^(Add|Average|Multiply|Maximum|Minimum|Concatenate|GlobalAveragePooling1D)$/.test(layer.className)) return true;
  const isMerged = masks.some(mask => mask && !/^(notEqual|any)$/.test(mask.node.op));
  return zeroesMasked(layer) || (isMerged && countsMasks(layer));
}

/** It makes the backward layer out of the forward one. */
function alike(
  forward: Layer['sublayers'][string] | undefined,
  backward: Layer['sublayers'][string] | undefined,
): boolean {
  const told = (layer: typeof forward) => computedWith((layer as Layer).className, (layer as Layer).config);
  return !forward || !backward || told(forward) === told(backward);
}

/** One sentence for each layer that could not be said anew, in place of all that is wrong with it. */
function withReasons(model: Said, reasons: ReadonlyMap<Layer, string>): Said {
  const names = new Map([...reasons].map(([layer, reason]) => [layer.name, { layer, reason }]));
  const unmet = [...reasons.keys()].filter(isMisread).map(({ name }) => name);
  const inside = new Set([...model.refusals.flatMap(({ layer, path }) => [layer, ...path]), ...unmet]);
  const told = [...names.values()]
    .filter(({ layer }) => inside.has(layer.name))
    .map(({ layer, reason }) => ({ layer: layer.name, className: layer.className, key: null, what: reason, path: [] }));
  const rest = model.refusals.filter(({ layer, path }) => ![layer, ...path].some(name => names.has(name)));
  return { ...model, refusals: [...told, ...rest] };
}

type Said = ReturnType<typeof said>;

/** The model in its words, and all that they cannot say. */
function said(model: Model) {
  const prepared = prepareModel(model, dialect, 'h5');
  const topology = tfjsTopology(prepared.config);
  const refused = new Set(prepared.refusals.map(({ layer }) => layer));
  const refusals: TfjsRefusal[] = [
    ...prepared.refusals.map(refusal => ({ ...refusal, path: [] })),
    ...topology.refusals.filter(({ layer }) => !refused.has(layer)),
    ...otherAxes(prepared.model, prepared.inferred).map(refusal => ({ ...refusal, path: [] })),
  ];
  return { prepared, topology, refusals };
}

/** It builds no model whose input has no shape. */
function withoutShape(model: Model): ConfigRefusal[] {
  return model.layers
    .filter(({ className, config }) => className === 'InputLayer' && !Array.isArray(config.batch_shape))
    .map(({ name, className }) => {
      return {
        layer: name,
        className,
        key: 'batch_shape',
        what: 'the shape of the input is not known; declare it with --input-shape',
      };
    });
}

/**
 * A list of inputs and of outputs, each of them once; names of dictionaries are those of the layers. Inputs stand in the
 * order of `model.inputs`, in which Keras takes a list of them.
 */
function withPlainEnds(model: Model): Model {
  if (model.className === 'Sequential') return model;
  const inputs = flattenStructure(model.inputs, 'sorted');
  const seen = new Set<string>();
  const layers = [...model.layers];
  const outputs = flattenStructure(model.outputs, 'listed').map(at => {
    const key = JSON.stringify(at);
    if (!seen.has(key)) {
      seen.add(key);
      return at;
    }
    const name = freeName({ ...model, layers }, `${at.layer}_again`);
    const like = layers[0] as Layer;
    const copy = plainLayer(name, 'Activation', { activation: 'linear' }, like);
    layers.push({ ...copy, calls: [{ args: [{ kind: 'tensor', at }], kwargs: {} }] });
    return { layer: name, node: 0, tensor: 0 };
  });
  return { ...model, layers, inputs, outputs };
}

const float32: DTypePolicy = { name: 'float32', compute: 'float32', variable: 'float32' };

/** It has no other floats. */
function inFloat32(model: Model, tell: (change: Change) => void): Model {
  return mapLayers(model, layer => {
    const isInput = layer.className === 'InputLayer' && /^(b?float(16|64))$/.test(String(layer.config.dtype));
    const isShort = layer.dtype.name.includes('_from_');
    if (isShort || (!isInput && (layer.className === 'InputLayer' || !/float(16|64)$/.test(layer.dtype.name)))) {
      return layer;
    }
    tell({
      failure: 'mixed-precision-policy',
      where: `layer ${layer.name}`,
      before: layer.dtype.name,
      after: 'float32',
      why: 'TensorFlow.js computes in float32 only',
    });
    const { dtype, ...config } = layer.config;
    return { ...layer, dtype: float32, config: isInput ? { ...config, dtype: 'float32' } : config };
  });
}

/**
 * What it computes along other axes than it is asked, or not at all: batch normalization takes up to four axes and, at
 * prediction, gives other numbers along any but the last; softmax goes along the last (measured with @tensorflow/tfjs 4.22).
 */
function otherAxes(model: Model, inferred: InferredModel): ConfigRefusal[] {
  return model.layers.flatMap((layer, at) => {
    const known = inferred.layers[at];
    if (layer.model && known?.model) return otherAxes(layer.model, known.model);
    const { name, className, config } = layer;
    if (!/^(BatchNormalization|Softmax)$/.test(className)) return [];
    const rank = known?.calls[0]?.outputShapes[0]?.length;
    const axis = Array.isArray(config.axis) ? config.axis[0] : (config.axis ?? -1);
    if (className === 'BatchNormalization' && rank !== undefined && rank > 4) {
      return [{ layer: name, className, key: null, what: `TensorFlow.js has no batch normalization of ${rank} axes` }];
    }
    if (axis === -1 || rank === undefined || axis === rank - 1) return [];
    return [{ layer: name, className, key: 'axis', what: 'TensorFlow.js computes that along the last axis only' }];
  });
}
