/**
 * Definitions to fill in for every custom object that an artefact needs: the config's keys as fields, the stored
 * weights with their shapes, and a `call` that says what is still to be written.
 */

import type { Artefact, CustomObject, Json, JsonObject, Layer, Model } from '../model/types.ts';
import { builtInLayer } from './registry.ts';

/** A TypeScript module with one definition for each custom object, or null where the artefact needs none. */
export function writeStubs(artefact: Artefact): string | null {
  const layers = artefact.model ? customLayers(artefact.model) : new Map<string, Layer>();
  const models = artefact.model && isCustom(artefact.model) ? [artefact.model] : [];
  const others = artefact.customObjects.filter(
    ({ name, kind }) => !layers.has(name) && !models.some(model => model.className === name) && kind !== 'layer',
  );
  const stubs = [
    ...[...layers.values()].map(layerStub),
    ...models.map(model => modelStub(model, artefact)),
    ...distinct(others).map(objectStub),
  ];
  if (stubs.length === 0) return null;
  const used = [
    ...['defineLayer', 'defineModel', 'defineActivation', 'defineLoss', 'defineMetric', 'defineNamed'],
    ...['bool', 'float', 'int', 'json', 'list', 'nullable', 'text'],
  ].filter(name => stubs.some(stub => new RegExp(`\\b${name}\\(`).test(stub)));
  const head = `/** Custom objects of ${oneLine(artefact.name)}, to be filled in. Give this file with --custom. */\n\nimport { ${used.join(', ')} } from 'loadstone';\n`;
  return `${[head, ...stubs].join('\n')}`;
}

function isCustom(model: Model): boolean {
  return model.origin === 'custom' && model.layers.length === 0;
}

/** The first layer of every custom class, wherever in the model it stands. */
function customLayers(model: Model, found = new Map<string, Layer>()): Map<string, Layer> {
  const visit = (layer: Layer): void => {
    if (layer.origin === 'custom' && !layer.model && !builtInLayer(layer.className) && !found.has(layer.className)) {
      found.set(layer.className, layer);
    }
    for (const inner of Object.values(layer.sublayers).flat() as readonly Layer[]) visit(inner);
    if (layer.model) customLayers(layer.model, found);
  };
  model.layers.forEach(visit);
  return found;
}

function distinct(objects: readonly CustomObject[]): readonly CustomObject[] {
  return objects.filter(({ name }, index) => objects.findIndex(other => other.name === name) === index);
}

/** Keys that every layer's config has; no constructor argument of the user's. */
const commonKeys = new Set(['name', 'trainable', 'dtype', 'batch_shape', 'batch_input_shape', 'build_config']);

function argumentsOf(config: JsonObject): readonly (readonly [string, Json])[] {
  return Object.entries(config).filter(([key]) => !commonKeys.has(key) && /^[A-Za-z_]\w*$/.test(key));
}

function layerStub(layer: Layer): string {
  const given = argumentsOf(layer.config);
  const weights = layer.weights.filter(({ name }) => /^\w+$/.test(name));
  const names = weights.map(({ name }) => toCamelCase(name)).join(', ');
  const sizes: readonly Json[] = weights.flatMap(({ shape }) => shape ?? []);
  const comment = weights.map(({ name, shape }) => `${name} (${shape?.join(', ') ?? '?'})`).join(', ');
  return [
    `/** Layer ${oneLine(quote(layer.name))}${comment && `; weights stored: ${oneLine(comment)}`}. */`,
    `export const ${identifier(layer.className)} = defineLayer({`,
    `  name: ${quote(layer.registeredName ?? layer.className)},`,
    `  config: { ${given.map(([key, value]) => `${toCamelCase(key)}: ${fieldOf(value, sizes.includes(value))}`).join(', ')} },`,
    ...(weights.length > 0
      ? [
          `  weights: (${configNames(
            given,
            weights.flatMap(({ shape }) => shape ?? []),
          )}, [x]) => ({`,
        ]
      : []),
    ...weights.map(
      ({ name, shape }) => `    ${toCamelCase(name)}: [${(shape ?? []).map(size => sizeOf(size, given)).join(', ')}],`,
    ),
    ...(weights.length > 0 ? ['  }),'] : []),
    `  call: (config, { ${names} }, [x], ops) => {`,
    `    throw new Error(${quote(`${layer.className}: write here what it computes, in operations such as ops.add(x, y)`)});`,
    '  },',
    '});',
    '',
  ].join('\n');
}

