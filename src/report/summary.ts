/**
 * A description as people read it: the table known from `model.summary()`, and what Keras never says: who wrote the
 * file, which layers hold the memory, what custom objects it needs, what is wrong with it.
 */

import type { Json } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import type { Description, LayerDescription, ModelDescription, Problem } from './description.ts';
import { byteSize, type Column, grouped, tableLines } from './table.ts';
import { signatureLines, variableLines } from './tensorflow.ts';
import { unknownShapeLines } from './unknown-shapes.ts';

const formatNames: Readonly<Record<Description['format'], string>> = {
  'keras-h5': 'a whole model in HDF5',
  'keras-h5-weights': 'weights in HDF5, without a model',
  'keras-v3': 'a .keras archive',
  'keras-v3-weights': 'weights in HDF5 (v3 layout), without a model',
  'saved-model': 'a SavedModel of TensorFlow',
  checkpoint: 'a checkpoint of TensorFlow: variables without a model',
  'architecture-json': 'an architecture in JSON, without weights',
  'architecture-yaml': 'an architecture in YAML, without weights',
  'tfjs-layers': 'a layers model of TensorFlow.js',
  unknown: 'of unknown format',
};

/** How parts of the report stand out; the plain one leaves all as it is. */
export interface Style {
  heading(text: string): string;
  bad(text: string): string;
  quiet(text: string): string;
}

const plainStyle: Style = { heading: text => text, bad: text => text, quiet: text => text };

/** The whole report. */
export function summaryText(description: Description, style: Style = plainStyle): string {
  const { model, tensors, variables, signatures } = description;
  return [
    style.heading(`${description.artefact}: ${formatNames[description.format]}`),
    style.quiet(`  written by ${writer(description)}`),
    // What is wrong comes first: a table of layers fills the screen.
    ...problemLines('Problems', description.integrity.problems).map(style.bad),
    '',
    ...(model ? [...modelLines(model, style), ...unknownShapeLines(model, description)] : []),
    ...(variables && variables.length > 0 ? variableLines(variables) : tensors?.length ? tensorLines(tensors) : []),
    ...trainingLines(description),
    ...memoryLines(model?.layers ?? []),
    ...customLines(description),
    ...(signatures ? signatureLines(signatures) : []),
    ...problemLines('Notes', description.notes).map(style.quiet),
  ]
    .join('\n')
    .trimEnd();
}

function writer({ savedWith }: Description): string {
  const { line, keras, tensorflow, backend, evidence } = savedWith;
  if (line === null && tensorflow) return `TensorFlow ${tensorflow}`;
  if (line === null) return `an unknown release${evidence[0] ? ` (${evidence[0]})` : ''}`;
  const name = line === 'tf.keras' || line === 'tf_keras' ? line : 'Keras';
  const facts = [
    ...(tensorflow && line === 'tf.keras' ? [`TensorFlow ${tensorflow}`] : []),
    ...(backend && backend !== 'tensorflow' ? [`backend ${backend}`] : []),
    ...(keras === null && evidence[0] ? [evidence[0]] : []),
  ];
  const version = keras ?? (line === 'keras1' ? '1' : line === 'keras2' ? '2' : line === 'keras3' ? '3' : '');
  return `${name} ${version}`.trim() + (facts.length > 0 ? ` (${facts.join(', ')})` : '');
}

function modelLines(model: ModelDescription, style: Style): string[] {
  const linear = model.layers.every((layer, index) => isNext(layer, model.layers[index - 1]));
  const columns: Column[] = [
    { title: 'Layer (type)', max: 52 },
    { title: 'Output shape', max: 34 },
    { title: 'Params', align: 'right' },
    { title: 'Memory', align: 'right' },
    ...(linear ? [] : [{ title: 'Called on', max: 40 }]),
  ];
  const rows = model.layers.flatMap(layer => layerRows(layer, 0, linear));
  const { total, trainable, nonTrainable } = model.params;
  return [
    style.heading(`Model "${model.name}" (${model.class})`),
    ...model.inputs.map(input => `  takes ${specText(input)}`),
    ...model.outputs.map(output => `  gives ${specText(output)}`),
    '',
    ...tableLines(columns, rows),
    '',
    `Parameters: ${grouped(total)} in all, ${grouped(trainable)} trainable, ${grouped(nonTrainable)} not`,
  ];
}

