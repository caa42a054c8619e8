/** Inputs and outputs of an exported model: their names, dtypes and shapes, as whoever runs it sees them. */

import type { GraphProto, ValueInfoProto } from '../../containers/onnx/schema.ts';
import type { Draft } from '../../containers/protobuf/message.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { TracedModel } from '../../layers/trace.ts';
import type { Shape } from '../../numbers/tensor.ts';
import type { LoweredStage } from '../lower-stage.ts';

export interface Boundary {
  readonly inputInfo: readonly Draft<ValueInfoProto>[];
  readonly outputInfo: readonly Draft<ValueInfoProto>[];
  /** Names of outputs, and what they were called while the graph was made. */
  readonly outputs: readonly { readonly made: string; readonly name: string }[];
}

/**
 * Keras puts batches together along the first axis of every output, so an open first axis is the batch, on either side.
 * Throws `usage` where the model is made for another batch size.
 */
export function namedBoundary(
  traced: TracedModel,
  stage: LoweredStage,
  names: readonly string[],
  batchSize: number | null,
): Boundary {
  const given = [
    ...traced.inputs.map(({ spec }) => spec.shape as Shape),
    ...traced.states.map(({ shape }) => shape as Shape),
  ];
  const made = [
    ...traced.outputs.map(({ spec }) => spec.shape as Shape),
    ...traced.states.map(({ shape }) => shape as Shape),
  ];
  for (const { spec } of traced.inputs) checkBatch(spec.name, spec.shape as Shape, batchSize);
  const inputs = stage.graph.input ?? [];
  const outputs = stage.graph.output ?? [];
  return {
    inputInfo: inputs.map((info, at) => withShape(info, info.name ?? '', given[at] ?? [], batchSize)),
    outputInfo: outputs.map((info, at) => withShape(info, names[at] ?? '', made[at] ?? [], batchSize)),
    outputs: stage.outputs.map(({ name }, at) => ({ made: name, name: names[at] ?? name })),
  };
}

function checkBatch(input: string, shape: Shape, batchSize: number | null): void {
  const fixed = shape[0];
  if (batchSize === null || typeof fixed !== 'number' || fixed === batchSize) return;
  throw new LoadstoneError('usage', `the model is made for batches of ${fixed} samples`, {
    where: `input ${input}`,
    do: `Leave --batch-size out, or give ${fixed}.`,
  });
}

function withShape(
  info: NonNullable<Draft<GraphProto>['input']>[number],
  name: string,
  shape: Shape,
  batchSize: number | null,
): Draft<ValueInfoProto> {
  const dim = shape.map((size, axis) => {
    if (size !== null) return { dimValue: size };
    if (axis === 0) return batchSize === null ? { dimParam: 'batch' } : { dimValue: batchSize };
    return { dimParam: `${name}_axis_${axis}` };
  });
  const elemType = info.type?.tensorType?.elemType;
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
