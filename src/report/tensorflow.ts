/**
 * What only artefacts of TensorFlow tell: the signatures of a SavedModel, and the variables of a checkpoint with the layer that
 * each belongs to, those of training told apart.
 */

import { isCheckpoint } from '../artefacts/checkpoint/read.ts';
import type { CheckpointVariable } from '../artefacts/checkpoint/variables.ts';
import { isSavedModel } from '../artefacts/saved-model/types.ts';
import type { Artefact } from '../model/types.ts';
import type { Shape } from '../numbers/tensor.ts';
import type { SignatureDescription, SignaturePort } from '../tensorflow/signature.ts';
import { grouped, tableLines } from './table.ts';

export interface VariableDescription {
  /** The variable's name in Python. */
  readonly name: string;
  /** The layer that it belongs to, as far as names and places tell. */
  readonly layer: string | null;
  readonly role: CheckpointVariable['role'];
  /** Of an optimizer's slot: which variable it is kept for, and what. */
  readonly slot: { readonly of: string; readonly name: string } | null;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Its key in the checkpoint. */
  readonly path: string;
}

export interface TensorFlowDescription {
  readonly signatures?: readonly SignatureDescription[];
  readonly variables?: readonly VariableDescription[];
}

/** Signatures of a SavedModel; variables of a checkpoint or of a SavedModel without a model. Nothing for other artefacts. */
export function describeTensorFlow(artefact: Artefact): TensorFlowDescription {
  const isSaved = isSavedModel(artefact);
  const variables = isCheckpoint(artefact) || (isSaved && !artefact.model) ? artefact.variables.map(described) : null;
  return { ...(isSaved && { signatures: artefact.signatures }), ...(variables && { variables }) };
}

function described({ name, layer, role, slot, tensor }: CheckpointVariable): VariableDescription {
  return { name, layer, role, slot, shape: tensor.shape, dtype: tensor.dtype, path: tensor.path };
}

/** `serving_default(x: (None, 4) float32) → output_0: (None, 2) float32`, one a line. */
export function signatureLines(signatures: readonly SignatureDescription[]): string[] {
  if (signatures.length === 0) return ['', 'Signatures: none'];
  const lines = signatures.map(
    ({ name, inputs, outputs }) =>
      `  ${name}(${inputs.map(portText).join(', ')}) → ${outputs.map(portText).join(', ')}`,
  );
  return ['', 'Signatures (loadstone run --signature NAME):', ...lines];
}

function portText({ name, shape, dtype, encoding }: SignaturePort): string {
  const kind = encoding === 'dense' ? '' : encoding === 'sparse' ? ' sparse' : ' ragged or of other parts';
  return `${name}: ${shapeText(shape)} ${dtype ?? 'no array'}${kind}`;
}

function shapeText(shape: Shape | null): string {
  return shape ? `(${shape.map(size => size ?? 'None').join(', ')})` : 'any shape';
}

/** The model's variables as a table, training's as a summary: there are often more of them. */
export function variableLines(variables: readonly VariableDescription[]): string[] {
  const own = variables.filter(({ role }) => role === 'model');
  const hasLayers = own.some(({ layer }) => layer !== null);
  const rows = own.map(variable => [
    ...(hasLayers ? [variable.layer ?? ''] : []),
    insideLayer(variable),
    shapeText(variable.shape),
    variable.dtype,
  ]);
  const layers = hasLayers ? [{ title: 'Layer', max: 40 }] : [];
  const columns = [...layers, { title: 'Variable', max: 70 }, { title: 'Shape' }, { title: 'dtype' }];
  const total = own.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return [
    ...(own.length > 0
      ? [
          ...tableLines(columns, rows),
          '',
          `${own.length} ${own.length === 1 ? 'variable' : 'variables'}, ${grouped(total)} numbers`,
        ]
      : []),
    ...trainingLines(variables),
  ];
}

/** The name without the layer's; the place where no layer is known, for then many share a name. */
function insideLayer({ name, layer, path }: VariableDescription): string {
  if (layer === null) return keyText(path);
  return keyText(name.startsWith(`${layer}/`) ? name.slice(layer.length + 1) : name);
}

function keyText(key: string): string {
  return key.replace(/\/\.ATTRIBUTES\/VARIABLE_VALUE$/, '');
}

/** Slots by their kind, the optimizer's own variables, metrics. */
function trainingLines(variables: readonly VariableDescription[]): string[] {
  const optimizer = variables.filter(({ role }) => role === 'optimizer');
  const slots = new Map<string, number>();
  for (const { slot } of optimizer) if (slot) slots.set(slot.name, (slots.get(slot.name) ?? 0) + 1);
  const own = optimizer.filter(({ slot }) => !slot).map(({ name }) => keyText(name));
  const parts = [...[...slots].map(([name, count]) => `${name} of ${count} variables`), ...own];
  const metrics = variables.filter(({ role }) => role === 'metric').length;
  return [
    ...(parts.length > 0 ? [`State of the optimizer: ${parts.join(', ')}`] : []),
    ...(metrics > 0 ? [`State of metrics: ${metrics} variables`] : []),
  ];
}
