/**
 * What of a program can be called, and which of it stands for the model: Keras hangs the model's own call on the root,
 * with its arguments in the order that the model has; signatures take them by name.
 */

import { LoadstoneError } from '../findings/errors.ts';
import { childOf } from './object-graph.ts';
import type { Program } from './program.ts';
import { isSpec, leavesOf } from './structure.ts';
import { type Callable, concreteFunction, signaturesOf } from './trace.ts';

const usualSignature = 'serving_default';

/** The signature of that name. Throws `usage` with the names that there are. */
export function signatureNamed(program: Program, name: string): Callable {
  const signatures = signaturesOf(program);
  const found = signatures.get(name);
  if (found) return found;
  throw new LoadstoneError('usage', `there is no signature "${name}"`, {
    where: program.name,
    do: signatures.size === 0 ? 'It has no signatures at all.' : `Give one of: ${[...signatures.keys()].join(', ')}.`,
  });
}

/**
 * What a call of the model is: the root's own call as it was traced for inference, else its usual signature, else its
 * only one. Throws `usage` where there is none, or several and none of them is usual.
 */
export function defaultCallable(program: Program): Callable {
  const signatures = signaturesOf(program);
  const usual = signatures.get(usualSignature) ?? (signatures.size === 1 ? [...signatures.values()][0] : undefined);
  const root = rootCall(program, usual);
  if (root) return root;
  if (usual) return usual;
  throw new LoadstoneError('usage', 'there is nothing in it that stands for the model', {
    where: program.name,
    do:
      signatures.size === 0
        ? 'It holds no signature and no function of its root.'
        : `Give --signature, one of: ${[...signatures.keys()].join(', ')}.`,
  });
}

/**
 * The root's call for inference, with the inputs' names from the signature where it says them. A root that takes other
 * things than its usual signature (a module with several functions) does not stand for it.
 */
function rootCall(program: Program, usual: Callable | undefined): Callable | null {
  const nodes = program.metaGraph.objects?.nodes;
  const names = nodes?.[0] ? (childOf(nodes, nodes[0], '__call__')?.function?.concreteFunctions ?? []) : [];
  const variants = names
    .map(name => ({ name, training: trainingOf(program, name) }))
    .sort((a, b) => Number(a.training) - Number(b.training));
  for (const { name } of variants) {
    const callable = concreteFunction(program, name, usual?.name ?? '__call__');
    if (callable && (!usual || sameInputs(callable, usual))) return usual ? renamed(callable, usual) : callable;
  }
  return null;
}

/** True for a variant traced with some argument true, which `training` is. */
function trainingOf(program: Program, name: string): boolean {
  const leaves = leavesOf(program.metaGraph.objects?.concreteFunctions.get(name)?.canonicalizedInputSignature);
  return leaves.some(leaf => !isSpec(leaf) && leaf.plain === true);
}

function sameInputs(a: Callable, b: Callable): boolean {
  const key = ({ inputs }: Callable) =>
    inputs
      .map(({ shape, dtype }) => `${dtype} ${shape}`)
      .sort()
      .join();
  return a.inputs.length === b.inputs.length && a.outputs.length === b.outputs.length && key(a) === key(b);
}

/** Names of the usual signature, where its order of inputs (and of outputs) is the call's by shape or name. */
function renamed(callable: Callable, usual: Callable): Callable {
  const fits = (ports: Callable['inputs'], named: Callable['inputs']) =>
    ports.every(({ shape, dtype }, at) => named[at]!.dtype === dtype && String(named[at]!.shape) === String(shape));
  const inputs = fits(callable.inputs, usual.inputs)
    ? callable.inputs.map((port, at) => ({ ...port, name: usual.inputs[at]!.name }))
    : callable.inputs;
  const single = callable.outputs.length === 1;
  const outputs = single ? [{ ...callable.outputs[0]!, name: usual.outputs[0]!.name }] : callable.outputs;
  return { ...callable, inputs, outputs };
}
