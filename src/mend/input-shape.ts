/**
 * Declares inputs anew: shapes without the batch axis, and the number of samples. The declaration goes through to models
 * inside; what each layer then needs is compared with the weights it has, and every output shape that changes is told.
 */

import { LoadstoneError } from '../findings/errors.ts';
import { type InferredLayer, type InferredModel, inferModel } from '../layers/infer.ts';
import { flattenStructure } from '../layers/walk.ts';
import type { Json, Layer, Model } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import type { Change } from './step.ts';

export interface InputDeclaration {
  /** Shapes by the input's name, without the batch axis; under the empty name that of the only input. */
  readonly shapes: { readonly [input: string]: Shape };
  /** Samples; null leaves them open, undefined as they are. */
  readonly batchSize?: number | null;
}

export interface ShapeChange {
  readonly layer: string;
  readonly before: Shape | null;
  readonly after: Shape | null;
}

export interface Redeclared {
  readonly model: Model;
  readonly changes: readonly Change[];
  /** Every layer whose outputs have other shapes now, in the model's order, layers of models inside as `outer/inner`. */
  readonly shapes: readonly ShapeChange[];
}

/** Why a model cannot take a shape. */
export interface ShapeRefusal {
  readonly refused: { readonly layer: string; readonly what: string };
}

/** Throws `usage` where there is no such input. A refusal names the layer whose weights, or whose call, do not fit. */
export function declareInputs(model: Model, declaration: InputDeclaration): Redeclared | ShapeRefusal {
  if (model.origin === 'custom') {
    return refusal('a subclassed model declares no inputs: its code does', model.name);
  }
  const declared = inputLayers(model);
  const wanted = wantedShapes(declared, declaration);
  const unsaid = openState(model, wanted);
  if (unsaid) return unsaid;
  const changed = withInputs(model, wanted);
  const [was, is] = [inferModel(model), inferModel(changed)];
  const known = new Set(was.findings.map(({ what }) => what));
  const broken = is.findings.find(({ what }) => !known.has(what));
  if (broken) return refusal(broken.what, String(broken.facts?.layer ?? model.name));
  const unfit = otherWeights(changed, is, '');
  if (unfit) return unfit;
  const changes = declared.flatMap(layer => {
    const [before, after] = [layer.config.batch_shape as Shape | null, wanted.get(layer.name) ?? null];
    return same(before, after) ? [] : [changeOf(layer.name, before, after)];
  });
  return { model: changed, changes, shapes: shapeChanges(was, is, '') };
}

function inputLayers(model: Model): Layer[] {
  const names = flattenStructure(model.inputs, 'sorted').map(({ layer }) => layer);
  return names.flatMap(name => model.layers.find(layer => layer.name === name) ?? []);
}

/** Shapes with the batch axis, of every input. */
function wantedShapes(declared: readonly Layer[], { shapes, batchSize }: InputDeclaration): Map<string, Shape | null> {
  const names = declared.map(({ name }) => name);
  const { '': alone, ...named } = shapes;
  const strange = Object.keys(named).find(name => !names.includes(name));
  if (strange !== undefined) throw noInput(`the model has no input "${strange}"`, names);
  if (alone && names.length !== 1) throw noInput(`the model has ${names.length} inputs, so which is meant?`, names);
  return new Map(
    declared.map(({ name, config }) => {
      const before = Array.isArray(config.batch_shape) ? (config.batch_shape as Shape) : null;
      const given = named[name] ?? alone ?? before?.slice(1);
      const samples = batchSize === undefined ? (before?.[0] ?? null) : batchSize;
      return [name, given ? [samples, ...given] : null];
    }),
  );
}

function noInput(what: string, names: readonly string[]): LoadstoneError {
  return new LoadstoneError('usage', what, { do: `Write NAME=SHAPE with one of: ${names.join(', ')}.` });
}

/** Declares the shapes, then tells models inside what reaches them now. */
function withInputs(model: Model, shapes: ReadonlyMap<string, Shape | null>): Model {
  const layers = model.layers.map(layer => {
    const shape = shapes.get(layer.name);
    return shape ? { ...layer, config: { ...layer.config, batch_shape: [...shape] } } : layer;
  });
  const outer = { ...model, layers };
  if (!layers.some(layer => layer.model || layer.className === 'TimeDistributed')) return outer;
  const inferred = inferModel(outer);
  return { ...outer, layers: layers.map((layer, at) => withInner(layer, inferred.layers[at])) };
}

