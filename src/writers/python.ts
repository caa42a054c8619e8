/**
 * Readable Keras code that builds the same architecture and loads the weights, for today's Keras: what people paste
 * into a notebook when they have a model and no source.
 */

import type { Call, CallValue, Json, JsonObject, Layer, Model, Structure, TensorAddress } from '../model/types.ts';

export interface PythonOptions {
  /** File of weights that the code loads at its end. */
  readonly weights: string;
  /** Configs of layers in the words of the Keras that the code is for, by layer name. */
  readonly configs: ReadonlyMap<string, JsonObject>;
}

/** Arguments that say nothing where they have these values. */
const silent: Readonly<Record<string, Json>> = {
  trainable: true,
  activation: 'linear',
  use_bias: true,
  padding: 'valid',
  data_format: 'channels_last',
  groups: 1,
  seed: null,
};

export function pythonCode(model: Model, options: PythonOptions): string {
  const definitions = modelsInside(model).map(inner => buildFunction(functionName(inner), inner, options));
  return [
    'import keras',
    'from keras import layers',
    ...[...definitions, buildFunction('build', model, options)].flatMap(lines => ['', '', ...lines]),
    '',
    '',
    'model = build()',
    `model.load_weights(${text(options.weights)})`,
    '',
  ].join('\n');
}

function buildFunction(name: string, model: Model, options: PythonOptions): string[] {
  const body = model.className === 'Sequential' ? sequentialLines(model, options) : functionalLines(model, options);
  return [`def ${name}():`, ...body.map(line => `    ${line}`)];
}

/** Models used as layers or held by them, innermost first: each is built by a function of its own. */
function modelsInside(model: Model): Model[] {
  const found = model.layers.flatMap(layer => [
    ...(layer.model ? [...modelsInside(layer.model), layer.model] : []),
    ...heldModels(layer),
  ]);
  return [...new Map(found.map(inner => [functionName(inner), inner])).values()];
}

function heldModels(layer: Layer): Model[] {
  const inner = (Object.values(layer.sublayers).flat() as readonly Layer[]).filter(one => one.model !== null);
  return inner.flatMap(one => [...modelsInside(one.model as Model), one.model as Model]);
}

function functionName({ name }: Model): string {
  return `build_${name.normalize('NFKD').replace(/\W/g, '_')}`;
}

function sequentialLines(model: Model, options: PythonOptions): string[] {
  return [
    'return keras.Sequential([',
    ...model.layers.map(layer => `    ${construct(layer, options)},`),
    `], name=${text(model.name)})`,
  ];
}

function functionalLines(model: Model, options: PythonOptions): string[] {
  const names = variableNames(model);
  const lines: string[] = [];
  for (const layer of model.layers) {
    const variable = names.get(layer.name) as string;
    if (layer.className === 'InputLayer') {
      lines.push(`${variable} = ${construct(layer, options)}`);
      continue;
    }
    const maker = layer.calls.length > 1 ? `${variable}_layer` : construct(layer, options);
    if (layer.calls.length > 1) lines.push(`${maker} = ${construct(layer, options)}`);
    layer.calls.forEach((call, node) => {
      lines.push(`${outputName(variable, node, layer)} = ${maker}(${callArguments(call, names, model)})`);
    });
  }
  const ends = (structure: Structure<TensorAddress>) => structureText(structure, names, model);
  lines.push(`return keras.Model(${ends(model.inputs)}, ${ends(model.outputs)}, name=${text(model.name)})`);
  return lines;
}

/** Layer names as Python variables, each once. */
function variableNames(model: Model): Map<string, string> {
  const taken = new Set(['keras', 'layers', 'model', 'build']);
  return new Map(
    model.layers.map(({ name }) => {
      const plain =
        name
          .normalize('NFKD')
          .replace(/\W/g, '_')
          .replace(/^(?=\d)/, '_') || '_';
      let free = plain;
      for (let count = 1; taken.has(free); count += 1) free = `${plain}_${count}`;
      taken.add(free);
      return [name, free] as const;
    }),
  );
}

function outputName(variable: string, node: number, layer: Layer): string {
  return layer.calls.length > 1 ? `${variable}_${node}` : variable;
}