function specText({ name, shape, dtype }: ModelDescription['inputs'][number]): string {
  return `${name === '' ? '' : `${name}: `}${shapeText(shape)} ${dtype ?? ''}`.trimEnd();
}

function isNext(layer: LayerDescription, before: LayerDescription | undefined): boolean {
  return (
    layer.inboundLayers.length === 0 ||
    !before ||
    (layer.inboundLayers.length === 1 && layer.inboundLayers[0] === before.name)
  );
}

function layerRows(layer: LayerDescription, depth: number, linear: boolean): string[][] {
  const own = [
    `${'  '.repeat(depth)}${layer.name} (${layer.class})`,
    shapesText(layer.outputShape),
    grouped(layer.params),
    layer.bytes > 0 ? byteSize(layer.bytes) : '',
    ...(linear ? [] : [layer.inboundLayers.join(', ')]),
  ];
  return [own, ...(layer.layers ?? []).flatMap(inner => layerRows(inner, depth + 1, linear))];
}

function shapeText(shape: Shape | null): string {
  return shape ? `(${shape.map(size => size ?? 'None').join(', ')})` : '?';
}

function shapesText(shapes: LayerDescription['outputShape']): string {
  if (shapes === null) return '?';
  return shapes.some(Array.isArray)
    ? (shapes as readonly Shape[]).map(shapeText).join(', ')
    : shapeText(shapes as Shape);
}

function tensorLines(tensors: NonNullable<Description['tensors']>): string[] {
  const rows = tensors.map(({ name, shape, dtype, storage }) => [name, shapeText(shape), dtype, storage]);
  const columns = [{ title: 'Tensor', max: 80 }, { title: 'Shape' }, { title: 'dtype' }, { title: 'Storage' }];
  return [...tableLines(columns, rows), ''];
}

function trainingLines({ training }: Description): string[] {
  if (!training) return [];
  const optimizer = nameOf(training.optimizer);
  const parts = [
    ...(optimizer ? [`optimizer ${optimizer}`] : []),
    ...(training.loss === null ? [] : [`loss ${nameOf(training.loss) ?? JSON.stringify(training.loss)}`]),
    training.optimizerStateSaved ? 'state of the optimizer saved' : 'state of the optimizer not saved',
  ];
  return [`Training: ${parts.join(', ')}`];
}

function nameOf(stored: Json): string | null {
  if (typeof stored === 'string') return stored;
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null;
  const { class_name: className } = stored as { class_name?: Json };
  return typeof className === 'string' ? className.slice(className.lastIndexOf('>') + 1) : null;
}

/** The three layers with most memory, when they hold a good part of it. */
function memoryLines(layers: readonly LayerDescription[]): string[] {
  const total = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  const largest = [...layers]
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .filter(layer => layer.bytes > 0);
  if (layers.length < 4 || largest.length === 0) return [];
  const parts = largest.map(({ name, bytes }) => `${name} ${Math.round((100 * bytes) / total)} % (${byteSize(bytes)})`);
  return [`Memory: ${byteSize(total)}, most of it in ${parts.join(', ')}`];
}

function customLines({ customObjects, lambdas }: Description): string[] {
  const lines: string[] = [];
  const needs = (neededFor: 'architecture' | 'compile') => {
    const named = customObjects.filter(object => object.neededFor === neededFor);
    return named.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  };
  const [architecture, compile] = [needs('architecture'), needs('compile')];
  if (architecture) lines.push(`Needs your own: ${architecture}`);
  if (compile) lines.push(`Needs your own to train on, not to predict: ${compile}`);
  for (const { layer, python, source, safe } of lambdas) {
    const code = source?.split('\n')[0] ?? 'code without a readable source';
    lines.push(
      `Lambda "${layer}": ${code}${python ? ` (Python ${python})` : ''}${safe ? '' : ' – may do harm, see inspect --lambda'}`,
    );
  }
  return lines;
}

const shownProblems = 20;

function problemLines(title: string, problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const shown = problems.slice(0, shownProblems).map(({ problem, where, offset }) => {
    const place = [...(where ? [where] : []), ...(offset === null ? [] : [`byte ${offset}`])].join(', ');
    return `  ${problem}${place ? ` [${place}]` : ''}`;
  });
  const more = problems.length > shownProblems ? [`  … and ${problems.length - shownProblems} more`] : [];
  return ['', `${title}:`, ...shown, ...more];
}
