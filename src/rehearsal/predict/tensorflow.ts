/** Calling a model in tf.keras from 2.2 on, and in tf_keras: the check of the model's inputs, then layer by layer while the graph is made. */

import type { Described } from '../../artefacts/describe-model.ts';
import type { TensorSpec } from '../../model/types.ts';
import { raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { type Run, since } from '../run.ts';
import { adjusted, agrees, refusal } from './fit.ts';
import type { GivenInput } from './given.ts';
import { countText, shapeFacts } from './standardize.ts';

export function callTensorflow(
  run: Run,
  described: Described,
  specs: readonly TensorSpec[],
  inputs: readonly GivenInput[],
): void {
  const { model } = described;
  const quote = since(run, '2.7') ? '"' : '';
  if (inputs.length !== specs.length) {
    raiseTraced(
      run,
      `Layer ${quote}${model.name}${quote} expects ${specs.length} input(s), but it received ${inputs.length} input tensors.`,
      {
        failure: 'input-shape-mismatch-predict',
        evidence: { text: countText(specs, inputs), where: null, offset: null },
      },
    );
  }
  // Stateful layers have a batch size of their own.
  const shapes = inputs.map(({ shape }, index) => [specs[index]?.shape[0] ?? null, ...shape.slice(1)]);
  // A Sequential checks only what its first layer does, up to 2.6; a graph checks its inputs' whole shapes from 2.4 on.
  const whole = since(run, model.className === 'Sequential' ? '2.7' : '2.4');
  for (const [index, spec] of specs.entries()) {
    const facts = shapeFacts(spec, inputs[index]!.shape);
    const given = shapes[index]!;
    if (whole && !agrees(spec.shape, given)) {
      const text = `expected shape=${reprShape(spec.shape)}, found shape=${reprShape(given)}`;
      raiseTraced(
        run,
        `Input ${index} of layer ${quote}${model.name}${quote} is incompatible with the layer: ${text}`,
        facts,
      );
    }
  }
  const first = !whole && model.className === 'Sequential';
  const fitted = specs.map((spec, index) => (first ? null : adjusted(spec.shape, shapes[index]!)) ?? shapes[index]!);
  const refused = refusal(run.raw, described, specs, fitted);
  if (!refused) return;
  const words = refused.given ? ` Full shape received: ${reprShape(refused.given)}` : '';
  raiseTraced(
    run,
    `Input 0 of layer ${quote}${refused.layer.name}${quote} is incompatible with the layer.${words}`,
    shapeFacts(specs[0]!, inputs[0]!.shape),
  );
}

/** Errors while TensorFlow traces Python into a graph come with the code they came from. */
function raiseTraced(run: Run, text: string, facts: object): never {
  const frame = since(run, '2.7')
    ? '    File "training.py", line 0, in predict_function  *'
    : '    training.py:0 predict_function  *';
  raise(
    'ValueError',
    `in user code:\n\n${frame}\n        return step_function(self, iterator)\n\n    ValueError: ${text}\n`,
    facts,
  );
}
