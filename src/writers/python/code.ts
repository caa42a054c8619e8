/**
 * Readable Keras code that builds the same architecture and loads the weights, in the words of one release: what people
 * paste into a notebook when they have a model and no source.
 */

import type { InferredLayer, InferredModel } from '../../layers/infer.ts';
import type { JsonObject, Layer, Model } from '../../model/types.ts';
import type { PythonDialect } from './dialect.ts';
import { functionalLines, identifier, sequentialLines } from './graph.ts';
import type { LayerCode } from './layers.ts';
import { text } from './literals.ts';

export interface PythonOptions {
  readonly dialect: PythonDialect;
  /** File of weights, beside the code, that the code loads at its end. */
  readonly weights: string;
  /** Configs of layers in the words of the release. */
  readonly configs: ReadonlyMap<Layer, JsonObject>;
  readonly vocabularies: ReadonlyMap<Layer, readonly string[]>;
  /** What the file is, for its head. */
  readonly about: string;
}

interface Inside {
  readonly model: Model;
  readonly inferred: InferredModel;
}

/** Throws `unsupported` for operations that have no Python of their own. */
export function pythonCode(model: Model, inferred: InferredModel, options: PythonOptions): string {
  const inside = modelsInside(model, inferred);
  const builders = builderNames(inside);
  const code: LayerCode = {
    dialect: options.dialect,
    configOf: layer => options.configs.get(layer) ?? layer.config,
    builderOf: held => builders.get(held) as string,
    vocabularyOf: layer => options.vocabularies.get(layer) ?? null,
  };
  const define = (name: string, one: Inside) => buildFunction(name, one, code);
  const functions = [
    ...inside.map(one => define(builders.get(one.model) as string, one)),
    define('build', { model, inferred }),
  ];
  const lines = functions.flatMap(body => ['', '', ...body]);
  return [...head(model, lines, options), ...lines, '', '', ...ending(options), ''].join('\n');
}

function head(model: Model, lines: readonly string[], { dialect, about }: PythonOptions): string[] {
  const own = [...new Set(customClasses(model))].sort();
  return [
    `"""${about.replaceAll('\\', '\\\\').replaceAll('"', "'")}"""`,
    'import os',
    '',
    ...(lines.some(line => /\btf\.(?!keras)/.test(line)) ? ['import tensorflow as tf'] : []),
    ...dialect.imports,
    ...(own.length > 0
      ? [
          '',
          '# Your own classes: put the module that defines them here.',
          `from custom_objects import ${own.join(', ')}`,
        ]
      : []),
  ];
}

function ending({ weights }: PythonOptions): string[] {
  return [
    'model = build()',
    "here = os.path.dirname(globals().get('__file__', ''))  # In a notebook: where it runs.",
    `model.load_weights(os.path.join(here, ${text(weights)}))`,
  ];
}

function customClasses(model: Model): string[] {
  const visit = (layer: Layer): string[] => [
    ...(layer.origin === 'custom' ? [layer.className] : []),
    ...(layer.model ? customClasses(layer.model) : []),
    ...(Object.values(layer.sublayers).flat() as Layer[]).flatMap(visit),
  ];
  return model.layers.flatMap(visit);
}

function buildFunction(name: string, { model, inferred }: Inside, code: LayerCode): string[] {
  const body = model.className === 'Sequential' ? sequentialLines(model, code) : functionalLines(model, inferred, code);
  return [`def ${name}():`, ...body.map(line => `    ${line}`)];
}

/** Models used as layers or held by them, innermost first: each is built by a function of its own. */
function modelsInside(model: Model, inferred: InferredModel): Inside[] {
  const visit = (layer: Layer, known: InferredLayer | undefined): Inside[] => {
    const held = Object.entries(layer.sublayers).flatMap(([key, inner]) => {
      const described = [known?.sublayers[key] ?? []].flat() as InferredLayer[];
      return ([inner].flat() as Layer[]).flatMap((one, at) => visit(one, described[at]));
    });
    if (!layer.model) return held;
    const graph = known?.model ?? { layers: [], inputs: [], outputs: [], root: null };
    return [...held, ...modelsInside(layer.model, graph), { model: layer.model, inferred: graph }];
  };
  return model.layers.flatMap((layer, at) => visit(layer, inferred.layers[at]));
}

function builderNames(inside: readonly Inside[]): Map<Model, string> {
  const taken = new Set<string>();
  return new Map(
    inside.map(({ model }) => {
      const plain = `build_${identifier(model.name)}`;
      let name = plain;
      for (let count = 1; taken.has(name); count += 1) name = `${plain}_${count}`;
      taken.add(name);
      return [model, name] as const;
    }),
  );
}