function callArguments(call: Call, names: ReadonlyMap<string, string>, model: Model): string {
  const positional = call.args.map(value => valueText(value, names, model));
  const named = Object.entries(call.kwargs).map(([key, value]) => `${key}=${valueText(value, names, model)}`);
  return [...positional, ...named].join(', ');
}

function valueText(value: CallValue, names: ReadonlyMap<string, string>, model: Model): string {
  if (value.kind === 'tensor') return tensorText(value.at, names, model);
  if (value.kind === 'list') return `[${value.items.map(item => valueText(item, names, model)).join(', ')}]`;
  if (value.kind === 'value') return literal(value.value);
  const entries = Object.entries(value.entries).map(([key, item]) => `${text(key)}: ${valueText(item, names, model)}`);
  return `{${entries.join(', ')}}`;
}

function tensorText(
  { layer: name, node, tensor }: TensorAddress,
  names: ReadonlyMap<string, string>,
  model: Model,
): string {
  const layer = model.layers.find(candidate => candidate.name === name) as Layer;
  const variable = outputName(names.get(name) as string, node, layer);
  return tensor > 0 || usesSeveral(model, name) ? `${variable}[${tensor}]` : variable;
}

/** True where some call takes another than the first output of the layer: its result is then a list. */
function usesSeveral(model: Model, name: string): boolean {
  return (
    JSON.stringify([model.layers.map(layer => layer.calls), model.outputs]).match(
      new RegExp(`"layer":${JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')},"node":\\d+,"tensor":[1-9]`),
    ) !== null
  );
}

function structureText(structure: Structure<TensorAddress>, names: ReadonlyMap<string, string>, model: Model): string {
  if (Array.isArray(structure)) {
    const items = (structure as readonly Structure<TensorAddress>[]).map(item => structureText(item, names, model));
    return items.length === 1 ? (items[0] as string) : `[${items.join(', ')}]`;
  }
  const address = structure as TensorAddress;
  if (typeof address.layer === 'string') return tensorText(address, names, model);
  const entries = Object.entries(structure as { [key: string]: Structure<TensorAddress> });
  return `{${entries.map(([key, item]) => `${text(key)}: ${structureText(item, names, model)}`).join(', ')}}`;
}

function construct(layer: Layer, options: PythonOptions): string {
  if (layer.model) return `${functionName(layer.model)}()`;
  const config = options.configs.get(layer.name) ?? layer.config;
  if (layer.className === 'InputLayer') return inputText(config);
  const given = Object.entries(config).filter(([key, value]) => isTold(key, value));
  const words = given.map(([key, value]) => {
    const held = layer.sublayers[key];
    const inner = Array.isArray(held) ? null : (held as Layer | undefined)?.model;
    return `${key}=${inner ? `${functionName(inner)}()` : literal(value)}`;
  });
  const home = layer.origin === 'custom' ? '' : layer.origin === 'operation' ? 'keras.ops.' : 'layers.';
  return `${home}${layer.className}(${words.join(', ')})`;
}

function inputText(config: JsonObject): string {
  const shape = Array.isArray(config.batch_shape) ? config.batch_shape : [];
  const dtype = config.dtype && config.dtype !== 'float32' ? `, dtype=${literal(config.dtype)}` : '';
  const batch = shape[0] == null ? '' : `, batch_size=${shape[0]}`;
  const sizes = shape.slice(1).map(size => literal(size));
  const tuple = sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
  return `keras.Input(shape=${tuple}${batch}${dtype}, name=${literal(config.name ?? null)})`;
}

function isTold(key: string, value: Json): boolean {
  if (value === null || /_(initializer|regularizer|constraint)$/.test(key) || key === 'dtype') return false;
  return !(key in silent) || silent[key] !== value;
}

/** A value as Python writes it; objects of Keras as calls. */
function literal(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `float(${text(String(value))})`;
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value))
    return value.length === 1 ? `(${literal(value[0] as Json)},)` : `(${value.map(literal).join(', ')})`;
  const object = value as JsonObject;
  if (typeof object.class_name === 'string' && typeof object.config === 'object' && object.config !== null) {
    const words = Object.entries(object.config).filter(([key, held]) => isTold(key, held));
    return `layers.${object.class_name}(${words.map(([key, held]) => `${key}=${literal(held)}`).join(', ')})`;
  }
  return `{${Object.entries(object)
    .map(([key, held]) => `${text(key)}: ${literal(held)}`)
    .join(', ')}}`;
}

function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}