function withInner(layer: Layer, inferred: Pick<InferredLayer, 'calls'> | undefined): Layer {
  const held = layer.className === 'TimeDistributed' ? (layer.sublayers.layer as Layer | undefined) : undefined;
  if (held?.model) {
    const calls = (inferred?.calls ?? []).map(call => call && { ...call, inputShapes: call.inputShapes.map(oneStep) });
    return { ...layer, sublayers: { ...layer.sublayers, layer: withInner(held, { calls }) } };
  }
  if (!layer.model || layer.model.origin === 'custom') return layer;
  const calls = (inferred?.calls ?? []).flatMap(call => (call ? [call.inputShapes] : []));
  const inside = inputLayers(layer.model);
  const wanted = inside.map(({ name, config }, index): [string, Shape | null] => {
    const reaching = calls.map(shapes => shapes[index] ?? null);
    const before = Array.isArray(config.batch_shape) ? (config.batch_shape as Shape) : null;
    return [name, fitting(before, reaching)];
  });
  return { ...layer, model: withInputs(layer.model, new Map(wanted)) };
}

/** TimeDistributed gives its layer the samples of one step. */
function oneStep([samples = null, _steps, ...rest]: Shape): Shape {
  return [samples, ...rest];
}

/** What the model inside declares, where all calls fit it; else what they have in common. */
function fitting(declared: Shape | null, reaching: readonly (Shape | null)[]): Shape | null {
  const [first] = reaching;
  if (!first || reaching.some(shape => shape?.length !== first.length)) return declared;
  const common = first.map((size, axis) => (reaching.every(shape => shape?.[axis] === size) ? size : null));
  if (declared?.length !== first.length) return [null, ...common.slice(1)];
  return declared.map((size, axis) => (size === null || size === common[axis] ? size : (common[axis] ?? null)));
}

/** The first layer whose weights have a shape that this input would need otherwise. */
function otherWeights(model: Model, inferred: InferredModel, scope: string): ShapeRefusal | null {
  for (const [at, layer] of model.layers.entries()) {
    const needs = inferred.layers[at];
    const path = `${scope}${layer.name}`;
    const inside = layer.model && needs?.model ? otherWeights(layer.model, needs.model, `${path}/`) : null;
    const found = needs ? (otherWeight(layer, needs, path) ?? inside) : null;
    if (found) return found;
  }
  return null;
}

function otherWeight(layer: Layer, needs: InferredLayer, path: string): ShapeRefusal | null {
  for (const { name, tensor } of layer.weights) {
    const needed = needs.weights.find(variable => variable.name === name)?.shape;
    if (!tensor || !needed || same(tensor.shape, needed)) continue;
    const what = `its weights do not fit: ${name} is ${shapeText(tensor.shape)} and would have to be ${shapeText(needed)}`;
    return refusal(what, path);
  }
  for (const [attribute, held] of Object.entries(layer.sublayers)) {
    const inner = (Array.isArray(held) ? held : [held]) as readonly Layer[];
    const known = [needs.sublayers[attribute] ?? []].flat() as readonly InferredLayer[];
    const found = inner.map((one, index) => known[index] && otherWeight(one, known[index], `${path}/${attribute}`));
    const first = found.find(one => one);
    if (first) return first;
  }
  return null;
}

/** A state that is kept between batches has a row for each sample. */
function openState(model: Model, shapes: ReadonlyMap<string, Shape | null>): ShapeRefusal | null {
  const open = [...shapes.values()].some(shape => shape?.[0] === null);
  const stateful = open ? model.layers.find(({ config }) => config.stateful === true) : undefined;
  return stateful ? refusal('it is stateful, so the number of samples must be said', stateful.name) : null;
}

function refusal(what: string, layer: string): ShapeRefusal {
  return { refused: { layer, what } };
}

function shapeChanges(was: InferredModel, is: InferredModel, scope: string): ShapeChange[] {
  return is.layers.flatMap((layer, at) => {
    const before = was.layers[at];
    const name = `${scope}${layer.name}`;
    const own = layer.calls.flatMap((call, node) => {
      const pairs = (call?.outputShapes ?? []).map((after, index) => {
        return { layer: name, before: before?.calls[node]?.outputShapes[index] ?? null, after };
      });
      return pairs.filter(pair => !same(pair.before, pair.after));
    });
    return layer.model && before?.model ? [...shapeChanges(before.model, layer.model, `${name}/`), ...own] : own;
  });
}

function changeOf(name: string, before: Shape | null, after: Shape | null): Change {
  return {
    failure: 'input-shape-unknown',
    where: `input ${name}`,
    before: shapeText(before),
    after: shapeText(after),
    why: 'asked for; every weight fits it',
  };
}

function same(a: Json | Shape | null | undefined, b: Json | Shape | null | undefined): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** As Python writes it. */
export function shapeText(shape: Shape | null): string {
  if (shape === null) return 'not declared';
  const sizes = shape.map(size => size ?? 'None');
  return `(${sizes.join(', ')}${sizes.length === 1 ? ',' : ''})`;
}