/** Config values that name one of these sizes come by name; others are not taken apart. */
function configNames(given: readonly (readonly [string, Json])[], sizes: readonly number[]): string {
  const used = given
    .filter(([, value]) => typeof value === 'number' && sizes.includes(value))
    .map(([key]) => toCamelCase(key));
  return used.length > 0 ? `{ ${used.join(', ')} }` : '_config';
}

/** A size as the argument that has this value, or as the number stored. */
function sizeOf(size: number, given: readonly (readonly [string, Json])[]): string {
  const named = given.find(([, value]) => value === size);
  return named ? toCamelCase(named[0]) : `${size} /* perhaps x.at(-1) */`;
}

function modelStub(model: Model, { tensors }: Artefact): string {
  const given = argumentsOf(model.config ?? {});
  return [
    `/** Model ${oneLine(quote(model.name))}. Its layers go under the attributes that the class keeps them in. Stored:`,
    ...tensors.map(({ path, shape }) => ` * ${oneLine(path)} (${shape.join(', ')})`),
    ' */',
    `export const ${identifier(model.className)} = defineModel({`,
    `  name: ${quote(model.registeredName ?? model.className)},`,
    `  config: { ${given.map(([key, value]) => `${toCamelCase(key)}: ${fieldOf(value, true)}`).join(', ')} },`,
    "  sublayers: config => ({ /* dense: { className: 'Dense', config: { units: 2 } } */ }),",
    '  call: (config, weights, [x], ops, { sublayers }) => {',
    `    throw new Error(${quote(`${model.className}: call its layers here, as in sublayers.dense.call([x]).outputs`)});`,
    '  },',
    '});',
    '',
  ].join('\n');
}

function objectStub({ name, kind }: CustomObject): string {
  const exported = `export const ${identifier(name)} =`;
  if (kind === 'activation' || kind === 'function') {
    const message = quote(`${name}: write here what it computes, in operations such as ops.tanh(x)`);
    return `${exported} defineActivation({\n  name: ${quote(name)},\n  call: (x, ops) => {\n    throw new Error(${message});\n  },\n});\n`;
  }
  if (kind === 'loss') return `${exported} defineLoss({ name: ${quote(name)} });\n`;
  if (kind === 'metric') return `${exported} defineMetric({ name: ${quote(name)} });\n`;
  if (kind === 'layer' || kind === 'model')
    return `${exported} defineModel({ name: ${quote(name)}, config: {}, call: (config, weights, [x]) => x });\n`;
  return `${exported} defineNamed(${quote(kind)}, ${quote(name)});\n`;
}

/** The field that reads such a value, with the value stored as its default; 2 may be 2.0 unless it is a size. */
function fieldOf(value: Json, isSize: boolean): string {
  if (value === null) return 'json()';
  if (typeof value === 'boolean') return `bool(${value})`;
  if (typeof value === 'string') return `text(${quote(value)})`;
  if (typeof value === 'number' && Number.isFinite(value))
    return Number.isInteger(value) && isSize ? `int(${value})` : `float(${value})`;
  if (Array.isArray(value) && value.length > 0 && value.every(Number.isInteger))
    return `list(int(), ${JSON.stringify(value)})`;
  return 'json()';
}

function toCamelCase(name: string): string {
  const joined = name.replace(/^_+/, '').replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  return /^[A-Za-z_]/.test(joined) ? joined : `_${joined}`;
}

/** A name in the module: what no identifier may hold becomes `_`. */
function identifier(name: string): string {
  const cleaned = name.replace(/\W/g, '_');
  return /^[A-Za-z_]/.test(cleaned) ? cleaned : `_${cleaned}`;
}

/** A string literal that cannot end early, whatever the file called its layers. */
function quote(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Text that cannot end a comment. */
function oneLine(value: string): string {
  return value.replace(/[\r\n\u2028\u2029]+/g, ' ').replaceAll('*/', '* /');
}
