/** Calling a model in Keras 3: a graph checks its inputs first, a Sequential only when its layers do. */

import type { Described } from '../../artefacts/describe-model.ts';
import type { TensorSpec } from '../../model/types.ts';
import type { Shape } from '../../numbers/tensor.ts';
import { raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { type Run, since } from '../run.ts';
import { adjusted, agrees, type Refusal, refusal } from './fit.ts';
import type { GivenInput } from './given.ts';
import { countText, shapeFacts } from './standardize.ts';

export function callKeras3(
  run: Run,
  described: Described,
  specs: readonly TensorSpec[],
  inputs: readonly GivenInput[],
): void {
  const { model } = described;
  const graph = model.className !== 'Sequential';
  if (graph) checkInputs(run, model.name, specs, inputs);
  const caller = graph ? 'Functional' : 'Sequential';
  const shapes = specs.map((spec, index) => {
    const wanted = run.mistakenInput ?? spec.shape;
    const given = inputs[index]?.shape;
    const fitted = given ? adjusted(wanted, given) : wanted;
    if (!fitted) raiseRank(run, caller, { ...spec, shape: wanted }, given!);
    return [spec.shape[0] ?? null, ...fitted.slice(1)];
  });
  if (run.mistakenInput) return;
  const refused = refusal(run.raw, described, specs, shapes);
  if (refused) raiseRefused(run, caller, refused, shapeFacts(specs[0]!, inputs[0]!.shape));
}

function checkInputs(run: Run, name: string, specs: readonly TensorSpec[], inputs: readonly GivenInput[]): void {
  const named = since(run, '3.13');
  const quote = named ? "'" : '"';
  if (inputs.length !== specs.length) {
    const keys = specs.map(spec => `'${spec.name}'`).join(', ');
    const text = named
      ? `expects ${specs.length} named input(s) with keys [${keys}], but it received ${inputs.length} input tensors.`
      : `expects ${specs.length} input(s), but it received ${inputs.length} input tensors. Inputs received: [...]`;
    raise('ValueError', `Layer "${name}" ${text}`, {
      failure: 'input-shape-mismatch-predict',
      evidence: { text: countText(specs, inputs), where: null, offset: null },
    });
  }
  for (const [index, spec] of specs.entries()) {
    const given = inputs[index]!.shape;
    if (agrees(spec.shape, given)) continue;
    const which = named ? `Input ${index} with name '${spec.name}'` : `Input ${index}`;
    raise(
      'ValueError',
      `${which} of layer ${quote}${name}${quote} is incompatible with the layer: expected shape=${reprShape(spec.shape)}, found shape=${reprShape(given)}`,
      shapeFacts(spec, given),
    );
  }
}

function raiseRank(run: Run, caller: string, spec: TensorSpec, given: Shape): never {
  const tensor = `Tensor("data:0", shape=${reprShape(given)}, dtype=float32)`;
  const named = since(run, '3.13') ? ` with name '${spec.name}' and path ''` : '';
  raiseCalling(
    run,
    caller,
    `Invalid input shape for input ${tensor}${named}. Expected shape ${reprShape(spec.shape)}, but input has incompatible shape ${reprShape(given)}`,
    shapeFacts(spec, given as number[]),
  );
}

/** Layers that hand their input to a cell unchecked: there the cell computes, and fails. */
const cells = /^(LSTM|GRU|SimpleRNN)$/;

function raiseRefused(run: Run, caller: string, { layer, given, checked }: Refusal, facts: object): never {
  const { className, name } = layer;
  const shape = given ? ` Full shape received: ${reprShape(given)}` : '';
  const which = since(run, '3.13') ? `Input 0 with name 'None' of layer '${name}'` : `Input 0 of layer "${name}"`;
  const thrower = checked && cells.test(className) ? `${className}Cell` : checked ? caller : className;
  raiseCalling(run, thrower, `${which} is incompatible with the layer.${shape}`, facts);
}

/** What fails inside a `call` is told with its name and arguments, save where the backend compiles the call (JAX). */
function raiseCalling(run: Run, caller: string, text: string, facts: object): never {
  if (run.environment.backend !== 'tensorflow') raise('ValueError', text, facts);
  raise('ValueError', `Exception encountered when calling ${caller}.call().\n\n\u001b[1m${text}\u001b[0m`, facts);
}
