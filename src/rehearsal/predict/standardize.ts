/** `standardize_input_data`: how Keras 1, Keras 2 and tf.keras up to 2.1 check arrays before anything is computed. */

import type { TensorSpec } from '../../model/types.ts';
import { raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { type Run, since } from '../run.ts';
import type { GivenInput } from './given.ts';

export function standardize(run: Run, specs: readonly TensorSpec[], inputs: readonly GivenInput[]): void {
  if (inputs.length !== specs.length) return countDiffers(run, specs, inputs);
  for (const [index, spec] of specs.entries()) {
    const given = inputs[index]!.shape;
    const shape = given.length === 1 ? [given[0]!, 1] : given;
    if (shape.length !== spec.shape.length) rankDiffers(run, spec, shape);
    const [, ...wanted] = spec.shape;
    const [, ...found] = shape;
    if (wanted.some((size, axis) => size !== null && size !== 0 && size !== found[axis])) sizeDiffers(run, spec, shape);
  }
}

/** Names the argument that was checked: `predict` of Keras 2 up to 2.1 forgets to say which. */
function checked(run: Run): string {
  if (run.environment.line === 'keras1') return 'Error when checking ';
  return run.environment.line === 'keras2' && !since(run, '2.2') ? 'Error when checking ' : 'Error when checking input';
}

function countDiffers(run: Run, specs: readonly TensorSpec[], inputs: readonly GivenInput[]): void {
  const failure = 'input-shape-mismatch-predict';
  const facts = { failure, evidence: { text: countText(specs, inputs), where: null, offset: null } };
  // tf.keras takes what it needs of a longer list.
  if (run.environment.line === 'tf.keras' && inputs.length > specs.length) return;
  const named = run.environment.line === 'keras2' && since(run, '2.2') ? 'input' : '';
  raise(
    'ValueError',
    `Error when checking model ${named}: the list of Numpy arrays that you are passing to your model is not the size the model expected. Expected to see ${specs.length} array(s), but instead got the following list of ${inputs.length} arrays: [array(...`,
    facts,
  );
}

export function countText(specs: readonly TensorSpec[], inputs: readonly GivenInput[]): string {
  return `the model takes ${specs.length} input(s) (${specs.map(spec => spec.name).join(', ')}), ${inputs.length} given`;
}

function rankDiffers(run: Run, spec: TensorSpec, found: readonly number[]): never {
  raise(
    'ValueError',
    `${checked(run)}: expected ${spec.name} to have ${spec.shape.length} dimensions, but got array with shape ${reprShape(found)}`,
    shapeFacts(spec, found),
  );
}

function sizeDiffers(run: Run, spec: TensorSpec, found: readonly number[]): never {
  const whole = run.environment.line === 'keras1' || (run.environment.line === 'keras2' && !since(run, '2.1'));
  const [wanted, given] = whole ? [spec.shape, found] : [spec.shape.slice(1), found.slice(1)];
  raise(
    'ValueError',
    `${checked(run)}: expected ${spec.name} to have shape ${reprShape(wanted)} but got array with shape ${reprShape(given)}`,
    shapeFacts(spec, found),
  );
}

export function shapeFacts(spec: TensorSpec, found: readonly number[]) {
  return {
    failure: 'input-shape-mismatch-predict',
    evidence: {
      text: `input "${spec.name}" takes ${reprShape(spec.shape)}, given is ${reprShape(found)}`,
      where: null,
      offset: null,
    },
  };
}
